// The policy's text area with line numbers, colours, errors at their lines and completion.
import {
  EditorState,
  EditorView,
  HighlightStyle,
  StreamLanguage,
  autocompletion,
  bracketMatching,
  completionKeymap,
  defaultKeymap,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  history,
  historyKeymap,
  keymap,
  lineNumbers,
  lintGutter,
  setDiagnostics,
  syntaxHighlighting,
  tags,
  toml,
} from "./vendor/codemirror.min.js";

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--up)" },
  { tag: [tags.number, tags.bool, tags.atom], color: "var(--down)" },
  { tag: [tags.propertyName, tags.heading], color: "var(--accent)", fontWeight: "600" },
]);

const looks = EditorView.theme({
  "&": {
    backgroundColor: "var(--paper)",
    border: "1px solid var(--soft)",
    borderRadius: "6px",
    color: "var(--ink)",
    fontSize: "13px",
    height: "32rem",
  },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: "ui-monospace, SFMono-Regular, Menlo, monospace", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--sunk)", border: "none", color: "var(--soft)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--tint)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--line)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--paper)",
    border: "1px solid var(--line)",
    boxShadow: "var(--shadow)",
    color: "var(--ink)",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--on-accent)",
  },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "0.85" },
});

// in a `when`, facts; after `get` and `give`, theirs; elsewhere the keys of the cursor's table
const wordsAt = (context) => {
  const line = context.state.doc.lineAt(context.pos);
  const head = line.text.slice(0, context.pos - line.from);
  if (/\bwhen\s*=/.test(head)) return "facts";
  if (/\bget\s*=/.test(head)) return "gets";
  if (/\bgive\s*=/.test(head)) return "gives";
  const before = context.state.sliceDoc(0, context.pos).match(/^\s*\[+[\w.]+\]+/gm);
  return before ? before.pop().replace(/[\s[\]]/g, "") : "";
};

const completing = (words) => (context) => {
  const word = context.matchBefore(/\w+/);
  const options = words[wordsAt(context)];
  if (!options || (!word && !context.explicit)) return null;
  return { from: word ? word.from : context.pos, options };
};

const diagnosticsOf = (doc, errors) =>
  errors
    .filter((error) => error.line >= 1 && error.line <= doc.lines)
    .map(({ line, message }) => {
      const { from, to } = doc.line(line);
      return { from, to, message, severity: "error" };
    });

const edit = (area, words) => {
  const host = document.createElement("div");
  host.dataset.editor = ""; // the page's keys are off inside it
  // styles adopted by a shadow root need no inline style, which the page's policy forbids
  const root = host.attachShadow({ mode: "open" });
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        bracketMatching(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        StreamLanguage.define(toml),
        syntaxHighlighting(colours),
        autocompletion({ override: [completing(words)] }),
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ "aria-label": area.dataset.label }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) area.value = update.state.doc.toString();
        }),
        looks,
      ],
    }),
  });
  const begun = area.value;
  let sent = false;
  area.form.addEventListener("submit", () => (sent = true));
  addEventListener("beforeunload", (event) => {
    if (!sent && area.value !== begun) event.preventDefault();
  });
  area.after(host);
  area.hidden = true;
  area.required = false;
  for (const label of area.labels) label.removeAttribute("for");
  const found = diagnosticsOf(view.state.doc, JSON.parse(area.dataset.errors));
  if (!found.length) return;
  view.dispatch(setDiagnostics(view.state, found));
  view.dispatch({
    selection: { anchor: found[0].from },
    effects: EditorView.scrollIntoView(found[0].from, { y: "center" }),
  });
  view.focus();
};

const area = document.querySelector("textarea[data-words]");
if (area) {
  const answer = await fetch(area.dataset.words, { credentials: "same-origin" });
  edit(area, answer.ok ? await answer.json() : {});
}

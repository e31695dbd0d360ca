"""Templates hold one block element a line, style sheets one declaration, scripts one statement.

Stands in for djlint, stylelint and prettier: djlint checks a template's indentation but not that
two elements share a line, and the other two need Node, which nothing else here does.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 112
"""Characters of a line: 100 is the aim, a sentence may end a little later."""
VENDORED = frozenset(("codemirror.min.js", "htmx.min.js"))
_BLOCK_TAG = re.compile(
    r"<(/?)(?:html|head|body|title|meta|link|main|header|footer|nav|section|article|div|p|h[1-6]"
    r"|ul|ol|li|dl|dt|dd|table|caption|thead|tbody|tr|th|td|form|fieldset|legend|details|figure"
    r"|figcaption|iframe|pre)\b"
)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\[\[.*?\]\]|\[%.*?%\]", re.DOTALL)
_STYLE = re.compile(r"(<style>)(.*?)(</style>)", re.DOTALL)
_CSS_NOISE = re.compile(r"/\*.*?\*/|\"[^\"]*\"|'[^']*'|\([^()]*\)", re.DOTALL)
_JS_NOISE = re.compile(
    r"//[^\n]*|/\*.*?\*/|`[^`]*`|\"[^\"\n]*\"|'[^'\n]*'|\bfor \([^{]*?\)", re.DOTALL
)


def _blank(match: re.Match[str]) -> str:
    """Filler without meaning; its line breaks are kept, so that line numbers hold."""
    return re.sub(r"[^\n]", "_", match[0])


def html_faults(source: str) -> list[tuple[int, str]]:
    """Line and fault of a template: block elements that share a line, faults of its style sheet."""
    faults = []
    for style in _STYLE.finditer(source):
        before = source[: style.start(2)].count("\n")
        faults += [(before + line, fault) for line, fault in css_faults(style[2])]
    markup = _STYLE.sub(lambda style: style[1] + _blank(style) + style[3], source)
    for number, line in enumerate(_JINJA.sub(_blank, markup).split("\n"), start=1):
        ends = [end == "/" for end in _BLOCK_TAG.findall(line)]
        if ends not in ([], [True], [False], [False, True]):
            faults.append((number, "two block elements"))
    return faults


def css_faults(source: str) -> list[tuple[int, str]]:
    """Line and fault of a style sheet: two declarations, or a rule's brace and a declaration."""
    faults = []
    for number, line in enumerate(_CSS_NOISE.sub(_blank, source).split("\n"), start=1):
        parts = [part for part in re.split(r"[;{}]", line) if part.strip()]
        if len(parts) > 1 or (parts and "}" in line) or len(re.findall(r"[{}]", line)) > 1:
            faults.append((number, "two declarations"))
    return faults


def js_faults(source: str) -> list[tuple[int, str]]:
    """Line and fault of a script: something follows a statement's semicolon."""
    return [
        (number, "two statements")
        for number, line in enumerate(_JS_NOISE.sub(_blank, source).split("\n"), start=1)
        if re.search(r";\s*[^\s;_]", line)
    ]


def faults(path: str, source: str) -> list[tuple[int, str]]:
    """Line and fault of a file of any of the three kinds."""
    long = [
        (number, f"{len(line)} characters")
        for number, line in enumerate(source.split("\n"), start=1)
        if len(line) > LONGEST
    ]
    check = {".html": html_faults, ".css": css_faults, ".js": js_faults}[Path(path).suffix]
    return sorted(long + check(source))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("a.html", "<ul>\n  <li>one</li><li>two</li>\n</ul>"),
        ("a.html", "<section><h1>Title</h1>\n</section>"),
        ("a.html", "<div>\n  text</div></section>"),
        ("a.html", "<tr>\n</tr><tr>\n</tr>"),
        ("a.html", "{% if x %}<p>one</p>{% else %}<p>two</p>{% endif %}"),
        ("a.html", "<style>\n  a { margin: 0; padding: 0; }\n</style>"),
        ("a.html", "<p>" + "word " * 30 + "</p>"),
        ("a.css", "a { color: red; }"),
        ("a.css", "a {\n  color: red; margin: 0;\n}"),
        ("a.css", "a {\n  color: red; }\nb {\n  color: red;\n}"),
        ("a.css", "a {\n  color: red;\n} b {\n  margin: 0;\n}"),
        ("a.js", "first(); second();"),
        ("a.js", "const f = () => { first(); second(); };"),
    ],
)
def test_what_hides_in_a_line_is_seen(path: str, source: str) -> None:
    assert faults(path, source) != []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("a.html", '<ul>\n  {% if x %}\n  <li><a href="/">{{ x["<p><p>"] }}</a></li>\n</ul>'),
        ("a.html", "<p><b>Why:</b> because <code>a</code>.</p>"),
        ("a.html", '<input name="a"\n  value="b">\n<button>Save</button>'),
        ("a.css", 'a::before {\n  content: "; {";\n  color: rgb(0 0 0 / 0.1);\n}\n'),
        ("a.css", "@media print {\n  a,\n  b {\n    font:\n      1px a,\n      b;\n  }\n}\n"),
        ("a.js", 'for (let i = 0; i < 3; i++) {\n  say("a; b"); // twice; at most\n}\n'),
        ("a.js", "const f = (x) => {\n  if (!x) return;\n  go(`${x}; y`);\n};\n"),
    ],
)
def test_what_reads_line_by_line_is_left_alone(path: str, source: str) -> None:
    assert faults(path, source) == []


def test_every_page_mail_sheet_and_script_reads_line_by_line() -> None:
    paths = [
        path
        for package in ("service", "scoring", "offers")
        for path in sorted((ROOT / package).rglob("*.*"))
        if path.suffix in (".html", ".css", ".js") and path.name not in VENDORED
    ]
    kinds = {path.suffix for path in paths}

    assert kinds == {".html", ".css", ".js"}
    assert [
        f"{path.relative_to(ROOT)}:{line} {fault}"
        for path in paths
        for line, fault in faults(path.name, path.read_text(encoding="utf-8"))
    ] == []

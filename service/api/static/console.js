// What the console does beyond plain forms: a key for each action, due times that count, copying.
(() => {
  "use strict";

  const typing = (element) =>
    element.closest("input:not([type=radio], [type=checkbox]), textarea, select, [data-editor]");

  const open = (details) => {
    for (const other of document.querySelectorAll("details.act[open]"))
      other.open = other === details;
    details.open = true;
    const first = (kind) => details.querySelector(kind);
    (first("input[type=radio]") || first(".pop button") || first("summary")).focus();
  };

  const find = document.getElementById("find");
  const found = document.getElementById("found");
  const rows = () => [...document.querySelectorAll("main tbody tr:has(a)")];

  // through what was found, and with j and k through a list's rows
  const step = (links, by) => {
    const at = links.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
    if (next >= 0 && next < links.length) links[next].focus();
    return links.length > 0;
  };

  document.addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !typing(event.target);
    if (find && (slash || (event.key === "k" && (event.ctrlKey || event.metaKey)))) {
      event.preventDefault();
      find.focus();
      find.select();
      return;
    }
    if (found && event.target.closest(".find")) {
      if (event.key === "Escape") {
        found.replaceChildren();
        find.blur();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        step([...found.querySelectorAll("a")], event.key === "ArrowDown" ? 1 : -1);
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "Escape") {
      for (const details of document.querySelectorAll("details.act[open]")) {
        details.open = false;
        details.querySelector("summary").focus();
      }
      return;
    }
    if (event.key === "?") {
      const keys = document.getElementById("keys");
      if (!keys) return;
      event.preventDefault();
      keys.open = !keys.open;
      if (keys.open) keys.scrollIntoView({ block: "nearest" });
      return;
    }
    const done = document.querySelector("#act-done[open]");
    if (done && /^[0-9]$/.test(event.key)) {
      const choice = done.querySelectorAll("input[type=radio]")[(Number(event.key) || 10) - 1];
      if (choice) {
        event.preventDefault();
        choice.checked = true;
        choice.focus();
      }
      return;
    }
    if (event.key === "j" || event.key === "k") {
      const links = rows().map((row) => row.querySelector("a"));
      if (step(links, event.key === "j" ? 1 : -1)) event.preventDefault();
      return;
    }
    if (!/^[a-z]$/.test(event.key)) return;
    const target = document.querySelector(`[data-key="${event.key}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("details")) open(target);
    else target.click();
  });

  const copy = async (button) => {
    const text = button.closest(".ready").querySelector("pre");
    getSelection().selectAllChildren(text);
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      document.execCommand("copy"); // a plain http address has no clipboard of its own
    }
    button.textContent = "Copied";
  };

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }

  // what a figure that follows the typing makes needless; Enter still presses it
  for (const button of document.querySelectorAll("[data-without-script]")) button.hidden = true;

  const spelled = (seconds) => {
    const s = Math.floor(Math.abs(seconds));
    const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
    const two = (n) => String(n).padStart(2, "0");
    if (d > 1) return `${d} days`;
    return `${d * 24 + h ? `${d * 24 + h}:${two(m)}` : m}:${two(s % 60)}`;
  };

  // a time hours away needs no seconds
  const about = (seconds) => {
    const minutes = Math.floor(Math.abs(seconds) / 60);
    return minutes < 90 || minutes >= 48 * 60
      ? spelled(seconds)
      : `${Math.round(minutes / 60)} h`;
  };

  // times of the page in the reader's zone; the file and the page without a script keep UTC
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const local = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
  const localise = (part) => {
    for (const time of part.querySelectorAll("time[data-at]")) {
      time.title = `${time.textContent} UTC`;
      time.textContent = local.format(new Date(time.dateTime));
      time.removeAttribute("data-at");
    }
  };
  localise(document);
  document.addEventListener("htmx:load", (event) => localise(event.detail.elt));
  const named = document.getElementById("zone");
  if (named && zone) named.textContent = zone.replaceAll("_", " ");

  const tick = () => {
    for (const time of document.querySelectorAll("time[data-due]")) {
      const left = (new Date(time.dateTime) - Date.now()) / 1000;
      time.textContent = `${left < 0 ? "late by" : "in"} ${about(left)}`;
      time.parentElement.classList.toggle("alarm", left < 0);
    }
    for (const time of document.querySelectorAll("time[data-until]")) {
      const left = (new Date(time.dateTime) - Date.now()) / 1000;
      time.textContent =
        left < 0 ? "until just now: claim it again" : `for another ${spelled(left)}`;
    }
  };
  tick();
  setInterval(tick, 1000);
})();

// Beside an instant in somebody's zone: the same by the clock of who reads.
"use strict";
for (const told of document.querySelectorAll("time[data-yours]")) {
  const at = new Date(told.dateTime);
  const say = (zone) =>
    new Intl.DateTimeFormat(document.documentElement.lang, {
      dateStyle: "long",
      timeStyle: "short",
      timeZone: zone,
    }).format(at);
  const yours = say(undefined);
  if (yours === say(told.dataset.zone)) continue;
  const note = document.createElement("span");
  note.className = "small";
  note.textContent = ` (${told.dataset.yours.replace("{time}", yours)})`;
  told.after(note);
}

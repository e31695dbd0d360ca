// The price follows the seats: the server works it out, and this page shows its answer.
"use strict";
const form = document.getElementById("price");
const seats = document.getElementById("seats");
const slider = document.getElementById("slider");
const priced = document.getElementById("priced");
let newest = 0;

async function recompute() {
  if (!form.reportValidity()) return;
  const asked = ++newest;
  const answer = await fetch("?seats=" + encodeURIComponent(seats.value));
  if (!answer.ok) return;
  const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = shown.getElementById("priced");
  if (asked !== newest || !fresh) return;
  priced.replaceChildren(...fresh.children);
  const forYou = document.getElementById("for-you");
  const freshForYou = shown.getElementById("for-you");
  if (forYou && freshForYou) forYou.textContent = freshForYou.textContent;
}

if (form && seats && slider && priced) {
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(recompute, 150);
  };
  slider.hidden = false;
  document.getElementById("recompute").hidden = true;
  slider.addEventListener("input", () => {
    seats.value = slider.value;
    soon();
  });
  seats.addEventListener("input", () => {
    slider.value = seats.value;
    soon();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.formMethod === "post") return;
    event.preventDefault();
    recompute();
  });
}

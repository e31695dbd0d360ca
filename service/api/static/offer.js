// The price follows the seats: the server works it out, and this page shows its answer.
"use strict";
const form = document.getElementById("price");
const seats = document.getElementById("seats");
const slider = document.getElementById("slider");
const priced = document.getElementById("priced");
const wrong = document.getElementById("seats-wrong");
let newest = 0;

// A number that has no price says so at once; the price beside it is the last one's.
function check() {
  const isRight = seats.checkValidity();
  wrong.hidden = isRight;
  seats.setAttribute("aria-invalid", String(!isRight));
  priced.classList.toggle("stale", !isRight);
  if (!isRight) newest += 1;
  return isRight;
}

async function recompute() {
  if (!check()) return;
  const asked = ++newest;
  const chosen = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.getAttribute("action") + "?" + chosen);
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
    if (check()) soon();
    else clearTimeout(waiting);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.formMethod === "post") return;
    event.preventDefault();
    recompute();
  });
}

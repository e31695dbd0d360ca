// Giveget on your site: page views and your own events, only after consent.
// giveget.consent() when a visitor agrees (false when they take it back), giveget.track("name"),
// giveget.id() for the sign-up's external_ids.anonymous. No cookie before consent.
(() => {
  "use strict";
  const tag = document.currentScript;
  const to = new URL("/v1/site", tag.src).href;
  const name = "giveget_id";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const keep = (value, age) => {
    document.cookie = `${name}=${value}; Max-Age=${age}; Path=/; SameSite=Lax${secure}`;
  };
  const fresh = () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  let id = (document.cookie.match(/(?:^|; )giveget_id=([0-9a-f]{32})/) || [])[1];
  let seen;

  const track = (what) => {
    if (!id) return;
    const event = { id: fresh(), name: String(what).slice(0, 100), at: new Date().toISOString(), path: location.pathname };
    const body = JSON.stringify({ key: tag.dataset.key, anonymous: id, consent: true, events: [event] });
    fetch(to, { method: "POST", body, keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" } }).catch(() => {});
  };
  const page = () => {
    if (id && seen !== location.pathname) track(`viewed ${(seen = location.pathname)}`);
  };
  const consent = (given = true) => {
    if (given && !id) keep((id = fresh()), 15552000);
    if (!given) {
      keep("", 0);
      id = seen = undefined;
    }
    page();
  };
  const push = history.pushState;
  history.pushState = function (...all) {
    push.apply(this, all);
    page();
  };
  addEventListener("popstate", page);
  window.giveget = { consent, track, id: () => id };
  dispatchEvent(new Event("giveget"));
  page();
})();

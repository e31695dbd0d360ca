// Giveget on your site: page views and your own events, only after consent, no cookie before it.
(() => {
  "use strict";
  const tag = document.currentScript;
  const to = new URL("/v1/site", tag.src).href;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const keep = (value, age) => {
    document.cookie = `giveget_id=${value}; Max-Age=${age}; Path=/; SameSite=Lax${secure}`;
  };
  const fresh = () => {
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
    return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  let id = (document.cookie.match(/\bgiveget_id=([0-9a-f]{32})/) || [])[1];
  let seen;

  const track = (what) => {
    if (!id) return;
    const event = {
      id: fresh(),
      name: String(what).slice(0, 100),
      at: new Date().toISOString(),
      path: location.pathname,
    };
    const told = { key: tag.dataset.key, anonymous: id, consent: true, events: [event] };
    fetch(to, {
      method: "POST",
      body: JSON.stringify(told),
      keepalive: true,
      credentials: "omit",
      headers: { "Content-Type": "text/plain" },
    }).catch(() => {});
  };
  const page = () => {
    if (seen === location.pathname) return;
    if (id) seen = location.pathname;
    track(`viewed ${seen}`);
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

/**
 * A notice on a page that cannot connect: it needs a websocket, and shows nothing without one.
 *
 * Runs before the page's own scripts, and listens to the websockets that they open.
 */
(() => {
  const SECONDS = 10;
  const notice = document.createElement("div");
  notice.setAttribute("role", "alert");
  notice.style.cssText =
    "position: fixed; inset: 0 0 auto; z-index: 1000000; padding: 1rem; color-scheme: light dark; " +
    "font: 1rem/1.5 sans-serif; color: CanvasText; background: Canvas; border-bottom: 4px solid #b35f00";
  const missing = setTimeout(() => {
    document.body.append(notice);
    notice.textContent =
      `This page has not been able to connect to ${location.host} for ${SECONDS} seconds. It needs a ` +
      "websocket, which a proxy, a firewall or an extension of your browser may block. Try another " +
      `network or browser, or ask your administrator to allow websockets to ${location.host}.`;
  }, SECONDS * 1000);

  window.WebSocket = class extends WebSocket {
    constructor(...parameters) {
      super(...parameters);
      const hear = () => {
        clearTimeout(missing);
        notice.remove();
      };
      this.addEventListener("message", hear, { once: true });
    }
  };
})();

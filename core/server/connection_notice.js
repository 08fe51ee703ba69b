/**
 * A notice on a page without a connection: it needs a websocket, and shows nothing before it has one.
 * Where the connection is lost, the notice takes the place of Streamlit's dialog, which would keep
 * the visitor from drawing on.
 *
 * Runs before the page's own scripts, and listens to the websockets that they open.
 */
(() => {
  const SECONDS = 10;
  const DIALOG = "[data-testid=stDialog]", TITLE = "Connection error";
  const notice = document.createElement("div");
  notice.setAttribute("role", "alert");
  notice.style.cssText =
    "position: fixed; inset: 0 0 auto; z-index: 1000000; padding: 1rem; color-scheme: light dark; " +
    "font: 1rem/1.5 sans-serif; color: CanvasText; background: Canvas; border-bottom: 4px solid #b35f00";
  const show = (text) => {
    document.body.append(notice);
    notice.textContent = text;
  };
  const missing = setTimeout(() => show(
    `This page has not been able to connect to ${location.host} for ${SECONDS} seconds. It needs a ` +
    "websocket, which a proxy, a firewall or an extension of your browser may block. Try another " +
    `network or browser, or ask your administrator to allow websockets to ${location.host}.`,
  ), SECONDS * 1000);

  new MutationObserver(() => {
    const dialog = document.querySelector(DIALOG);
    if (dialog?.querySelector("h2")?.textContent !== TITLE) return;
    dialog.querySelector("button").click();
    show(`This page has lost its connection to ${location.host}, and keeps trying to connect. What you draw stays.`);
  }).observe(document.documentElement, { childList: true, subtree: true });

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

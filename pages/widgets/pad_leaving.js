/**
 * What leads away from a page with a pad: it waits until the server has the drawing.
 *
 * Streamlit ends the run of a page when another page is requested, and with it the message that this
 * run would have taken; and it sends what has changed in a timer, which a click may precede. Does
 * not know what is drawn.
 */

const LONGEST_WAIT = 10_000; // milliseconds; a server that takes longer may never answer

/** Links, and steps through the history, which wait for a drawing that is on its way. */
class Leaving {
  #sent = 0; // how many drawings
  #taken = 0; // up to which of them
  #sender = null; // an element of the page that has sent the last one
  #leave = null; // what waits
  #timer = 0;

  constructor() {
    window.addEventListener("click", (event) => {
      const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
      const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
      if (!link?.href || link.target === "_blank" || modified) return;
      this.#delay(event, () => link.click());
    }, { capture: true });
    // Streamlit listens to the event that comes after this one, and would hear it first.
    globalThis.navigation?.addEventListener("navigate", (event) => {
      if (event.navigationType !== "traverse" || !event.cancelable) return;
      this.#delay(event, () => navigation.traverseTo(event.destination.key));
    });
  }

  /** Learn that a drawing is about to be sent; its number. */
  send(sender) {
    this.#sender = sender;
    return ++this.#sent;
  }

  /** Learn that the server has a drawing, and all before it. */
  take(number) {
    this.#taken = Math.max(this.#taken, number);
    if (this.#taken === this.#sent) this.#go();
  }

  #delay(event, leave) {
    if (this.#taken === this.#sent || !this.#sender.isConnected) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#leave = leave;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.take(this.#sent), LONGEST_WAIT);
  }

  #go() {
    clearTimeout(this.#timer);
    const leave = this.#leave;
    this.#leave = null;
    leave?.();
  }
}

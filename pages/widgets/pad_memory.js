/**
 * The drawings that the browser keeps for the tab, so that a page that is loaded again and a server
 * that was restarted get them back.
 */

const STORED = "digitlab.drawing."; // before the pad's key

class Memory {
  #drawings = new Map(); // by the pad's key

  /** The last drawing on a pad; null without one. */
  recall(pad) {
    if (this.#drawings.has(pad)) return this.#drawings.get(pad);
    try {
      return JSON.parse(sessionStorage.getItem(STORED + pad));
    } catch {
      return null; // the browser stores nothing for this page
    }
  }

  keep(pad, drawing) {
    this.#drawings.set(pad, drawing);
    try {
      sessionStorage.setItem(STORED + pad, JSON.stringify(drawing));
    } catch {
      // Then it is kept until the page is loaded again.
    }
  }
}

/** The taught drawings as a list: each with its digit, what the model predicts, and a button. */

import { create, createFrame, drawPicture, write } from "./elements.js";
import { withArticle } from "./sentences.js";

/** @typedef {import("./taught.js").Drawing} Drawing */

export class TaughtList {
  /** @param {(drawing: Drawing) => void} onRemove called with the drawing that is to go */
  constructor(onRemove) {
    this.element = create("ul", { class: "taught", "aria-label": "Drawings to learn" });
    this._onRemove = onRemove;
    /** @type {Map<Drawing, Element>} */
    this._items = new Map();
  }

  /**
   * Shows drawings.
   * @param {Drawing[]} drawings
   * @param {string[]} predicted a text for each
   * @param {boolean[]} isRight for each, whether the model predicts its digit now
   */
  show(drawings, predicted, isRight) {
    this._items = new Map(drawings.map((drawing) => [drawing, this._items.get(drawing) ?? this._create(drawing)]));
    drawings.forEach((drawing, i) => {
      const item = this._items.get(drawing);
      item.classList.toggle("right", isRight[i]);
      write(item.querySelector(".predicted"), predicted[i]);
    });
    const items = [...this._items.values()];
    const isSame = items.length === this.element.childElementCount && items.every((item) => item.isConnected);
    if (!isSame) this.element.replaceChildren(...items);
  }

  _create(drawing) {
    const frame = createFrame("");
    drawPicture(frame, drawing.frame);
    const name = withArticle(drawing.digit);
    return create("li", {}, frame, create("span", {}, create("b", {}, name), create("span", { class: "predicted" })),
      create("button", { type: "button", "aria-label": `Remove ${name}`, onclick: () => this._onRemove(drawing) }, "×"));
  }
}

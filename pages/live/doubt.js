/** Doubt: a note that the answer to a drawing is "?", and which digit is used in place of it. */

import { create, write } from "./elements.js";

export class Doubt {
  constructor() {
    this.element = create("p", { class: "note" });
  }

  /**
   * Shows the note if the answer is "?", once the pen is up.
   * @param {import("./reading.js").Reading | null} reading null for a picture
   */
  show(reading) {
    const { character, question } = reading?.number?.rows.flat()[reading.picked] ?? {};
    const isShown = character === "?" && reading.isSettled;
    this.element.hidden = !isShown;
    if (isShown) {
      write(this.element, `${question} The models doubt that this is one digit. Each model's most likely digit is used here.`);
    }
  }
}

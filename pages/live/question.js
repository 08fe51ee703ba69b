/**
 * The question whether a prediction is correct: yes, or what it is instead.
 *
 * It offers ten digits in place of one digit, and a field in place of a number.
 */

import { create, write } from "./elements.js";
import { withArticle } from "./sentences.js";

// A longer number does not fit on a button.
const MAX_LENGTH_ON_BUTTON = 12;
const HELP = "Your answer saves the drawing. Keys: Enter for yes, 0 to 9 for another digit.";
const FIELD_HELP = "A digit for each box, in reading order; ? for what should not be saved.";

export class Question {
  /**
   * @param {Element} area filled with the question
   * @param {(text: string) => void} onAnswer called with the correct number, rows apart by a newline
   */
  constructor(area, onAnswer) {
    this._area = area;
    this._onAnswer = onAnswer;
    this._yes = create("button", { type: "button", class: "yes", onclick: () => onAnswer(this._text) });
    this._no = create("button", {
      type: "button", class: "no", "aria-expanded": "false", onclick: () => this._toggle(),
    });
    this._choices = create("div", { class: "choices", hidden: true });
    this._refusal = create("p", { class: "refusal", role: "alert" });
    this._asks = create("span", { title: HELP });
    area.replaceChildren(this._asks, this._yes, this._no, this._choices);
    area.onkeydown = (event) => {
      if (this._choices.hidden) return;
      if (event.key === "Escape") {
        this._toggle();
        this._no.focus();
      } else if (this._text.length === 1 && /^[0-9]$/.test(event.key)) {
        event.preventDefault();
        this._giveDigit(event.key);
      }
    };
    this.show(null);
  }

  /**
   * Asks about a number; without one, the place of the question stays empty.
   * @param {string | null} text rows apart by a newline
   * @param {string} refusal why the last answer was not taken; empty where it was
   */
  show(text, refusal = "") {
    this._area.style.visibility = text === null ? "hidden" : "visible";
    this._refuse(text === this._text ? refusal : "");
    if (text === null || text === this._text) return;
    this._text = text;
    this._yes.hidden = text.includes("?");
    write(this._yes, `Yes, ${nameNumber(text)}`);
    const isDigit = text !== "?";
    write(this._asks, isDigit ? "Is this correct?" : "Is it a digit?");
    write(this._no, isDigit ? "No, it is" : "Yes, it is");
    if (!this._choices.hidden) this._toggle();
  }

  /**
   * Answers by a key: Enter for yes, a digit for what it is instead; not in a tab that is closed.
   * @param {string} key
   * @returns {boolean} whether the key is an answer
   */
  press(key) {
    const isSeen = this._area.style.visibility !== "hidden" && this._area.getClientRects().length;
    if (!isSeen) return false;
    const answer = key === "Enter" && !this._yes.hidden ? this._text : key;
    const isAnswer = answer === this._text || (this._text.length === 1 && /^[0-9]$/.test(answer));
    if (isAnswer) this._onAnswer(answer);
    return isAnswer;
  }

  _refuse(refusal) {
    write(this._refusal, refusal);
    // Screen readers speak an alert when it is put on the page.
    if (!refusal) this._refusal.remove();
    else if (!this._refusal.isConnected) this._area.append(this._refusal);
  }

  _toggle() {
    const opens = this._choices.hidden;
    this._choices.hidden = !opens;
    this._no.setAttribute("aria-expanded", String(opens));
    if (!opens) return;
    this._choices.replaceChildren(...(this._text.length === 1 ? this._offerDigits() : [this._offerField()]));
    const first = this._choices.querySelector("button, input, textarea");
    first.focus();
    first.select?.(); // what is typed takes the place of the prediction
  }

  _offerDigits() {
    return [..."0123456789"].filter((digit) => digit !== this._text).map((digit) => create("button", {
      type: "button", "aria-label": withArticle(digit), onclick: () => this._giveDigit(digit),
    }, digit));
  }

  _offerField() {
    const kind = this._text.includes("\n") ? "textarea" : "input";
    const field = create(kind, { value: this._text, inputMode: "numeric", autocomplete: "off" });
    const form = create("form", {},
      create("label", {}, "The correct number ", field),
      create("button", {}, "Save"),
      create("small", {}, FIELD_HELP));
    form.onsubmit = (event) => {
      event.preventDefault();
      this._onAnswer(field.value); // the field stays: it may have to be corrected
    };
    return form;
  }

  _giveDigit(digit) {
    this._toggle();
    this._no.focus();
    this._onAnswer(digit);
  }
}

function nameNumber(text) {
  if (text.length === 1) return withArticle(text);
  return text.length <= MAX_LENGTH_ON_BUTTON && !text.includes("\n") ? text : "all digits";
}

/** The answer: the number in large type, a sentence, its digits to pick from, and their bars. */

import { Bars } from "./bars.js";
import { Digits } from "./digits.js";
import { create, createFrame, drawPicture, write } from "./elements.js";
import { Question } from "./question.js";
import { describeAnswer, describeDigit, describePrediction } from "./sentences.js";

const FRAME_DESCRIPTION = "The 28×28 frame the models classify";
const TIME_TO_SETTLE = 300; // milliseconds after pen-up

/**
 * @typedef {object} Shown
 * @property {import("./number.js").NumberPrediction | null} number null where there is none
 * @property {{title: string, colour: string}[]} models in the order of its probabilities
 * @property {number} picked the place of the digit whose bars are shown
 * @property {boolean} isSettled whether the pen is up
 * @property {string} message in place of a number
 * @property {string} refusal why what the visitor says it is was not taken; empty where it was
 */

export class Answer {
  /**
   * @param {Element} area filled with the answer
   * @param {(place: number) => void} onPick called when a digit is picked
   * @param {(text: string) => void} onAnswer called with the number that the visitor says it is
   */
  constructor(area, onPick, onAnswer) {
    this._number = create("b", { "data-testid": "answer" });
    this._frame = createFrame(FRAME_DESCRIPTION);
    this._sentence = create("span");
    this._text = create("p", {}, this._sentence);
    this._large = create("div", { class: "answer" });
    this._message = create("p", { class: "message" });
    this._digits = new Digits(onPick);
    this._ofDigit = create("p", { class: "of-digit" });
    // Screen readers speak what changes in a region that was there before.
    this._spoken = create("div", { class: "spoken", role: "status", "aria-live": "polite", "aria-atomic": "true" });
    const question = create("div", { class: "question" });
    const bars = create("div", { class: "probabilities" });
    this._question = new Question(question, onAnswer);
    this._bars = new Bars(bars);
    this._area = area;
    this._parts = [this._spoken, this._message, this._large, question, this._digits.element, this._ofDigit, bars];
  }

  /** Takes everything off the page. */
  hide() {
    this._area.replaceChildren();
  }

  /** @param {Shown} shown */
  show({ number, models, picked, isSettled, message, refusal }) {
    if (!this._spoken.isConnected) this._area.replaceChildren(...this._parts);
    const titles = models.map(({ title }) => title);
    const digits = number?.rows.flat() ?? [];
    const digit = digits[picked];
    this._showMessage(number ? "" : message);
    this._showNumber(number, titles);
    this._question.show(number && isSettled ? number.text : null, refusal);
    this._digits.show(number, picked);
    write(this._ofDigit, digits.length > 1
      ? `Digit ${picked + 1} of ${digits.length}: ${digit.character}. ${describeDigit(digit, titles)}` : "");
    this._bars.show(models, digit?.probabilities ?? []);
    this._speak(number ? describeAnswer(number, titles) : "", isSettled);
  }

  /** Has a text spoken once nothing changes it any more: the server may place ink a little off. */
  _speak(text, isSettled) {
    clearTimeout(this._speaking);
    if (isSettled) this._speaking = setTimeout(() => write(this._spoken, text), TIME_TO_SETTLE);
  }

  /**
   * Answers the question by a key.
   * @param {string} key
   * @returns {boolean} whether the key is an answer
   */
  press(key) {
    return this._question.press(key);
  }

  _showMessage(message) {
    this._message.hidden = !message;
    write(this._message, message);
  }

  _showNumber(number, titles) {
    if (!number) return this._large.replaceChildren();
    const lines = number.text.split("\n");
    const isOne = number.text.length === 1;
    this._large.classList.toggle("rows", lines.length > 1);
    this._large.style.setProperty("--columns", Math.max(...lines.map(({ length }) => length)));
    this._large.style.setProperty("--rows", lines.length);
    write(this._number, number.text);
    write(this._sentence, describePrediction(number, titles));
    if (isOne) drawPicture(this._frame, number.rows[0][0].frame);
    const parts = isOne ? [this._number, this._frame, this._text] : [this._number, this._text];
    // What is put again would be laid out again.
    if (parts.length !== this._large.childElementCount) this._large.replaceChildren(...parts);
  }
}

/**
 * The view "Sliders": they change the frame of a digit, and curves show what models predict for each
 * amount.
 *
 * Predicts for the changed frame at once, and for the amounts of the curves a few milliseconds at a
 * time while the pen is up, so that the reader keeps its pace.
 */

import { Curves } from "./curves.js";
import { create, createFrame, drawPicture, write } from "./elements.js";
import { listAmounts, listFlips, predictPerturbed } from "./sensitivity.js";
import { describeDigit, formatPercent } from "./sentences.js";
import { Sliders } from "./sliders.js";

const SLICE = 6; // milliseconds of computing at a time

export class PerturbationView {
  isOfOneModel = false;

  /**
   * @param {import("./changes.js").Data} data
   * @param {import("./changes.js").Page} page
   */
  constructor(data, page) {
    this._page = page;
    this._frame = createFrame("The changed frame");
    this._sentence = create("p");
    this._rows = create("tbody");
    this._curves = new Curves();
    this._sliders = new Sliders(data.changes, data.choice, (isFinal) => this._take(isFinal));
    this.element = create("div", { class: "parts" },
      create("div", { class: "both" }, this._sliders.element,
        create("div", { class: "outcome" }, this._frame, this._sentence,
          create("div", { class: "probabilities" },
            create("table", {}, create("caption", {}, "What each model predicts for the changed frame"), this._rows)))),
      this._curves.element,
      create("p", { class: "note" }, "Dotted line: the unchanged frame. Solid line: the present amount. Diamond: the amount from which "
        + "a model predicts another digit, which is written beside it. The frame is changed after "
        + "preprocessing, which would undo a shift or a change of size."));
  }

  /** @param {import("./changes.js").Subject} subject */
  show({ frame, models, networks, isPenDown }) {
    clearTimeout(this._slice);
    this._showOutcome(frame, models, networks, isPenDown);
    if (!isPenDown) this._measure(frame, models, networks);
  }

  close() {
    clearTimeout(this._slice);
  }

  _take(isFinal) {
    if (isFinal) this._page.choose(this._sliders.choice);
    else this._page.refresh();
  }

  _showOutcome(frame, models, networks, isPenDown) {
    const predicted = predictPerturbed(frame, this._sliders.choice.amounts, networks);
    drawPicture(this._frame, predicted.frame);
    // Screen readers speak what a slider changes.
    this._sentence.setAttribute("aria-live", isPenDown ? "off" : "polite");
    write(this._sentence, describeDigit(predicted, models.map(({ title }) => title)));
    this._rows.replaceChildren(...models.map(({ title, colour }, i) => {
      const own = predicted.probabilities[i], share = Math.max(...own);
      const swatch = create("i", { class: "swatch" });
      swatch.style.background = colour;
      return create("tr", {}, create("th", { scope: "row" }, swatch, title),
        create("td", {}, create("b", {}, String(own.indexOf(share))), ` ${formatPercent(share)}`));
    }));
  }

  /** Predicts for each amount of the perturbation that is shown, and draws the curves at the end. */
  _measure(frame, models, networks) {
    const { change, choice: { amounts: present } } = this._sliders;
    const { digit } = predictPerturbed(frame, {}, networks);
    const amounts = listAmounts(change);
    const measured = [];
    const proceed = () => {
      const end = performance.now() + SLICE;
      while (measured.length < amounts.length && performance.now() < end) {
        const changed = { ...present, [change.id]: amounts[measured.length] };
        measured.push(predictPerturbed(frame, changed, networks).probabilities);
      }
      if (measured.length < amounts.length) this._schedule(proceed);
      else this._draw({ change, digit, amounts, amount: present[change.id], models }, measured);
    };
    this._schedule(proceed);
  }

  _schedule(proceed) {
    this._slice = setTimeout(() => this._page.attempt(proceed));
  }

  _draw(curve, measured) {
    const { models, amounts, digit, change } = curve;
    const flips = models.map((_, i) => {
      const digits = measured.map((own) => own[i].indexOf(Math.max(...own[i])));
      return listFlips(amounts, digits, change.neutral);
    });
    const lines = models.map((_, i) => measured.map((own) => own[i][digit]));
    this._curves.show({ ...curve, lines, flips });
  }
}

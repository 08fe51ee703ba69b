/**
 * Changes: what would change the prediction for a digit. Sliders move its frame, and curves show
 * what models predict for each amount.
 *
 * Predicts for the changed frame at once, and for the amounts of the curves a few milliseconds at a
 * time while the pen is up, so that the reader keeps its pace.
 *
 * @typedef {object} Data from pages/parts/draw/changes.py
 * @property {{title: string, colour: string, address: string}[]} models
 * @property {import("./sensitivity.js").Perturbation[]} changes
 * @property {import("./sliders.js").Choice} choice at first
 * @property {number[] | null} frame 784 bytes; null for that of the digit picked on the pad
 * @property {string} loading the message until there is a model
 */

import { Curves } from "./curves.js";
import { Digits } from "./digits.js";
import { create, createFrame, drawPicture, write } from "./elements.js";
import { mountOnce } from "./instances.js";
import { Loader } from "./loader.js";
import { follow } from "./reading.js";
import { listAmounts, listFlips, predictPerturbed } from "./sensitivity.js";
import { Sliders } from "./sliders.js";
import { describeDigit, formatPercent } from "./sentences.js";

// While the pen is down, the milliseconds between two predictions, and the share of the time that
// they may take.
const PEN_PAUSE = 100, PEN_SHARE = 0.2;
const SLICE = 6; // milliseconds of computing at a time
const SENDING_PAUSE = 400; // milliseconds between two choices that the server gets

class Changes {
  constructor({ parentElement, data }) {
    this._loader = new Loader();
    this._duration = 0; // of the last prediction, in milliseconds
    this._sent = -Infinity; // when the server got the last choice
    this._digits = new Digits((place) => this._reading.pick(place));
    this._message = create("p", { class: "message" });
    this._frame = createFrame("The changed frame");
    this._sentence = create("p");
    this._rows = create("tbody");
    this._curves = new Curves();
    this._sliders = new Sliders(data.changes, data.choice, (isFinal) => this._take(isFinal));
    this._parts = create("div", { class: "parts" }, this._digits.element,
      create("div", { class: "both" }, this._sliders.element,
        create("div", { class: "outcome" }, this._frame, this._sentence,
          create("div", { class: "probabilities" },
            create("table", {}, create("caption", {}, "What each model predicts for the changed frame"), this._rows)))),
      this._curves.element,
      create("p", { class: "note" }, "Dotted line: the unchanged frame. Solid line: the present amount. Diamond: the amount from which "
        + "a model predicts another digit, which is written beside it. The frame is changed after "
        + "preprocessing, which would undo a shift or a change of size."));
    parentElement.querySelector(".changes").replaceChildren(this._message, this._parts);
    this._stop = follow((reading) => {
      this._reading = reading;
      if (this._data) this._request();
    });
  }

  update({ data, setTriggerValue, setStateValue }) {
    Object.assign(this, { _data: data, _trigger: setTriggerValue, _set: setStateValue });
    this._loader.fetch({ models: data.models, judge: [], detector: null },
      () => this._request(), (error) => this._fail(error));
    this._request();
  }

  close() {
    this._isClosed = true;
    this._stop();
    clearTimeout(this._slice);
    clearTimeout(this._sending);
  }

  _take(isFinal) {
    this._request();
    clearTimeout(this._sending);
    if (isFinal) this._sending = setTimeout(() => this._send(), this._sent + SENDING_PAUSE - performance.now());
  }

  _send() {
    this._sent = performance.now();
    this._trigger("chosen", this._sliders.choice);
  }

  /** Shows once for all that happens before, and seldom while the pen is down. */
  _request() {
    if (this._isWaiting) return;
    this._isWaiting = true;
    const show = () => {
      this._isWaiting = false;
      this._try(() => this._show());
    };
    if (this._isPenDown()) setTimeout(show, Math.max(PEN_PAUSE, this._duration / PEN_SHARE));
    else requestAnimationFrame(show);
  }

  _try(act) {
    if (this._isClosed) return;
    try {
      act();
    } catch (error) {
      this._fail(error);
    }
  }

  _isPenDown() {
    return !this._data.frame && this._reading?.isSettled === false;
  }

  _show() {
    clearTimeout(this._slice);
    const { models, frame: given, loading } = this._data;
    const number = given ? null : this._reading?.number;
    const frame = given ? Float32Array.from(given, (ink) => ink / 255)
      : number?.rows.flat()[this._reading.picked].frame;
    const networks = this._loader.find(models);
    const ready = models.filter((_, i) => networks[i]);
    const isShown = frame && ready.length;
    this._message.hidden = isShown;
    this._parts.hidden = !isShown;
    write(this._message, (!frame && this._reading?.message) || loading);
    if (!isShown) return;
    this._digits.show(number, this._reading?.picked);
    const start = performance.now();
    this._showOutcome(frame, ready, networks.filter(Boolean));
    this._duration = performance.now() - start;
    if (!this._isPenDown()) this._measure(frame, ready, networks.filter(Boolean));
  }

  _showOutcome(frame, models, networks) {
    const predicted = predictPerturbed(frame, this._sliders.choice.amounts, networks);
    drawPicture(this._frame, predicted.frame);
    // Screen readers speak what a slider changes.
    this._sentence.setAttribute("aria-live", this._isPenDown() ? "off" : "polite");
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
    this._slice = setTimeout(() => this._try(proceed));
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

  _fail(error) {
    if (this._isClosed) return;
    console.error("The browser cannot predict; the server will.", error);
    this._set("failed", String(error));
  }
}

/** Starts the changes in a component, or gives them new data. */
export const mount = mountOnce(Changes);

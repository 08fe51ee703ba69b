/**
 * Reader: predicts what is on a pad at every move of the pen, and shows the answer.
 *
 * Whoever mounts it is told when it cannot, and predicts on the server instead. The window's event
 * "digitlab:answer" says that an answer is shown, and whether the pen is up.
 *
 * @typedef {object} Data from pages/parts/draw/reader.py
 * @property {string} pad its key
 * @property {number} side of the pad, in its pixels
 * @property {number} pen the width of the pen, in pixels of the pad
 * @property {{title: string, colour: string, address: string}[]} models
 * @property {string[]} judge addresses of the networks that score frames
 * @property {string | null} detector address of its network
 * @property {number} picked the place of the digit that is picked
 * @property {string} refusal why what the visitor says it is was not taken; empty where it was
 * @property {{invitation: string, tooSmall: string, loading: string}} messages
 */

import { Answer } from "./answer.js";
import { drawBoxes } from "./boxes.js";
import { Demonstration } from "./demonstration.js";
import { mountOnce } from "./instances.js";
import { Loader } from "./loader.js";
import { followMoment, getMoment, setMoment } from "./moment.js";
import { readNumber } from "./number.js";
import { drawPast } from "./past.js";
import { publish } from "./reading.js";
import { readCanvas, readPen } from "./strokes.js";
import { areSame, cutWriting, timeWriting } from "./writing.js";

const PADS = Symbol.for("digitlab.pads"); // of pages/widgets/pad_controls.js

class Reader {
  constructor({ parentElement: parent }) {
    this._area = parent.querySelector(".reader");
    this._loader = new Loader();
    this._demonstration = new Demonstration(() => this._request());
    this._strokes = []; // on the pad
    this._answer = new Answer(this._area, (place) => this._pick(place), (text) => this._confirm(text));
    this._listen = ({ detail }) => detail === this._data.pad && this._request();
    this._press = (event) => {
      const modified = event.ctrlKey || event.metaKey || event.shiftKey;
      if (modified || !globalThis[PADS]?.takesKey(event)) return;
      if (this._answer.press(event.key)) event.preventDefault();
    };
    window.addEventListener("digitlab:ink", this._listen);
    window.addEventListener("keydown", this._press);
    this._unfollow = followMoment(() => this._request());
    // Streamlit keeps what a run has replaced until the run ends, and marks it.
    this._element = parent.getRootNode().host?.closest("[data-testid='stElementContainer']");
    this._marks = new MutationObserver(() => this._isReplaced() ? this._answer.hide() : this._request());
    if (this._element) this._marks.observe(this._element, { attributeFilter: ["data-retained"] });
  }

  update({ data, setTriggerValue, setStateValue }) {
    Object.assign(this, { _data: data, _trigger: setTriggerValue, _set: setStateValue });
    this._picked = data.picked;
    this._loader.fetch(data, () => this._request(), (error) => this._fail(error));
    this._request();
  }

  close() {
    window.removeEventListener("digitlab:ink", this._listen);
    window.removeEventListener("keydown", this._press);
    this._marks.disconnect();
    this._unfollow();
    this._demonstration.stop();
    cancelAnimationFrame(this._frame);
    drawBoxes(this._findInk()?.canvas, null, this._data);
    drawPast(this._findInk()?.canvas, null, this._data);
    publish(null);
  }

  /** Predicts and shows in the next animation frame, once for all that happens before it. */
  _request() {
    this._frame ??= requestAnimationFrame(() => {
      this._frame = undefined;
      try {
        this._show();
      } catch (error) {
        this._fail(error);
      }
    });
  }

  _isReplaced() {
    return this._element?.dataset.retained === "true";
  }

  _show() {
    if (this._isReplaced()) return;
    const { models, side, pen, messages, refusal } = this._data;
    const ink = this._findInk();
    const drawn = ink ? readInk(ink, side) : [];
    if (drawn.length) this._demonstration.stop();
    const { points } = this._demonstration;
    const writing = timeWriting(drawn, ink?.written ?? []);
    const moment = this._findMoment(writing);
    const past = moment === null ? null : cutWriting(writing, moment);
    const strokes = points.length ? readPen(points, side) : past ?? drawn;
    const networks = this._loader.find(models);
    const ready = models.filter((_, i) => networks[i]);
    const { engine } = this._loader;
    const canPredict = engine && ready.length;
    const number = canPredict ? readNumber(strokes, networks.filter(Boolean), engine) : null;
    const picked = this._picked < (number?.rows.flat().length ?? 0) ? this._picked : 0;
    const isSettled = !ink?.isDown && !points.length && !past;
    const unread = canPredict ? messages.tooSmall : messages.loading;
    const message = strokes.length || past ? (isSettled ? unread : " ") : messages.invitation;
    this._number = number;
    const shown = canPredict ? ready : models;
    this._answer.show({ number, models: shown, picked, isSettled, message, refusal });
    drawBoxes(ink?.canvas, number, { side, pen, picked });
    drawPast(ink?.canvas, past, { side, pen });
    publish({ number, strokes, writing, picked, isSettled, message, pick: (place) => this._pick(place) });
    const isReady = Boolean(canPredict && ready.length === models.length);
    this._area.dataset.ready = String(isReady);
    if (isReady && ink?.canvas && !drawn.length) this._demonstration.begin(ink.canvas, { side, pen });
    window.dispatchEvent(new CustomEvent("digitlab:answer", { detail: { isSettled } }));
  }

  /** The moment that is shown, which is over once something else is on the pad. */
  _findMoment({ strokes }) {
    if (!areSame(strokes, this._strokes)) setMoment(null);
    this._strokes = strokes;
    return getMoment();
  }

  _findInk() {
    return globalThis[PADS]?.inks.get(this._data.pad);
  }

  _pick(place) {
    this._picked = place;
    this._request();
    this._trigger("picked", place);
  }

  _confirm(text) {
    const probabilities = this._number.rows.flat().map((digit) => digit.probabilities.map((own) => [...own]));
    this._trigger("confirmed", { text, predicted: this._number.text, probabilities });
  }

  _fail(error) {
    console.error("The browser cannot predict; the server will.", error);
    this._set("failed", String(error));
  }
}

/** Starts a reader in a component, or gives it new data. */
export const mount = mountOnce(Reader);

function readInk({ drawing, lines }, side) {
  return [
    ...readCanvas(drawing, side),
    ...lines.flatMap(({ points }) => readPen(points, side)),
  ];
}

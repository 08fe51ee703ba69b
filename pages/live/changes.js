/**
 * Changes: what would change the prediction for a digit, drawn or from a picture. Chooses among the
 * views, gives the open one the digit and the networks, and has the server keep what is chosen.
 *
 * @typedef {object} Data from pages/parts/draw/changes.py
 * @property {{title: string, colour: string, address: string}[]} models
 * @property {string[]} judge addresses of the networks that score frames
 * @property {string | null} detector address of its network
 * @property {string} samples the address of labelled digits
 * @property {import("./sensitivity.js").Perturbation[]} changes
 * @property {Choice} choice at first
 * @property {number[] | null} frame 784 bytes; null for that of the digit picked on the pad
 * @property {string} loading the message until there is a model
 *
 * @typedef {import("./sliders.js").Choice & {view: string, view_model: string, ink: string, rival: string}}
 *   Choice the title of a view, that of the model where a view is of one, the kind of the ink map, and
 *   the digit of the smallest change, if one was chosen
 *
 * @typedef {object} Subject what a view shows
 * @property {Float32Array} frame of the digit
 * @property {import("./geometry.js").Stroke[]} strokes of the digit; none for a picture
 * @property {{title: string, colour: string}[]} models whose networks have arrived; one for a view
 *   of one model
 * @property {import("./network.js").Network[]} networks
 * @property {import("./number.js").Engine | null} engine null until it can find digits
 * @property {boolean} isPenDown
 *
 * @typedef {object} Page what a view may ask for
 * @property {Choice} choice
 * @property {(part: Partial<Choice>) => void} choose has the server keep a choice, and refreshes
 * @property {() => void} refresh shows the subject again
 * @property {(act: () => void) => void} attempt calls a function, whose errors are told the server
 */

import { CounterfactualView } from "./counterfactual_view.js";
import { Digits } from "./digits.js";
import { Doubt } from "./doubt.js";
import { create, write } from "./elements.js";
import { InkView } from "./ink_view.js";
import { mountOnce } from "./instances.js";
import { Loader } from "./loader.js";
import { PerturbationView } from "./perturbation_view.js";
import { follow } from "./reading.js";
import { Segments } from "./segments.js";

// While the pen is down, the milliseconds between two predictions, and the share of the time that
// they may take.
const PEN_PAUSE = 100, PEN_SHARE = 0.2;
const SENDING_PAUSE = 400; // milliseconds between two choices that the server gets
const VIEWS = { Sliders: PerturbationView, Ink: InkView, "Smallest change": CounterfactualView };

class Changes {
  constructor({ parentElement, data }) {
    this._loader = new Loader();
    this._duration = 0; // of the last prediction, in milliseconds
    this._sent = -Infinity; // when the server got the last choice
    this._choice = { ...data.choice };
    this._titles = new Segments("What changes", (view) => this._open(view));
    this._models = new Segments("Model", (title) => this._choose({ view_model: title }));
    this._digits = new Digits((place) => this._reading.pick(place));
    this._doubt = new Doubt();
    this._message = create("p", { class: "message" });
    const page = {
      choice: this._choice,
      choose: (part) => this._choose(part),
      refresh: () => this._request(),
      attempt: (act) => this._attempt(act),
    };
    this._views = Object.fromEntries(Object.entries(VIEWS).map(([title, View]) => [title, new View(data, page)]));
    const elements = Object.values(this._views).map(({ element }) => element);
    this._parts = create("div", { class: "parts" }, this._digits.element, this._doubt.element, ...elements);
    parentElement.querySelector(".changes").replaceChildren(
      create("div", { class: "views" }, this._titles.element, this._models.element), this._message, this._parts);
    this._stop = follow((reading) => {
      this._reading = reading;
      if (this._data) this._request();
    });
  }

  update({ data, setTriggerValue, setStateValue }) {
    Object.assign(this, { _data: data, _trigger: setTriggerValue, _set: setStateValue });
    this._loader.fetch(data, () => this._request(), (error) => this._fail(error));
    this._request();
  }

  close() {
    this._isClosed = true;
    this._stop();
    for (const view of Object.values(this._views)) view.close();
    clearTimeout(this._sending);
  }

  _open(view) {
    this._views[this._choice.view].close();
    this._choose({ view });
  }

  _choose(part) {
    Object.assign(this._choice, part);
    this._request();
    clearTimeout(this._sending);
    this._sending = setTimeout(() => this._send(), this._sent + SENDING_PAUSE - performance.now());
  }

  _send() {
    this._sent = performance.now();
    this._trigger("chosen", this._choice);
  }

  /** Shows once for all that happens before, and seldom while the pen is down. */
  _request() {
    if (this._isWaiting) return;
    this._isWaiting = true;
    const show = () => {
      this._isWaiting = false;
      this._attempt(() => this._show());
    };
    if (this._isPenDown()) setTimeout(show, Math.max(PEN_PAUSE, this._duration / PEN_SHARE));
    else requestAnimationFrame(show);
  }

  _attempt(act) {
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
    const { models, loading } = this._data;
    const view = this._views[this._choice.view];
    const chosen = this._chooseModels(models, view.isOfOneModel);
    const digit = this._findDigit();
    const isShown = digit && chosen.networks.length;
    this._titles.show(Object.keys(VIEWS), this._choice.view);
    this._message.hidden = isShown;
    this._parts.hidden = !isShown;
    write(this._message, (!digit && this._reading?.message) || loading);
    if (!isShown) return;
    this._digits.show(this._data.frame ? null : this._reading.number, this._reading?.picked);
    this._doubt.show(this._data.frame ? null : this._reading);
    for (const { element } of Object.values(this._views)) element.hidden = element !== view.element;
    const start = performance.now();
    view.show({ ...digit, ...chosen, engine: this._loader.engine, isPenDown: this._isPenDown() });
    this._duration = performance.now() - start;
  }

  /** The models for a view whose networks have arrived, and these. */
  _chooseModels(models, isOfOne) {
    const networks = this._loader.find(models);
    const places = [...models.keys()].filter((place) => networks[place]);
    const chosen = places.find((place) => models[place].title === this._choice.view_model) ?? places[0];
    this._models.show(isOfOne ? places.map((place) => models[place].title) : [], models[chosen]?.title);
    const shown = isOfOne ? places.filter((place) => place === chosen) : places;
    return { models: shown.map((place) => models[place]), networks: shown.map((place) => networks[place]) };
  }

  /** The frame and the strokes of the digit; undefined where there is none. */
  _findDigit() {
    const { frame } = this._data;
    if (frame) return { frame: Float32Array.from(frame, (ink) => ink / 255), strokes: [] };
    const { number, picked, strokes } = this._reading ?? {};
    const digit = number?.rows.flat()[picked];
    return digit && { frame: digit.frame, strokes: digit.strokes.map((stroke) => strokes[stroke]) };
  }

  _fail(error) {
    if (this._isClosed) return;
    console.error("The browser cannot predict; the server will.", error);
    this._set("failed", String(error));
  }
}

/** Starts the changes in a component, or gives them new data. */
export const mount = mountOnce(Changes);

/**
 * Replay: what each model predicted over the time of the writing, and a slider that takes the page
 * back to a moment of it.
 *
 * Predicts for the moments of the ribbons a few milliseconds at a time, once the pen is up.
 *
 * @typedef {object} Data from pages/parts/draw/replay.py
 * @property {{title: string, colour: string, address: string}[]} models
 * @property {string[]} judge addresses of the networks that score frames
 * @property {string | null} detector address of its network
 * @property {string} loading the message until there are all models
 */

import { describeTurn, listBeliefs, listStretches } from "./beliefs.js";
import { create, write } from "./elements.js";
import { mountOnce } from "./instances.js";
import { Loader } from "./loader.js";
import { followMoment, getMoment, setMoment } from "./moment.js";
import { MomentSlider } from "./moment_slider.js";
import { readNumber } from "./number.js";
import { follow } from "./reading.js";
import { createRibbon } from "./ribbon.js";
import { cutWriting } from "./writing.js";

const MOMENTS = 60;
const SLICE = 6; // milliseconds of computing at a time

class Replay {
  constructor({ parentElement }) {
    this._loader = new Loader();
    this._slider = new MomentSlider();
    this._message = create("p", { class: "message" });
    this._ribbons = create("div", { class: "ribbons" });
    this._turns = create("ul", { "aria-label": "When each model came to its prediction" });
    this._note = create("p", { class: "note" });
    this._parts = create("div", { class: "parts" },
      this._slider.element, this._ribbons, this._turns, this._note);
    parentElement.querySelector(".replay").replaceChildren(this._message, this._parts);
    this._ribbons.onpointerdown = this._ribbons.onpointermove = (event) => event.buttons && this._scrub(event);
    this._unfollow = followMoment(() => this._mark());
    this._stop = follow((reading) => {
      this._reading = reading;
      if (this._data) this._show();
    });
  }

  update({ data, setStateValue }) {
    Object.assign(this, { _data: data, _set: setStateValue, _shown: null });
    this._loader.fetch(data, () => this._show(), (error) => this._fail(error));
    this._show();
  }

  close() {
    this._isClosed = true;
    this._stop();
    this._unfollow();
    this._slider.close();
    clearTimeout(this._slice);
  }

  _show() {
    const { models, loading } = this._data;
    const writing = this._reading?.writing;
    const networks = this._loader.find(models);
    const isReady = Boolean(this._loader.engine) && networks.every(Boolean);
    const isShown = Boolean(writing?.strokes.length) && isReady;
    this._message.hidden = isShown;
    this._parts.hidden = !isShown;
    write(this._message, this._reading?.message.trim() || loading);
    if (!isShown) return;
    this._slider.show(writing);
    const key = JSON.stringify([writing, models.map(({ address }) => address)]);
    if (key === this._shown) return this._mark();
    this._clear();
    const isPenDown = !this._reading.isSettled && getMoment() === null;
    if (isPenDown) return;
    this._shown = key;
    this._measure(writing, networks);
  }

  /** Takes what was found for another drawing off the page. */
  _clear() {
    clearTimeout(this._slice);
    this._shown = null;
    this._ribbons.replaceChildren();
    this._turns.replaceChildren();
    write(this._note, "");
  }

  /** Predicts for each moment, and draws the ribbons at the end. */
  _measure(writing, networks) {
    const numbers = [];
    const proceed = () => {
      const end = performance.now() + SLICE;
      while (numbers.length < MOMENTS && performance.now() < end) {
        const moment = (writing.duration * (numbers.length + 1)) / MOMENTS;
        numbers.push(readNumber(cutWriting(writing, moment), networks, this._loader.engine));
      }
      if (numbers.length === MOMENTS) this._draw(writing, numbers);
      else this._slice = setTimeout(proceed);
    };
    this._slice = setTimeout(proceed);
  }

  _draw({ duration, times, isTimed }, numbers) {
    const { models } = this._data;
    const all = numbers.map((number) => listBeliefs(number, models.length));
    const turns = [];
    this._ribbons.replaceChildren(...models.flatMap(({ title, colour }, i) => {
      const beliefs = all.map((own) => own[i]);
      const stretches = listStretches(beliefs, duration);
      turns.push(describeTurn(title, stretches, times.map(([begin]) => begin)));
      const ribbon = createRibbon(beliefs, stretches, { colour, duration, description: turns.at(-1) });
      ribbon.append(create("i", { class: "cursor" }));
      return [create("span", { class: "title" }, title), ribbon, create("output")];
    }));
    this._turns.replaceChildren(...turns.filter(Boolean).map((turn) => create("li", {}, turn)));
    write(this._note, "Height of the colour: the confidence of the model, 0 to 100%. Click a ribbon, or move the slider, to see the "
      + `drawing and all predictions as they were. ${isTimed ? "Pauses between strokes are left out."
        : "The times of these strokes are not known: one speed is assumed."}`);
    this._mark();
  }

  /** Shows where the moment is, and what the models predicted then. */
  _mark() {
    const { duration } = this._reading?.writing ?? {};
    if (!duration || !this._ribbons.childElementCount) return;
    const share = (getMoment() ?? duration) / duration;
    for (const cursor of this._ribbons.querySelectorAll(".cursor")) cursor.style.left = `${100 * share}%`;
    const present = this._ribbons.querySelectorAll("output");
    const { number } = this._reading;
    if (number && countModels(number) !== present.length) return; // the reader waits for other models
    listBeliefs(number, present.length).forEach(({ text, confidence }, i) => {
      write(present[i], text ? `${text} ${Math.round(100 * confidence)}%` : "–");
    });
  }

  _scrub(event) {
    const ribbon = event.target.closest(".ribbon");
    if (!ribbon) return;
    const { left, width } = ribbon.getBoundingClientRect();
    const share = Math.max(0, (event.clientX - left) / width);
    setMoment(share < 1 ? share * this._reading.writing.duration : null);
  }

  _fail(error) {
    if (this._isClosed) return;
    console.error("The browser cannot predict; the server will.", error);
    this._set("failed", String(error));
  }
}

const countModels = ({ rows: [[digit]] }) => digit.probabilities.length;

/** Starts the replay in a component, or gives it new data. */
export const mount = mountOnce(Replay);

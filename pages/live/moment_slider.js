/** The slider of a replay: takes the page to a moment of the writing, and plays it. */

import { create, write } from "./elements.js";
import { followMoment, getMoment, setMoment } from "./moment.js";

const STEPS = 100;

export class MomentSlider {
  #duration = 0;
  #frame;
  #unfollow;

  constructor() {
    this._play = create("button", { type: "button", onclick: () => this.#toggle() });
    this._slider = create("input", { type: "range", min: 0, max: STEPS, "aria-label": "Moment of the writing" });
    this._slider.oninput = () => {
      this.#stop();
      const step = Number(this._slider.value);
      setMoment(step < STEPS ? (step * this.#duration) / STEPS : null);
    };
    this._time = create("output");
    this.element = create("div", { class: "moment" }, this._play, this._slider, this._time);
    this.#unfollow = followMoment(() => this.#mark());
  }

  /** @param {import("./writing.js").Writing | null} writing without it, there is no slider */
  show(writing) {
    const duration = writing?.duration ?? 0;
    this.element.hidden = !duration;
    if (duration !== this.#duration) this.#stop();
    this.#duration = duration;
    this.#mark();
  }

  /** Shows the whole drawing again. */
  close() {
    this.#stop();
    this.#unfollow();
    setMoment(null);
  }

  #mark() {
    const moment = getMoment() ?? this.#duration;
    if (getMoment() === null) this.#stop();
    const time = `${moment.toFixed(1)} s`;
    this._slider.value = (STEPS * moment) / (this.#duration || 1);
    this._slider.setAttribute("aria-valuetext", time);
    write(this._time, time);
    write(this._play, this.#frame ? "Stop" : "Play");
  }

  #toggle() {
    if (this.#frame) {
      this.#stop();
      return this.#mark();
    }
    const begun = performance.now() - 1000 * (getMoment() ?? 0);
    const go = (now) => {
      const moment = Math.max(0, (now - begun) / 1000);
      this.#frame = requestAnimationFrame(go);
      setMoment(moment < this.#duration ? moment : null); // the end stops it
    };
    this.#frame = requestAnimationFrame(go);
  }

  #stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }
}

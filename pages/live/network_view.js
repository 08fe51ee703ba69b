/**
 * Network view: a network as a picture, layer by layer, for the digit that is picked on a pad or
 * for a frame from a picture. It follows the pen.
 *
 * @typedef {object} Data from pages/widgets/network.py
 * @property {{title: string, colour: string, address: string, members: string[]}[]} models
 * @property {Choice} choice at first
 * @property {number[] | null} frame 784 bytes; null for that of the digit picked on the pad
 * @property {{light: string[], dark: string[]}} colours in each theme: of the lowest value, of 0 and
 *   of the highest value, such as "#0a5c99"
 * @property {string} loading the message until there is a model
 *
 * @typedef {object} Choice
 * @property {string} model the title of the model whose network is shown
 * @property {string} member the title of the member that is shown, of a model that has members
 */

import { Digits } from "./digits.js";
import { Doubt } from "./doubt.js";
import { create, write } from "./elements.js";
import { Influence } from "./influence.js";
import { mountOnce } from "./instances.js";
import { Loader } from "./loader.js";
import { MomentSlider } from "./moment_slider.js";
import { NetworkPicture } from "./network_picture.js";
import { follow, pickFrame } from "./reading.js";
import { Segments } from "./segments.js";
import { SumView } from "./sum_view.js";
import { listStages, traceFrame } from "./trace.js";

const HELP = "Point at a cell, tap it, or move to it with the Tab and arrow keys, to see how it is computed. "
  + "Page Up and Page Down lead to the other maps, Escape back to this text.";

class NetworkView {
  constructor({ parentElement, data }) {
    this._loader = new Loader();
    this._choice = { ...data.choice };
    this._freeFrom = 0; // when the next picture may be shown, in milliseconds
    this._digits = new Digits((place) => this._reading.pick(place));
    this._doubt = new Doubt();
    this._models = new Segments("Model whose network is shown", (model) => this._choose({ model }));
    this._members = new Segments("Member of the ensemble", (member) => this._choose({ member }));
    this._mean = create("p", { class: "note" }, "The output of the ensemble is the mean of the outputs of its members.");
    this._message = create("p", { class: "message" });
    this._picture = new NetworkPicture(() => this._request());
    this._picture.element.addEventListener("click", () => {
      this._clicked = this._picture.picked;
    });
    this._sum = new SumView();
    this._influence = new Influence();
    this._detail = create("div", { class: "detail" }, this._influence.element, this._sum.element);
    this._slider = new MomentSlider();
    this._help = create("p", { class: "note" }, HELP);
    this._parts = create("div", { class: "parts" }, this._digits.element, this._doubt.element, this._models.element,
      this._members.element, this._mean, this._picture.element, this._help,
      this._slider.element, this._detail);
    parentElement.querySelector(".network").replaceChildren(this._message, this._parts);
    this._stop = follow((reading) => {
      this._reading = reading;
      if (this._data) this._follow();
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
    this._slider.close();
    this._picture.close();
    clearTimeout(this._waiting);
  }

  _choose(choice) {
    Object.assign(this._choice, choice);
    this._trigger("chosen", this._choice);
    this._request();
  }

  /** Shows a reading in the animation frame in which it is published, if there is time for it. */
  _follow() {
    if (this._waiting || performance.now() < this._freeFrom) this._request();
    else this._try();
  }

  /** Shows once for all that happens before, and takes half of the time at most. */
  _request() {
    const pause = this._freeFrom - performance.now();
    this._waiting ??= setTimeout(() => requestAnimationFrame(() => {
      this._waiting = undefined;
      this._try();
    }), pause);
  }

  _try() {
    if (this._isClosed) return;
    const start = performance.now();
    try {
      this._show();
    } catch (error) {
      this._fail(error);
    }
    const end = performance.now();
    this._freeFrom = end + (end - start);
  }

  _show() {
    const { frame: given, loading, models } = this._data;
    const frame = pickFrame(this._reading, given);
    const model = models.find(({ title }) => title === this._choice.model) ?? models[0];
    const [network] = this._loader.find([model]);
    const isShown = Boolean(frame && network);
    this._message.hidden = isShown;
    this._parts.hidden = !isShown;
    write(this._message, (!frame && this._reading?.message) || loading);
    if (!isShown) return;
    this._slider.show(given ? null : this._reading.writing);
    this._digits.show(given ? null : this._reading.number, this._reading?.picked);
    this._doubt.show(given ? null : this._reading);
    this._models.show(models.map(({ title }) => title), model.title);
    // The theme may have changed without a run of the page.
    this._colours = this._data.colours[getComputedStyle(this._parts).colorScheme] ?? this._data.colours.light;
    this._showNetwork(this._pickMember(model, network), frame);
  }

  /** The network itself, or the member that is chosen of a mean. */
  _pickMember({ members }, network) {
    const place = Math.max(members.indexOf(this._choice.member), 0);
    this._members.show(members, members[place]);
    this._mean.hidden = !members.length;
    return network.members[place] ?? network;
  }

  _showNetwork(network, frame) {
    if (this._network !== network) this._stages = listStages(network);
    this._network = network;
    const values = traceFrame(this._stages, network.tensors, frame);
    this._picture.show(this._stages, values, this._colours);
    this._explain(network.tensors, values);
  }

  /** Shows how the picked cell was computed, and for a digit, which ink had an influence. */
  _explain(tensors, values) {
    const { _stages: stages, _picture: { picked } } = this;
    const isDigit = Boolean(picked) && stages[picked.stage].ofDigits && values[picked.stage].length === 10;
    this._help.hidden = Boolean(picked);
    this._sum.element.hidden = !picked;
    this._influence.element.hidden = !isDigit;
    if (picked) this._sum.show(stages, tensors, values, picked, this._colours, !this._isPenDown());
    if (isDigit) this._influence.show(stages, tensors, values, picked.cell, this._colours);
    if (picked && picked === this._clicked) this._reveal();
    this._clicked = null;
  }

  /** Scrolls to the explanation, unless its beginning is in sight. */
  _reveal() {
    if (this._sum.isInSight()) return;
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    this._detail.scrollIntoView({ block: "nearest", behavior });
  }

  _isPenDown() {
    return !this._data.frame && this._reading?.isSettled === false;
  }

  _fail(error) {
    if (this._isClosed) return;
    console.error("The browser cannot predict; the server will.", error);
    this._set("failed", String(error));
  }
}

/** Starts the view of a network in a component, or gives it new data. */
export const mount = mountOnce(NetworkView);

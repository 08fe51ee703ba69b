/**
 * The view "Smallest change": the pixels of a frame that have to change until a model predicts another
 * digit, step by step. It is searched a few milliseconds at a time while the pen is up.
 */

import { Bars } from "./bars.js";
import {
  describeCounterfactual, describeStep, findNeighbour, mixFrames, searchCounterfactual,
} from "./counterfactual.js";
import { create, createFrame, drawPicture, write } from "./elements.js";
import { FRAME_SIZE } from "./frame.js";
import { findDigit, predictFrames } from "./predictions.js";
import { loadSamples } from "./samples.js";
import { Segments } from "./segments.js";

const SLICE = 12; // milliseconds of computing at a time
const ADDED = "#3f8fff", REMOVED = "#e66100"; // as in changes.css
const MIN_COLOUR = 0.4; // of the smallest change
const NOTE = "The other digit shown is the most similar one among labelled digits that the model predicts correctly. "
  + "Pixels are copied from it, those with the largest effect for their ink first, until the prediction "
  + "changes. Copies that are not needed are undone, so each one that is left is needed. Ink is counted in full "
  + "pixels: two pixels that change by half count as one.";

export class CounterfactualView {
  isOfOneModel = true;

  /**
   * @param {import("./changes.js").Data} data
   * @param {import("./changes.js").Page} page
   */
  constructor(data, page) {
    this._page = page;
    this._address = data.samples;
    this._rivals = new Segments("Turn it into", (rival) => page.choose({ rival }));
    this._message = create("p", { class: "message" });
    this._finding = create("p", { class: "finding", role: "status" });
    this._frame = createFrame("The changed frame");
    this._original = createFrame("The frame of the digit");
    this._neighbour = createFrame("The labelled digit");
    this._origin = create("figcaption");
    this._slider = create("input", { type: "range", min: 0, step: 1, "aria-label": "Changed pixels", oninput: () => this._showStep() });
    this._sentence = create("p", { "aria-live": "polite" });
    const bars = create("div", { class: "probabilities" });
    this._bars = new Bars(bars);
    this._body = create("div", { class: "parts" },
      create("div", { class: "both" },
        create("div", { class: "counterfactual" },
          createFigure(this._original, create("figcaption", {}, "Your digit")),
          createFigure(this._frame, create("figcaption", {}, "Changed")),
          createFigure(this._neighbour, this._origin),
          create("label", { class: "step" }, create("span", {}, "Changed pixels"), this._slider),
          this._sentence,
          create("ul", { class: "legend" },
            create("li", {}, create("i", { class: "gain" }), "ink added"),
            create("li", {}, create("i", { class: "loss" }), "ink removed"))),
        bars),
      create("p", { class: "note" }, NOTE));
    this.element = create("div", { class: "parts" },
      create("div", { class: "views rivals" }, create("span", {}, "Turn it into"), this._rivals.element),
      this._message, this._finding, this._body);
  }

  /** @param {import("./changes.js").Subject} subject */
  show({ frame, models: [model], networks: [network], isPenDown }) {
    if (!this._samples) this._load();
    if (isPenDown) return this._key ? undefined : this._explain("The change appears once the pen is up.");
    const [before] = predictFrames([frame], network);
    const digit = findDigit(before), rival = chooseRival(before, this._page.choice.rival);
    const others = [...before.keys()].filter((other) => other !== digit);
    this._rivals.show(others.map(String), String(rival));
    if (!this._samples) return this._explain(this._broken ?? "The labelled digits are loading.");
    const key = JSON.stringify([model.title, rival, [...frame]]);
    if (key === this._key) return;
    this._key = key;
    this._search(frame, rival, model, network);
  }

  close() {
    clearTimeout(this._slice);
    this._key = null;
  }

  _load() {
    loadSamples(this._address).then((samples) => {
      this._samples = samples;
    }).catch(() => {
      this._broken = "The labelled digits cannot be had. Reload the page to try again.";
    }).finally(() => this._page.refresh());
  }

  /** Shows a message in place of everything else; nothing if it is empty. */
  _explain(message) {
    write(this._message, message);
    this._message.hidden = !message;
    this._finding.hidden = Boolean(message);
    this._body.hidden = true;
  }

  _search(frame, rival, model, network) {
    clearTimeout(this._slice);
    const { title, rehearsal } = this._samples;
    const neighbour = findNeighbour(frame, rival, rehearsal, network);
    this._explain(neighbour ? "" : `${model.title} predicts none of the labelled digits as ${rival}.`);
    if (!neighbour) return;
    write(this._finding, "The smallest change is being searched.");
    write(this._origin, `Nearest ${rival} of ${title}`);
    const search = searchCounterfactual(frame, neighbour, rival, network);
    const proceed = () => {
      const end = performance.now() + SLICE;
      let step = search.next();
      while (!step.done && performance.now() < end) step = search.next();
      if (step.done) this._show(step.value, model);
      else this._schedule(proceed);
    };
    this._schedule(proceed);
  }

  _schedule(proceed) {
    this._slice = setTimeout(() => this._page.attempt(proceed));
  }

  _show(counterfactual, model) {
    Object.assign(this, { _found: counterfactual, _model: model });
    drawPicture(this._original, counterfactual.frame);
    drawPicture(this._neighbour, counterfactual.neighbour);
    write(this._finding, describeCounterfactual(counterfactual, model.title));
    this._slider.max = counterfactual.pixels.length;
    this._slider.value = counterfactual.pixels.length;
    this._body.hidden = false;
    this._showStep();
  }

  _showStep() {
    const { frame, neighbour, pixels, probabilities } = this._found;
    const step = Number(this._slider.value);
    drawChanges(this._frame, frame, mixFrames(frame, neighbour, pixels.slice(0, step)));
    this._bars.show([this._model], [probabilities[step]]);
    write(this._sentence, describeStep(this._found, step));
  }
}

/** The digit that was chosen, or else the second most probable one. */
function chooseRival(probabilities, chosen) {
  const digit = findDigit(probabilities);
  if (chosen && Number(chosen) !== digit) return Number(chosen);
  return findDigit(probabilities.map((share, other) => (other === digit ? -1 : share)));
}

const createFigure = (canvas, caption) => create("figure", {}, canvas, caption);

/** Draws a frame with its changed pixels in colour, which is stronger for a larger change. */
function drawChanges(canvas, before, after) {
  drawPicture(canvas, after);
  const context = canvas.getContext("2d");
  after.forEach((ink, i) => {
    const change = ink - before[i];
    context.globalAlpha = change && MIN_COLOUR + (1 - MIN_COLOUR) * Math.abs(change);
    context.fillStyle = change > 0 ? ADDED : REMOVED;
    context.fillRect(i % FRAME_SIZE, Math.floor(i / FRAME_SIZE), 1, 1);
  });
}

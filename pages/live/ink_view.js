/**
 * The view "Ink": a map over the digit that shows what one dot of ink more, or one less, at each
 * place does to the prediction of a model. A worker computes it while the pen is up.
 */

import { create, createFrame, drawPicture, write } from "./elements.js";
import { drawFrame } from "./frame.js";
import { changeInk, describeMap, describeOutcome, findStrongest, GRID } from "./ink_map.js";
import { createLegend, FULL_CHANGE, InkPicture } from "./ink_picture.js";
import { Segments } from "./segments.js";

const KINDS = { "One dot more": "more", "One dot less": "less" };
const NOTES = [
  "The colour of a square says what a change of the ink there does to the prediction. Orange: the digit becomes less "
  + "probable. Blue: it becomes more probable. A stronger colour is a larger change. Yellow: the model predicts "
  + "another digit, which is written there. No colour: no change, or the drawing would not be taken for one digit.",
  "Point at a square, tap it or use the arrow keys to see its numbers. One dot more adds a small filled circle. "
  + "You can draw such a dot on the pad and compare; a smaller one does not count as a part of the digit. One dot less "
  + "takes away the ink of a place, as wide as the pen. If there are several digits, the map is of the picked one alone.",
  "In detail: the strength of a colour shows the change of the log-odds, ln(p / (1 − p)), where p is the "
  + `probability of the digit. It is full at ${FULL_CHANGE}.`,
];

export class InkView {
  isOfOneModel = true;

  /**
   * @param {import("./changes.js").Data} data
   * @param {import("./changes.js").Page} page
   */
  constructor(data, page) {
    this._page = page;
    this._loading = data.loading;
    this._job = 0;
    this._map = null;
    this._kinds = new Segments("Change", (title) => page.choose({ ink: KINDS[title] }));
    this._message = create("p", { class: "message" });
    this._finding = create("p", { class: "finding", role: "status" });
    this._picture = new InkPicture((place) => this._select(place));
    this._frame = createFrame("The changed frame");
    this._sentence = create("p", { "aria-live": "polite" });
    this._body = create("div", { class: "parts" }, this._finding,
      create("div", { class: "both" }, this._picture.element,
        create("div", { class: "outcome" }, this._frame, this._sentence, createLegend())),
      ...NOTES.map((note) => create("p", { class: "note" }, note)));
    this.element = create("div", { class: "parts" }, this._kinds.element, this._message, this._body);
  }

  /** @param {import("./changes.js").Subject} subject */
  show({ frame, strokes, models: [{ title }], networks: [network], engine, isPenDown }) {
    const { ink: kind } = this._page.choice;
    this._kinds.show(Object.keys(KINDS), Object.keys(KINDS).find((one) => KINDS[one] === kind));
    const message = this._explain({ strokes, frame, engine, isPenDown });
    write(this._message, message);
    this._message.hidden = !message;
    this._body.hidden = message || !this._isDrawn;
    if (!message && !isPenDown) this._start({ title, strokes, kind, network, engine });
  }

  close() {
    this._worker?.terminate();
    this._worker = this._networks = this._map = null;
    this._isDrawn = false;
  }

  /** Why there is no map; empty where there is one. */
  _explain({ strokes, frame, engine, isPenDown }) {
    if (this._broken) return this._broken;
    if (!strokes.length) return "The map needs a drawing. Draw a digit on the pad.";
    if (isPenDown) return this._isDrawn ? "" : "The map appears once the pen is up.";
    if (!engine) return this._loading;
    const isWhole = drawFrame(strokes).every((ink, i) => ink === frame[i]);
    return isWhole ? "" : "This digit has only a part of a stroke. For the map, draw the digits apart.";
  }

  /** Has the worker compute a map, unless it is the present one. */
  _start({ title, strokes, kind, network, engine: { judge, detector } }) {
    const networks = [network, detector, ...judge];
    const isKnown = this._networks?.length === networks.length && networks.every((one, i) => one === this._networks[i]);
    const key = JSON.stringify([title, kind, strokes]);
    if (isKnown && key === this._map?.key) return;
    this._networks = networks;
    this._map = { key, title, strokes, kind, before: null, outcomes: [] };
    this._worker ??= this._createWorker();
    this._worker.postMessage({
      newNetworks: isKnown ? null : { judge, detector, model: network },
      job: { id: ++this._job, strokes, kind },
    });
  }

  _createWorker() {
    const worker = new Worker(new URL("./ink_worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => data.id === this._job && this._page.attempt(() => this._take(data));
    worker.onerror = () => {
      this._broken = "This browser cannot compute the map.";
      this._page.refresh();
    };
    return worker;
  }

  /** @param {import("./ink_worker.js").Progress} progress */
  _take({ before, outcomes }) {
    const map = this._map;
    if (!map.before) {
      this._picture.draw(map.strokes);
      this._place = null;
    }
    Object.assign(map, { before, outcomes });
    this._place ??= findStrongest(outcomes, before) ?? null;
    this._picture.colour(outcomes, before);
    write(this._finding, describeMap(map));
    this._isDrawn = true;
    this._body.hidden = !this._message.hidden;
    this._showPlace();
  }

  _select(place) {
    if (place === this._place || !this._map?.before) return;
    this._place = place;
    this._showPlace();
  }

  _showPlace() {
    const { strokes, kind, before, outcomes } = this._map, place = this._place;
    this._picture.select(place);
    const changed = place === null ? null : changeInk(strokes, kind, place);
    drawPicture(this._frame, changed?.frame ?? drawFrame(strokes));
    write(this._sentence, place === null ? ""
      : `Row ${Math.floor(place / GRID) + 1}, column ${(place % GRID) + 1}: ${describeOutcome(kind, outcomes[place], before)}`);
  }
}

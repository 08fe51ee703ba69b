/**
 * Network picture: all stages of a network, from left to right, or one below the other where there
 * is no room for that; and the cell that is picked.
 *
 * @typedef {import("./trace.js").Stage} Stage
 */

import { create } from "./elements.js";
import { LayerView } from "./layer_view.js";
import { arrangeMaps, buildPalette, readColour } from "./maps.js";
import { Outputs } from "./outputs.js";
import { findFields } from "./receptive_field.js";

// In pixels of the page.
const GAP = 6, MIN_WIDTH = 48, HEIGHT = 300, FRAME_SIDE = 84, OUTPUT_WIDTH = 84;
const FOLDED_HEIGHT = 64, CAPTION_WIDTH = 84;

export class NetworkPicture {
  /** @param {() => void} onChange called when it has to be shown again */
  constructor(onChange) {
    this._area = create("div", { class: "picture" });
    this._bar = create("i");
    this.element = create("div", {}, this._area, create("p", { class: "legend" }, "−", this._bar,
      "+ ", create("span", {}, "The range of each layer is written beside it.")));
    this._onChange = onChange;
    this._pick = null; // of a cell: its stage, its place, and whether it is meant
    this._observer = new ResizeObserver(() => {
      this._isArranged = false;
      onChange();
    });
    this._observer.observe(this._area);
  }

  /** Ends what it listens to. */
  close() {
    this._observer.disconnect();
  }

  /** The cell that is picked, or null: the place of its stage, and its own. */
  get picked() {
    return this._pick;
  }

  /**
   * Shows a network.
   * @param {Stage[]} stages
   * @param {Float32Array[]} values of each stage
   * @param {string[]} colours of the lowest value, of 0 and of the highest value
   */
  show(stages, values, colours) {
    if (this._stages !== stages) this._build(stages);
    if (!this._isArranged) this._arrange();
    if (!this._isArranged) return; // it has no width yet
    if (String(colours) !== this._colours) this._setColours(colours);
    const last = stages.length - 1;
    const { stage, cell } = this._pick ?? {};
    this._outputs.show(values[last], stage === last ? cell : null);
    const fields = this._pick ? findFields(stages, stage, cell) : [];
    this._layers.forEach((layer, place) => {
      layer.paint(values[place], this._palette);
      layer.outline(fields[place] ?? null, place === stage ? cell : null);
    });
  }

  _build(stages) {
    this._stages = stages;
    this._pick = null;
    this._isArranged = false;
    const last = stages.length - 1;
    this._layers = stages.slice(0, last).map((stage, place) =>
      new LayerView(stage, (cell, isMeant) => this._take(place, cell, isMeant)));
    this._outputs = new Outputs((digit) => this._take(last, digit, true));
    this._area.replaceChildren(...this._layers.map(({ element }) => element),
      create("figure", { class: "layer" },
        create("figcaption", {}, create("b", {}, stages[last].title), create("span", {}, "10")),
        this._outputs.element));
  }

  _setColours(colours) {
    this._colours = String(colours);
    this._palette = buildPalette(colours.map(readColour));
    this._bar.style.background = `linear-gradient(to right, ${colours})`;
  }

  /** A cell that was meant stays until another one is, or the same again. */
  _take(stage, cell, isMeant) {
    const last = this._pick;
    if (!isMeant && last?.isMeant) return;
    const isAgain = last?.isMeant && last.stage === stage && last.cell === cell;
    this._pick = cell === null || isAgain ? null : { stage, cell, isMeant };
    this._onChange();
  }

  _arrange() {
    const width = this._area.clientWidth;
    if (!width) return;
    const shapes = this._stages.slice(0, -1).map(({ shape }) => shape);
    this._isArranged = true;
    const isFolded = width < measureTaken(shapes);
    this._area.classList.toggle("folded", isFolded);
    const widths = isFolded ? shapes.map(() => width - CAPTION_WIDTH) : shareWidth(shapes, width);
    const height = isFolded ? FOLDED_HEIGHT : HEIGHT;
    const density = globalThis.devicePixelRatio;
    this._layers.forEach((layer, place) => {
      const room = place === 0 ? [FRAME_SIDE, FRAME_SIDE] : [widths[place], height];
      layer.arrange(arrangeMaps(shapes[place], ...room, density), density);
    });
  }
}

/** The width that a row takes at least: that of the frame, the output and the least of the others. */
function measureTaken({ length }) {
  return FRAME_SIDE + OUTPUT_WIDTH + (length - 1) * MIN_WIDTH + length * GAP;
}

/**
 * The width of each layer: what is left is shared as their cells need it. Ten units stay one column,
 * so that the logits stand beside the outputs.
 */
function shareWidth(shapes, width) {
  const [, ...layers] = shapes;
  const needs = layers.map(([rows, columns, count]) => rows * columns * count === 10 ? 0 : Math.sqrt(rows * columns * count));
  const sum = needs.reduce((a, b) => a + b, 0);
  const rest = width - measureTaken(shapes);
  return [FRAME_SIDE, ...needs.map((need) => MIN_WIDTH + (rest * need) / sum)];
}

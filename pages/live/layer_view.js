/**
 * Layer view: the maps of one stage of a network, of whose cells one can be picked.
 *
 * @typedef {import("./trace.js").Stage} Stage
 */

import { create, createShape, write } from "./elements.js";
import { findCell, findRange, locateCell, locateMap, MapPicture } from "./maps.js";
import { coverCell } from "./receptive_field.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MAPS = { PageUp: -1, PageDown: 1 };

export class LayerView {
  /**
   * @param {Stage} stage
   * @param {(cell: number | null, isMeant: boolean) => void} onPick called with the cell that the
   *   mouse points at, null for none, or that is meant: by a click, a tap or a key
   */
  constructor(stage, onPick) {
    this._stage = stage;
    this._onPick = onPick;
    this._canvas = create("canvas", {
      tabIndex: 0, role: "application", "aria-roledescription": "layer",
      "aria-label": `${stage.name}: ${describeMaps(stage.shape)}`,
    });
    this._outlines = createShape("svg", { "aria-hidden": "true" });
    this._limit = create("small");
    this._canvas.onpointermove = (event) => event.pointerType === "mouse" && onPick(this._find(event), false);
    this._canvas.onpointerleave = () => onPick(null, false);
    this._canvas.onclick = (event) => onPick(this._find(event), true);
    this._canvas.onkeydown = (event) => this._press(event);
    this.element = create("figure", { class: "layer" },
      create("figcaption", {}, create("b", {}, stage.title), create("span", {}, formatShape(stage.shape))),
      create("div", { class: "maps" }, this._canvas, this._outlines), this._limit);
  }

  /**
   * Lays the maps out.
   * @param {import("./maps.js").Grid} grid
   * @param {number} density how many pixels of the screen lie side by side in one of the page
   */
  arrange(grid, density) {
    const { width, height, scale } = grid;
    this._grid = grid;
    this._picture = new MapPicture(this._canvas, grid);
    Object.assign(this._canvas.style, {
      width: `${width * scale}px`, height: `${height * scale}px`,
      imageRendering: scale * density < 1 ? "auto" : "pixelated",
    });
    this._outlines.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  /**
   * Paints values, in the full range of colours.
   * @param {Float32Array} values
   * @param {import("./maps.js").Palette} palette
   */
  paint(values, palette) {
    const { lowest, highest } = findRange(values);
    const limit = Math.max(-lowest, highest);
    this._picture.paint(values, limit, palette);
    write(this._limit, `${lowest < 0 ? "±" : "0 … "}${formatLimit(limit)}`);
  }

  /**
   * Outlines a part of maps, or a cell.
   * @param {import("./receptive_field.js").Field | null} field
   * @param {number | null} cell the one that is picked
   */
  outline(field, cell) {
    this._cell = cell;
    const shapes = field ? [createShape("path", { class: "field", d: this._drawField(field) })] : [];
    if (cell !== null) {
      const picked = this._drawField(coverCell(this._stage.shape, cell));
      shapes.push(createShape("path", { class: "picked", d: picked }));
    }
    this._outlines.replaceChildren(...shapes);
  }

  _drawField({ maps, top, left, bottom, right }) {
    const { shape: [height, width, count], ...grid } = this._grid;
    const isAll = maps.length === count && right - left === width && bottom - top === height;
    if (isAll) return `M0 0H${grid.width}V${grid.height}H0Z`;
    return maps.map((map) => {
      const [x, y] = locateMap(this._grid, map);
      return `M${x + left} ${y + top}H${x + right}V${y + bottom}H${x + left}Z`;
    }).join("");
  }

  _find({ offsetX, offsetY }) {
    const { scale } = this._grid;
    return findCell(this._grid, Math.floor(offsetX / scale), Math.floor(offsetY / scale));
  }

  _press(event) {
    if (event.key === "Escape") return this._onPick(null, true);
    if (!(event.key in STEPS || event.key in MAPS)) return;
    event.preventDefault();
    const next = this._cell === null ? 0 : this._move(event.key);
    if (next === null) return;
    this._cell = next; // the next key may come before it is outlined
    this._onPick(next, true);
  }

  /** The cell that a key leads to, over the gap between two maps; null for none. */
  _move(key) {
    const { shape, gap } = this._grid;
    const { map, row, column } = locateCell(shape, this._cell);
    if (key in MAPS) {
      const next = map + MAPS[key];
      return next >= 0 && next < shape[2] ? this._cell + MAPS[key] : null;
    }
    const [x, y] = locateMap(this._grid, map);
    const [right, down] = STEPS[key];
    const cell = findCell(this._grid, x + column + right, y + row + down);
    return cell ?? findCell(this._grid, x + column + right * (1 + gap), y + row + down * (1 + gap));
  }
}

/** A number in two digits: 0.25, 1.3, 26, 140. */
const formatLimit = (limit) => String(Number(limit.toPrecision(2)));

/**
 * The maps of a stage in words.
 * @param {import("./maps.js").Shape} shape
 */
export function describeMaps([height, width, count]) {
  if (height * width === 1) return `${count} units`;
  return count === 1 ? `${height}×${width}` : `${count} maps of ${height}×${width}`;
}

function formatShape([height, width, count]) {
  if (height * width === 1) return String(count);
  return count === 1 ? `${height}×${width}` : `${height}×${width}×${count}`;
}

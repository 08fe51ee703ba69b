/**
 * Maps: the values of a layer as a grid of maps, one pixel a cell, and the colours of values.
 *
 * This module does not know networks.
 *
 * @typedef {[number, number, number]} Shape height, width and number of maps
 *
 * @typedef {object} Grid
 * @property {Shape} shape
 * @property {number} columns of maps
 * @property {number} gap pixels between two maps
 * @property {number} width in pixels of the grid
 * @property {number} height
 * @property {number} scale pixels of the page for each
 *
 * @typedef {Uint32Array} Palette a colour for each level, from the most negative to the most positive
 */

const LEVELS = 255; // on each side of 0
const MAX_SCALE = 32;

/**
 * The grid in which maps are as large as they can be.
 * @param {Shape} shape
 * @param {number} width of the room, in pixels of the page
 * @param {number} height of the room
 * @param {number} density how many pixels of the screen lie side by side in one of the page
 * @returns {Grid}
 */
export function arrangeMaps(shape, width, height, density) {
  const gap = shape[0] * shape[1] === 1 ? 0 : 1;
  let best = null;
  for (let columns = 1; columns <= shape[2]; columns++) {
    const grid = measureGrid(shape, columns, gap);
    const scale = Math.min(width / grid.width, height / grid.height, MAX_SCALE);
    if (!best || scale > best.scale) best = { ...grid, scale };
  }
  const pixels = best.scale * density;
  return pixels < 2 ? best : { ...best, scale: Math.floor(pixels) / density }; // cells of one size
}

function measureGrid(shape, columns, gap) {
  const [height, width, count] = shape;
  const rows = Math.ceil(count / columns);
  return {
    shape, columns, gap,
    width: columns * (width + gap) - gap,
    height: rows * (height + gap) - gap,
  };
}

/**
 * Where a map begins in a grid.
 * @param {Grid} grid
 * @param {number} map its number, from 0
 * @returns {[number, number]} column and row in pixels of the grid
 */
export function locateMap({ shape: [height, width], columns, gap }, map) {
  return [(map % columns) * (width + gap), Math.floor(map / columns) * (height + gap)];
}

/**
 * The cell at a pixel of a grid.
 * @param {Grid} grid
 * @param {number} x
 * @param {number} y
 * @returns {number | null} its place among the values; null between maps
 */
export function findCell({ shape: [height, width, count], columns, gap }, x, y) {
  const column = Math.floor(x / (width + gap)), row = Math.floor(y / (height + gap));
  const left = x - column * (width + gap), top = y - row * (height + gap);
  const map = row * columns + column;
  const isInside = x >= 0 && y >= 0 && column < columns && map < count && left < width && top < height;
  return isInside ? (top * width + left) * count + map : null;
}

/**
 * The map, row and column of a cell.
 * @param {Shape} shape
 * @param {number} cell its place among the values
 */
export function locateCell([, width, count], cell) {
  const place = Math.floor(cell / count);
  return { map: cell % count, row: Math.floor(place / width), column: place % width };
}

/**
 * The colours of values.
 * @param {number[][]} colours red, green and blue of the lowest value, of 0 and of the highest
 * @returns {Palette}
 */
export function buildPalette([negative, zero, positive]) {
  return Uint32Array.from({ length: 2 * LEVELS + 1 }, (_, i) => {
    const share = i / LEVELS - 1;
    const end = share < 0 ? negative : positive;
    const [red, green, blue] = zero.map((own, part) => Math.round(own + Math.abs(share) * (end[part] - own)));
    return (255 << 24) | (blue << 16) | (green << 8) | red; // as ImageData has it in memory
  });
}

/**
 * Red, green and blue of a colour.
 * @param {string} text such as "#0a5c99"
 */
export function readColour(text) {
  return [1, 3, 5].map((start) => Number.parseInt(text.slice(start, start + 2), 16));
}

/**
 * The lowest and the highest of values and 0.
 * @param {Float32Array} values
 */
export function findRange(values) {
  let lowest = 0, highest = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < lowest) lowest = values[i];
    else if (values[i] > highest) highest = values[i];
  }
  return { lowest, highest };
}

/** A picture of a grid of maps, which is painted again and again. */
export class MapPicture {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Grid} grid
   */
  constructor(canvas, grid) {
    Object.assign(canvas, { width: grid.width, height: grid.height });
    this._context = canvas.getContext("2d");
    this._image = new ImageData(grid.width, grid.height);
    this._pixels = new Uint32Array(this._image.data.buffer);
    this._places = listPixels(grid);
  }

  /**
   * Paints values; between maps nothing is painted.
   * @param {Float32Array} values
   * @param {number} limit the magnitude that has the full colour
   * @param {Palette} palette
   */
  paint(values, limit, palette) {
    const factor = limit ? LEVELS / limit : 0;
    const { _pixels: pixels, _places: places } = this;
    for (let i = 0; i < values.length; i++) {
      pixels[places[i]] = palette[Math.round(LEVELS + factor * values[i])];
    }
    this._context.putImageData(this._image, 0, 0);
  }
}

/** The pixel of each value. */
function listPixels(grid) {
  const { shape: [height, width, count] } = grid;
  return Int32Array.from({ length: height * width * count }, (_, cell) => {
    const { map, row, column } = locateCell(grid.shape, cell);
    const [left, top] = locateMap(grid, map);
    return (top + row) * grid.width + left + column;
  });
}

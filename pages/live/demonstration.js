/**
 * The demonstration: a digit that writes itself on an empty pad, once in each tab of the browser.
 *
 * It is on a layer over the pad, so that neither the pad nor the server ever has it. It ends as soon
 * as the visitor does something.
 *
 * @typedef {import("./geometry.js").Point} Point
 */

import { createShape } from "./elements.js";
import { addLayer } from "./layers.js";
import { readPen } from "./strokes.js";

const SEEN = "digitlab.demonstrated"; // in the storage of the tab
const ACTIONS = ["pointerdown", "keydown"];
// Milliseconds: before the pen, with the pen down, with the digit whole, and while it fades.
const [PAUSE, WRITING, WHOLE, FADING] = [600, 2000, 1200, 400];
/** Where the pen turns while it writes a two, in shares of the pad's side. */
const TURNS = [
  [0.3, 0.34], [0.32, 0.26], [0.39, 0.19], [0.5, 0.17], [0.6, 0.2], [0.66, 0.28], [0.64, 0.39],
  [0.57, 0.5], [0.47, 0.62], [0.38, 0.72], [0.29, 0.8], [0.29, 0.81], [0.4, 0.8], [0.55, 0.8], [0.72, 0.81],
];

export class Demonstration {
  /** @type {Point[]} of the pen until now, in pixels of the pad; none unless it writes */
  points = [];
  #onMove;
  #isOver = hasBeenSeen() || matchMedia("(prefers-reduced-motion: reduce)").matches;
  #layer = null;
  #stop = () => this.stop();

  /** @param {() => void} onMove called when the points have changed */
  constructor(onMove) {
    this.#onMove = onMove;
  }

  /**
   * Begins to write, unless that has been done.
   * @param {Element} canvas of the pad
   * @param {{side: number, pen: number}} options side of the pad and width of the pen, in its pixels
   */
  begin(canvas, { side, pen }) {
    if (this.#isOver || this.#layer || document.hidden || !canvas.getBoundingClientRect().width) return;
    for (const action of ACTIONS) window.addEventListener(action, this.#stop, { capture: true });
    this.#layer = addLine(canvas, { side, pen });
    const [all] = readPen(TURNS.map(([x, y]) => [x * side, y * side]), side);
    const begun = performance.now() + PAUSE;
    const go = (now) => {
      if (this.#isOver) return;
      const time = now - begun;
      if (time > WRITING + WHOLE + FADING || !canvas.isConnected) return this.stop();
      const points = all.slice(0, Math.ceil(Math.max(time / WRITING, 0) * all.length));
      this.#layer.lastElementChild.setAttribute("points", points.join(" "));
      this.#layer.style.opacity = Math.min(1, (WRITING + WHOLE + FADING - time) / FADING);
      if (points.length !== this.points.length) {
        this.points = points;
        this.#onMove();
      }
      requestAnimationFrame(go);
    };
    requestAnimationFrame(go);
  }

  /** Ends it for good. */
  stop() {
    if (this.#isOver) return;
    this.#isOver = true;
    remember();
    if (!this.#layer) return;
    for (const action of ACTIONS) window.removeEventListener(action, this.#stop, { capture: true });
    this.#layer.remove();
    this.#layer = null;
    this.points = [];
    this.#onMove();
  }
}

/** Adds a layer with the line of a pen. */
function addLine(canvas, { side, pen }) {
  const layer = addLayer(canvas, "demonstration", side);
  const style = `fill: none; stroke: #fff; stroke-width: ${pen}; stroke-linecap: round; stroke-linejoin: round`;
  layer.append(createShape("polyline", { style }));
  return layer;
}

function hasBeenSeen() {
  try {
    return sessionStorage.getItem(SEEN) !== null;
  } catch {
    return true; // the browser stores nothing for this page
  }
}

function remember() {
  try {
    sessionStorage.setItem(SEEN, "true");
  } catch {
    // Then it is never shown.
  }
}

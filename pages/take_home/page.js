/**
 * The page of a model that was taken home: a pad of its own, and the reader of the Draw page.
 *
 * @typedef {object} TakenHome
 * @property {Object<string, string>} addresses of the networks' files, by their names
 * @property {object} reader as pages/live/reader.js takes it, with names in place of addresses
 */

import { mount } from "./reader.js";
import { readPen } from "./strokes.js";

const INK = "#fff";

/**
 * Starts the page.
 * @param {Element} page
 * @param {TakenHome} taken
 */
export function open(page, { addresses, reader }) {
  const pad = new Pad(page.querySelector("canvas"), reader);
  globalThis[Symbol.for("digitlab.pads")] = { inks: new Map([[reader.pad, pad]]), takesKey: () => false };
  page.querySelector("#undo").onclick = () => pad.undo();
  page.querySelector("#clear").onclick = () => pad.clear();
  const component = {
    parentElement: page,
    data: {
      ...reader,
      models: reader.models.map((model) => ({ ...model, address: addresses[model.address] })),
      judge: reader.judge.map((name) => addresses[name]),
      detector: addresses[reader.detector] ?? null,
    },
    // There is no server that could know of it.
    setTriggerValue() {},
    setStateValue() {},
  };
  mount(component);
}

/** A pad with what the reader knows of one: the lines of the pen, and whether it is down. */
class Pad {
  drawing = { objects: [] };
  lines = []; // the points of each, in pixels of the pad
  isDown = false;

  constructor(canvas, { pad, side, pen }) {
    Object.assign(this, { canvas, _name: pad, _side: side, _pen: pen });
    const { devicePixelRatio } = window;
    canvas.width = canvas.height = Math.round(side * Math.max(2, devicePixelRatio));
    canvas.onpointerdown = (event) => this._begin(event);
    canvas.onpointermove = (event) => this._proceed(event);
    canvas.onpointerup = canvas.onpointercancel = ({ pointerId }) => this._end(pointerId);
  }

  undo() {
    this.lines.pop();
    this._tell();
  }

  clear() {
    this.lines = [];
    this._tell();
  }

  _begin(event) {
    if (this.isDown || event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this._pointer = event.pointerId;
    this.isDown = true;
    this.lines.push({ points: [] });
    this._add(event);
  }

  _proceed(event) {
    if (this.isDown && event.pointerId === this._pointer) this._add(event);
  }

  _end(pointer) {
    if (pointer !== this._pointer) return;
    this.isDown = false;
    this._pointer = undefined;
    this._tell();
  }

  _add({ clientX, clientY }) {
    const { left, top, width } = this.canvas.getBoundingClientRect();
    const scale = this._side / width;
    this.lines.at(-1).points.push([(clientX - left) * scale, (clientY - top) * scale]);
    this._tell();
  }

  _tell() {
    this._draw();
    window.dispatchEvent(new CustomEvent("digitlab:ink", { detail: this._name }));
  }

  _draw() {
    const { width } = this.canvas;
    const pen = this.canvas.getContext("2d");
    pen.setTransform(width / this._side, 0, 0, width / this._side, 0, 0);
    pen.clearRect(0, 0, this._side, this._side);
    Object.assign(pen, { lineWidth: this._pen, lineCap: "round", lineJoin: "round", strokeStyle: INK });
    // What is seen is what is predicted.
    for (const stroke of this.lines.flatMap(({ points }) => readPen(points, this._side))) {
      pen.beginPath();
      pen.moveTo(...stroke[0]);
      stroke.forEach((point) => pen.lineTo(...point));
      pen.stroke();
    }
  }
}

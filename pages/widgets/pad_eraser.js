/**
 * The eraser of a pad: takes each stroke that a pointer touches, as somebody would who selects it and
 * presses the button that deletes it. The canvas moves strokes meanwhile, and finds them by their ink.
 */

const STEP = 3; // between two places that are looked at, in CSS pixels
const OUTSIDE = [-9999, -9999]; // where no stroke is

class Erasing {
  /** @param remove the canvas's button that deletes what is selected. */
  constructor(canvas, event, remove) {
    Object.assign(this, { canvas, remove, pointer: event.pointerId });
    canvas.setPointerCapture?.(event.pointerId);
    this.last = [event.clientX, event.clientY];
    this.#erase(this.last);
  }

  /** Erase on the way to where the pointer is now. */
  proceed(event) {
    const [x, y] = this.last;
    this.last = [event.clientX, event.clientY];
    const [dx, dy] = [event.clientX - x, event.clientY - y];
    const steps = Math.ceil(Math.hypot(dx, dy) / STEP);
    for (let step = 1; step <= steps; step++) this.#erase([x + (dx * step) / steps, y + (dy * step) / steps]);
  }

  release() {}

  /** Delete the strokes at a place, from the uppermost one down. */
  #erase(place) {
    select(this.canvas, place);
    while (!this.remove.disabled) {
      this.remove.click();
      select(this.canvas, place);
    }
  }
}

/** Select the uppermost stroke at a place, or none. */
function select(canvas, [clientX, clientY]) {
  for (const type of ["mousedown", "mouseup"]) {
    canvas.dispatchEvent(new MouseEvent(type, {
      bubbles: true, cancelable: true, composed: true, view: window, clientX, clientY,
      buttons: Number(type === "mousedown"),
    }));
  }
}

/** Select nothing. */
function deselect(canvas) {
  select(canvas, OUTSIDE);
}

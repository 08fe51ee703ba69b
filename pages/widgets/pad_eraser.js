/**
 * The eraser of a pad: takes each stroke that a pointer touches, as somebody would who selects it and
 * presses the button that deletes it. The canvas moves strokes meanwhile, and finds them by their ink.
 */

const STEP = 3; // between two places that are looked at, in CSS pixels
const MIN_INK = 250; // of 255: the pale edge of a stroke may not be found as part of it
const PLACES = 100; // with ink that are tried at most
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

/**
 * Delete all strokes that can be seen.
 * @param canvas whose strokes can be selected.
 * @param remove as for Erasing.
 */
function eraseAll(canvas, remove) {
  for (let places = findInk(canvas); places.length; places = findInk(canvas)) {
    // At the edge of a stroke, the canvas may find none.
    const isFound = places.some((place) => {
      select(canvas, place);
      return !remove.disabled;
    });
    if (!isFound) return;
    remove.click();
  }
}

/** Some places of a canvas with ink, in CSS pixels of the window. */
function findInk(canvas) {
  const picture = canvas.parentElement.querySelector("canvas.lower-canvas");
  const { data } = picture.getContext("2d").getImageData(0, 0, picture.width, picture.height);
  const inked = [];
  for (let pixel = 0; pixel < data.length / 4; pixel++) if (data[4 * pixel] > MIN_INK) inked.push(pixel);
  const { left, top, width } = picture.getBoundingClientRect();
  const scale = width / picture.width;
  const step = Math.ceil(inked.length / PLACES);
  return inked.filter((_pixel, i) => i % step === 0).map((pixel) => {
    const [x, y] = [pixel % picture.width, Math.floor(pixel / picture.width)];
    return [left + (x + 0.5) * scale, top + (y + 0.5) * scale];
  });
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

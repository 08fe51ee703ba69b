/** The gesture of one pointer on the canvas of a pad, which sees only the mouse events made here. */

/** What one pointer does on a canvas from its first touch on, as mouse events for the canvas. */
class Gesture {
  /**
   * @param clipped whether the canvas learns only of what happens inside it.
   * @param ink what takes the lines that the gesture draws; null if it draws none.
   */
  constructor(canvas, event, { clipped, ink }) {
    Object.assign(this, { canvas, clipped, ink, pointer: event.pointerId });
    try {
      canvas.setPointerCapture(event.pointerId);
    } catch {
      // The pointer is gone already; the events that end the gesture are on their way.
    }
    this.last = [event.clientX, event.clientY];
    this.#press(this.last, event);
  }

  /** Go on to where the pointer is now. */
  proceed(event) {
    const to = [event.clientX, event.clientY];
    const part = this.clipped ? clip(this.last, to, this.canvas.getBoundingClientRect()) : [this.last, to];
    this.last = to;
    if (!part) return;
    const [start, stop] = part;
    if (!this.pressed && isSame(start, stop)) return;
    if (!this.pressed) this.#press(start, event);
    this.#tell("mousemove", stop, event);
    if (!isSame(stop, to)) this.release();
  }

  /** End the stroke, if there is one. */
  release() {
    if (this.pressed) this.#tell("mouseup", this.told, {});
    this.pressed = false;
  }

  #press(point, event) {
    this.#tell("mousedown", point, event);
    this.pressed = true;
  }

  #tell(type, point, { shiftKey = false }) {
    this.told = point;
    const [clientX, clientY] = point;
    this.canvas.dispatchEvent(new MouseEvent(type, {
      bubbles: true, cancelable: true, composed: true, view: window,
      buttons: Number(type !== "mouseup"), clientX, clientY, shiftKey,
    }));
    if (type === "mouseup") return;
    const { left, top, width } = this.canvas.getBoundingClientRect();
    const scale = parseFloat(this.canvas.style.width) / width; // the canvas's own measure is in it
    const place = [(clientX - left) * scale, (clientY - top) * scale];
    this.ink?.draw(place, { begins: type === "mousedown", straight: shiftKey });
  }
}

const isSame = ([x, y], [otherX, otherY]) => x === otherX && y === otherY;

/** The part of a line inside a rectangle, by Liang and Barsky; null where it is outside. */
function clip([x, y], [toX, toY], { left, top, right, bottom }) {
  const [dx, dy] = [toX - x, toY - y];
  let [first, last] = [0, 1];
  for (const [step, room] of [[-dx, x - left], [dx, right - x], [-dy, y - top], [dy, bottom - y]]) {
    if (step === 0 && room < 0) return null;
    if (step < 0) first = Math.max(first, room / step);
    if (step > 0) last = Math.min(last, room / step);
  }
  if (first > last) return null;
  const place = (share) => share === 1 ? [toX, toY] : [x + share * dx, y + share * dy];
  return [place(first), place(last)];
}

/** The ink of a pad, for whoever listens: what the server has, and what was drawn since. */

/** What is on a pad: the drawing that the server has, and the lines drawn since. */
class Ink {
  drawing = { objects: [] };
  lines = []; // the points of each, in pixels of the pad, and the number under which it was sent
  isDown = false; // whether a pen draws now
  canvas = null;
  #pad;
  #put;

  /** @param pad its key, which the event "digitlab:ink" of the window has as its detail. */
  constructor(pad) {
    this.#pad = pad;
  }

  /** Learn what the server has, which includes all lines up to a number. */
  take({ put, drawing, sent }) {
    // What the server puts on the pad takes the place of all that was on it. A server that was
    // restarted has the drawing, and not the number.
    const isNew = ({ number, points }) => !(number <= sent) && !hasLine(drawing, points);
    this.lines = put === this.#put ? this.lines.filter(isNew) : [];
    this.#put = put;
    this.drawing = drawing;
    this.#tell();
  }

  draw(point, { begins, straight }) {
    if (begins) this.lines.push({ points: [], number: Infinity });
    const { points } = this.lines.at(-1);
    if (straight && points.length > 1) points.pop(); // as the canvas draws with the shift key
    points.push(point);
    this.isDown = true;
    this.#tell();
  }

  /** Learn that the pen is up, and the number under which its lines are sent. */
  end(number) {
    for (const line of this.lines) line.number = Math.min(line.number, number);
    this.isDown = false;
    this.#tell();
  }

  #tell() {
    window.dispatchEvent(new CustomEvent("digitlab:ink", { detail: this.#pad }));
  }
}

/** Whether a drawing of the canvas has a line with these points; the canvas rounds its ends. */
function hasLine({ objects }, points) {
  const isNear = ([x, y], command) => Math.hypot(x - command.at(-2), y - command.at(-1)) < 1;
  return objects.some(
    ({ path }) => path && isNear(points[0], path[0]) && isNear(points.at(-1), path.at(-1)),
  );
}

/** The ink of a pad, for whoever listens: what the server has, and what was drawn since. */

const EMPTY = { objects: [] };
const MAX_WRITTEN = 100; // lines; the canvas undoes as many

/**
 * What is on a pad: the drawing that the server has, and the lines drawn since.
 *
 * Undo and redo go through the states of the pad, before the server says what the canvas has. What
 * strokes are moved or erased to is known from the server alone.
 */
class Ink {
  isDown = false; // whether a pen draws now
  canvas = null;
  written = []; // the last lines, whatever became of them
  // What was on the pad one after the other, as far as it is known: a drawing of the server, and the
  // points of the lines since, in pixels of the pad, with their times in milliseconds and the number
  // under which each was sent.
  #states = [{ drawing: EMPTY, lines: [] }];
  #place = 0; // of what is on it now
  #sent = 0; // the number of the last change
  #pad;
  #put;

  /** @param pad its key, which the event "digitlab:ink" of the window has as its detail. */
  constructor(pad) {
    this.#pad = pad;
  }

  get drawing() {
    return this.#states[this.#place].drawing;
  }

  get lines() {
    return this.#states[this.#place].lines;
  }

  /** Learn what the server has, which includes all changes up to a number. */
  take({ put, drawing, sent }) {
    // A server that was restarted has the drawing, and not the number.
    const isNew = ({ number, points }) => !(number <= sent) && !hasLine(drawing, points);
    if (put !== this.#put) this.#forget({ drawing, lines: [] });
    else if (sent === null) this.#forget({ drawing, lines: this.lines.filter(isNew) });
    else if (sent >= this.#sent) this.#states[this.#place] = { drawing, lines: this.lines.filter(isNew) };
    this.#put = put;
    this.#tell();
  }

  draw(point, { begins, straight }) {
    if (begins) {
      const line = { points: [], times: [], number: Infinity };
      this.#add({ drawing: this.drawing, lines: [...this.lines, line] });
      this.written = [...this.written, line].slice(-MAX_WRITTEN);
    }
    const { points, times } = this.lines.at(-1);
    if (straight && points.length > 1) { // as the canvas draws with the shift key
      points.pop();
      times.pop();
    }
    points.push(point);
    times.push(performance.now());
    this.isDown = true;
    this.#tell();
  }

  /** Learn that the pointer is up, and the number under which what it did is sent. */
  end(number) {
    for (const line of this.lines) line.number = Math.min(line.number, number);
    this.change(this.isDown ? 0 : null, number);
    this.isDown = false;
    this.#tell();
  }

  /**
   * Learn that the canvas has changed what is on the pad.
   * @param {-1 | 0 | 1 | null} steps through the states; null for a change that only the canvas knows
   * @param {number} number under which the change is sent
   */
  change(steps, number) {
    this.#sent = number;
    const current = this.#states[this.#place];
    if (steps === null) this.#forget(current);
    else this.#place += steps;
    // What the canvas remembers from before is not known: the pad stays until the server answers.
    if (this.#place < 0) {
      this.#states.unshift(current);
      this.#place = 0;
    }
    if (this.#place === this.#states.length) this.#states.push(current);
    this.#tell();
  }

  /** Learn that the pad has been cleared. */
  clear() {
    this.#add({ drawing: EMPTY, lines: [] });
    this.#tell();
  }

  #add(state) {
    this.#states.splice(this.#place + 1, Infinity, state);
    this.#place++;
  }

  /** Keep one state only. */
  #forget(state) {
    this.#states = [state];
    this.#place = 0;
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

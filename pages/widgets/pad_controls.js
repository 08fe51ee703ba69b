/**
 * The controls of a drawing pad: buttons, keys, one pointer that draws, a copy of the
 * drawing, and the ink of the pad for whoever listens. Does not know what is drawn.
 *
 * The pad is a canvas of streamlit-drawable-canvas in a shadow root of its own. Its toolbar lies
 * over the pad's upper right corner, unseen on touch screens. So it is taken out of the page; its
 * buttons work all the same, and ours press them.
 */

const CANVAS = "canvas.upper-canvas";
const SEND = "Update the app with this drawing";
const MOVE = "Edit", DELETE = "Delete selected";
// A touch at least this wide or high is a palm, in CSS pixels; a finger's is about 40.
const PALM = 80;
// A touch this soon after a pen was at the screen is a hand that holds the pen, in milliseconds.
const HAND_REST = 1000;
const INTERVAL_TO_LOOK = 50; // milliseconds
// The pad is as large as its column and the window allow; what is drawn keeps its measure. Beside it
// and above it stand a title, tabs and buttons, for which a low window has less room.
const STYLE = `
.dc-root { width: 100% !important; container-type: inline-size; }
.dc-container, .canvas-container, canvas {
  width: var(--pad-side) !important; height: var(--pad-side) !important;
}
.dc-root > * { --pad-side: min(100cqi, var(--pad-room, max(18rem, 100svh - 24rem))); }
@media (max-width: 640px) { .dc-root > * { --pad-side: min(100cqi, var(--pad-room, max(18rem, 100svh - 32rem))); } }
@media (max-height: 500px) { .dc-root > * { --pad-side: min(100cqi, var(--pad-room, max(12rem, 100svh - 9.5rem))); } }
`;

/**
 * The window's pads, which outlive this module: it is loaded again with every component.
 * @type {{
 *   drawings: Map<string, object>, toolbars: WeakMap<Node, Element>, inks: Map<string, Ink>,
 *   shown: {pad: Element, area: Element, enter: string | null} | null,
 *   takesKey: (event: KeyboardEvent) => boolean, leaving: Leaving,
 * }}
 */
const pads = (globalThis[Symbol.for("digitlab.pads")] ??= installPads());

function installPads() {
  const drawings = new Map(); // by the pad's key
  const toolbars = new WeakMap(); // by the shadow root of the canvas
  const inks = new Map(); // by the pad's key
  const installed = { drawings, toolbars, inks, shown: null, leaving: new Leaving() };
  let gesture = null;
  let penSeen = -Infinity;

  function begin(event) {
    const canvas = findCanvas(event);
    const hand = event.pointerType === "touch" && (
      Math.max(event.width, event.height) >= PALM || event.timeStamp - penSeen < HAND_REST
    );
    if (event.pointerType === "pen") penSeen = event.timeStamp;
    if (!canvas || gesture || event.button !== 0 || hand) return;
    findFocus()?.blur(); // keys that follow are not meant for it
    const toolbar = toolbars.get(canvas.getRootNode());
    const draws = findButton(toolbar, MOVE)?.getAttribute("aria-pressed") !== "true";
    gesture = new Gesture(canvas, event, { clipped: draws, ink: draws ? toolbar?.ink : null });
  }

  function proceed(event) {
    if (event.pointerType === "pen") penSeen = event.timeStamp;
    if (gesture?.pointer === event.pointerId) gesture.proceed(event);
  }

  function end(event) {
    if (gesture?.pointer !== event.pointerId) return;
    if (event.type === "pointerup") gesture.proceed(event); // a cancelled pointer has no place
    gesture.release();
    const toolbar = toolbars.get(gesture.canvas.getRootNode());
    gesture = null;
    toolbar?.ink.end(toolbar.report());
    // The canvas takes the stroke in a microtask, and would send it 200 ms later.
    queueMicrotask(() => findButton(toolbar, SEND)?.click());
  }

  /** The canvas sees only the mouse events that a gesture makes. */
  function keepFromCanvas(event) {
    const onCanvas = findCanvas(event) !== null;
    const hovers = event.type === "mousemove" || event.type === "mouseup";
    if (!event.isTrusted || !(hovers ? gesture : onCanvas)) return;
    event.stopImmediatePropagation();
    if (event.type.startsWith("touch") && event.cancelable) event.preventDefault();
  }

  /** Whether a key is meant for the pad: only where the focus is around it. */
  installed.takesKey = (event) => {
    const pad = installed.shown?.pad;
    if (!pad?.isConnected || event.repeat || event.defaultPrevented || event.altKey) return false;
    return (findFocus() ?? document.body).contains(pad);
  };

  function pressByKey(event) {
    if (!installed.takesKey(event)) return;
    const { area, enter } = installed.shown;
    const modifiers = `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.shiftKey ? "Shift+" : ""}`;
    const selected = findButton(area.toolbar, DELETE);
    const key = `${modifiers}${modifiers ? event.key.toLowerCase() : event.key}`;
    const button = {
      "Ctrl+z": findButton(area.toolbar, "Undo"),
      "Ctrl+y": findButton(area.toolbar, "Redo"),
      "Ctrl+Shift+z": findButton(area.toolbar, "Redo"),
      Delete: selected?.disabled ? findKeyed("clear") : selected,
      Enter: enter && findKeyed(enter),
    }[key];
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  const listen = (types, handler) => types.split(" ").forEach(
    (type) => window.addEventListener(type, handler, { capture: true, passive: false }),
  );
  listen("pointerdown", begin);
  listen("pointermove", proceed);
  listen("pointerup pointercancel lostpointercapture", end);
  listen("mousedown mousemove mouseup touchstart touchmove touchend touchcancel", keepFromCanvas);
  window.addEventListener("keydown", pressByKey);
  return installed;
}

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

/** The canvas of a pad on which an event happens; null elsewhere. */
function findCanvas(event) {
  const [target] = event.composedPath();
  return target instanceof Element && target.matches(CANVAS) ? target : null;
}

/** What has the focus, inside the roots of components too. */
function findFocus() {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused;
}

/** The button of Streamlit with a key. */
function findKeyed(key) {
  return document.querySelector(`.st-key-${key} button`);
}

function findButton(toolbar, label) {
  return toolbar?.querySelector(`[aria-label="${label}"]`) ?? null;
}

/** Take the toolbar out of the page and give its buttons to ours; whether the pad is there yet. */
function connect(area, pad) {
  const buttons = [...area.querySelectorAll("button")];
  const canvas = [...pad?.querySelectorAll("*") ?? []]
    .map(({ shadowRoot }) => shadowRoot?.querySelector(CANVAS))
    .find(Boolean);
  const root = canvas?.getRootNode();
  const toolbar = root && (pads.toolbars.get(root) ?? root.querySelector(".dc-toolbar"));
  if (!toolbar || area.toolbar === toolbar) return Boolean(toolbar);
  area.toolbar = toolbar;
  toolbar.remove();
  pads.toolbars.set(root, toolbar);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Drawing pad");
  root.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
  pad.style.width = "100%"; // of the column
  toolbar.ink = area.ink;
  area.ink.canvas = canvas;
  toolbar.report = () => area.report(pads.leaving.send(area));
  // Each button but one sends the drawing, in this task or in one of its microtasks.
  toolbar.onclick = ({ target }) => target === findButton(toolbar, MOVE) || toolbar.report();
  for (const button of buttons) {
    const theirs = findButton(toolbar, button.dataset.presses);
    button.onclick = () => theirs.click();
  }
  const mirror = () => buttons.forEach((button) => {
    const theirs = findButton(toolbar, button.dataset.presses);
    button.disabled = theirs.disabled;
    if (theirs.hasAttribute("aria-pressed")) button.ariaPressed = theirs.ariaPressed;
  });
  area.observer?.disconnect();
  area.observer = new MutationObserver(mirror);
  area.observer.observe(toolbar, { attributes: true, subtree: true });
  mirror();
  return true;
}

/**
 * @param data `pad`: its key; `put`: changes whenever the server puts a drawing on it; `drawing`:
 *   what the server has; `unknown`: whether that is nothing because the server has never seen this
 *   pad; `enter`: the key of the button that Enter presses, or null; `sent`: the number of the last
 *   drawing that the server has got, or null.
 */
export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const area = parentElement.querySelector(".pad-controls");
  area.report = (number) => {
    setStateValue("sent", number);
    return number;
  };
  pads.leaving.take(data.sent);
  const kept = pads.drawings.get(data.pad);
  if (data.unknown && kept?.objects.length) setTriggerValue("kept", kept);
  else pads.drawings.set(data.pad, data.drawing);
  if (!pads.inks.has(data.pad)) pads.inks.set(data.pad, new Ink(data.pad));
  area.ink = pads.inks.get(data.pad);
  area.ink.take(data);

  const move = area.querySelector(`[data-presses="${MOVE}"]`);
  if (area.dataset.put !== data.put && move.ariaPressed === "true") move.click();
  area.dataset.put = data.put;

  const look = () => {
    const pad = document.querySelector(`.st-key-${data.pad}`);
    pads.shown = pad && { pad, area, enter: data.enter };
    return connect(area, pad);
  };
  clearInterval(area.looking);
  if (!look()) {
    area.looking = setInterval(() => look() && clearInterval(area.looking), INTERVAL_TO_LOOK);
  }
  return () => clearInterval(area.looking);
}

/**
 * The controls of a drawing pad: buttons, keys, one pointer that draws or erases, and a copy of the
 * drawing. Does not know what is drawn.
 *
 * The pad is a canvas of streamlit-drawable-canvas in a shadow root of its own. Its toolbar lies
 * over the pad's upper right corner, unseen on touch screens. So it is taken out of the page; its
 * buttons work all the same, and ours press them.
 */

const CANVAS = "canvas.upper-canvas";
const SEND = "Update the app with this drawing";
const MOVE = "Edit", DELETE = "Delete selected";
// By how many states of the pad the canvas's buttons go; the others change what only it knows.
const STEPS = { Undo: -1, Redo: 1, [SEND]: 0 };
// A touch at least this wide or high is a palm, in CSS pixels; a finger's is about 40.
const PALM = 80;
// A touch this soon after a pen was at the screen is a hand that holds the pen, in milliseconds.
const HAND_REST = 1000;
// The button of the pad that is Streamlit's.
const BUTTONS = ".st-key-sample";
const INTERVAL_TO_LOOK = 50; // milliseconds
// The pad is as large as its column and the window allow; what is drawn keeps its measure. Beside it
// and above it stand a title, tabs and buttons, for which a low window has less room.
const STYLE = `
.dc-root { width: 100% !important; container-type: inline-size; }
.dc-container, .canvas-container, canvas {
  width: var(--pad-side) !important; height: var(--pad-side) !important;
}
.dc-root > * { --pad-side: min(100cqi, var(--pad-room, max(18rem, 100svh - 24rem))); }
@media (max-width: 640px) { .dc-root > * { --pad-side: min(100cqi, var(--pad-room, max(18rem, 100svh - 33rem))); } }
@media (max-height: 500px) { .dc-root > * { --pad-side: min(100cqi, var(--pad-room, max(12rem, 100svh - 9.5rem))); } }
`;

/**
 * The window's pads, which outlive this module: it is loaded again with every component.
 * @type {{
 *   memory: Memory, toolbars: WeakMap<Node, Element>, inks: Map<string, Ink>,
 *   shown: {pad: Element, area: Element, enter: string | null} | null,
 *   takesKey: (event: KeyboardEvent) => boolean, leaving: Leaving,
 * }}
 */
const pads = (globalThis[Symbol.for("digitlab.pads")] ??= installPads());

function installPads() {
  const memory = new Memory();
  const toolbars = new WeakMap(); // by the shadow root of the canvas
  const inks = new Map(); // by the pad's key
  const installed = { memory, toolbars, inks, shown: null, leaving: new Leaving() };
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
    const draws = !isPressed(findButton(toolbar, MOVE));
    gesture = !draws && toolbar.erases
      ? new Erasing(canvas, event, findButton(toolbar, DELETE))
      : new Gesture(canvas, event, { clipped: draws, ink: draws ? toolbar?.ink : null });
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
    // The page would scroll, or take the focus and show that it has it at the next key.
    const isPress = event.type === "mousedown" || event.type.startsWith("touch");
    if (isPress && event.cancelable) event.preventDefault();
  }

  const isFree = ({ repeat, defaultPrevented, altKey }) =>
    installed.shown?.pad.isConnected && !repeat && !defaultPrevented && !altKey;

  /** Whether a key is meant for the pad: only where the focus is around it. */
  installed.takesKey = (event) =>
    isFree(event) && (findFocus() ?? document.body).contains(installed.shown.pad);

  /** Whether a key is meant for the pad because one of its buttons has just been used. */
  function takesKeyOfButton(event) {
    const focused = findFocus();
    const isButton = installed.shown?.area.contains(focused) || focused?.closest(BUTTONS);
    return isButton && isFree(event) && (event.ctrlKey || event.metaKey || event.key === "Delete");
  }

  function pressByKey(event) {
    if (!installed.takesKey(event) && !takesKeyOfButton(event)) return;
    const { area, enter } = installed.shown;
    const modifiers = `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.shiftKey ? "Shift+" : ""}`;
    const selected = findButton(area.toolbar, DELETE);
    const key = `${modifiers}${modifiers ? event.key.toLowerCase() : event.key}`;
    const button = {
      "Ctrl+z": area.querySelector("[data-presses=Undo]"),
      "Ctrl+y": findButton(area.toolbar, "Redo"),
      "Ctrl+Shift+z": findButton(area.toolbar, "Redo"),
      Delete: selected?.disabled ? area.querySelector("[data-clears]") : selected,
      Enter: enter && findKeyed(enter),
      e: area.querySelector("[data-erases]"),
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

const isPressed = (button) => button?.getAttribute("aria-pressed") === "true";

/** Begin to move or to erase strokes, or end it if that is what a pointer does. */
function changeTool(toolbar, erases) {
  const move = findButton(toolbar, MOVE);
  const stays = isPressed(move) && Boolean(toolbar.erases) !== erases;
  toolbar.erases = erases;
  if (stays) deselect(toolbar.ink.canvas);
  else move.click();
}

/** Take all strokes off the pad, whether the server is there or not; then, the pen draws. */
function clear({ ink, toolbar, tellCleared }) {
  const { drawing } = ink;
  const move = findButton(toolbar, MOVE);
  toolbar.isClearing = true; // its buttons are not pressed by the visitor
  if (!isPressed(move)) move.click();
  eraseAll(ink.canvas, findButton(toolbar, DELETE));
  move.click();
  toolbar.isClearing = false;
  ink.clear();
  if (drawing.objects.length) {
    toolbar.deletedFrom = drawing;
    tellCleared(drawing);
  }
  findButton(toolbar, SEND).click();
}

/** What was on an empty pad before all was deleted or cleared, which the canvas cannot undo; or null. */
function findDeleted({ ink, cleared, toolbar }) {
  const isEmpty = !ink.drawing.objects.length && !ink.lines.length;
  return isEmpty ? cleared ?? toolbar.deletedFrom ?? null : null;
}

/** Take the toolbar out of the page and give its buttons to ours; whether the pad is there yet. */
function connect(area, pad) {
  const buttons = [...area.querySelectorAll("[data-presses]")];
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
  toolbar.onclick = ({ target }) => {
    if (toolbar.isClearing) return;
    if (target === findButton(toolbar, DELETE) && area.ink.drawing.objects.length) {
      toolbar.deletedFrom = area.ink.drawing;
    }
    if (target === findButton(toolbar, MOVE)) return;
    area.ink.change(STEPS[target.ariaLabel] ?? null, toolbar.report());
  };
  for (const button of buttons) {
    const theirs = findButton(toolbar, button.dataset.presses);
    button.onclick = () => {
      const deleted = button.dataset.presses === "Undo" && findDeleted(area);
      if (deleted) return area.put(deleted);
      if (button.dataset.presses !== MOVE) return theirs.click();
      changeTool(toolbar, "erases" in button.dataset);
      mirror();
    };
  }
  const mirror = () => buttons.forEach((button) => {
    const theirs = findButton(toolbar, button.dataset.presses);
    button.disabled = theirs.disabled && !(button.dataset.presses === "Undo" && findDeleted(area));
    if (!theirs.hasAttribute("aria-pressed")) return;
    const isTool = Boolean(toolbar.erases) === "erases" in button.dataset;
    button.ariaPressed = String(isTool && isPressed(theirs));
  });
  const clears = area.querySelector("[data-clears]");
  clears.onclick = () => clear(area);
  clears.disabled = false;
  area.observer?.disconnect();
  area.observer = new MutationObserver(mirror);
  area.observer.observe(toolbar, { attributes: true, subtree: true });
  area.mirror = mirror;
  mirror();
  return true;
}

/**
 * @param data `pad`: its key; `put`: changes whenever the server puts a drawing on it; `drawing`:
 *   what the server has; `unknown`: whether that is nothing because the server has never seen this
 *   pad; `cleared`: what was on it before it was cleared, or null; `enter`: the key of the button that Enter presses, or null; `sent`: the number of the last
 *   drawing that the server has got, or null.
 */
export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const area = parentElement.querySelector(".pad-controls");
  area.report = (number) => {
    setStateValue("sent", number);
    return number;
  };
  pads.leaving.take(data.sent);
  const kept = pads.memory.recall(data.pad);
  area.put = (drawing) => setTriggerValue("kept", drawing);
  area.tellCleared = (drawing) => setTriggerValue("cleared", drawing);
  if (data.unknown && kept?.objects.length) area.put(kept);
  else pads.memory.keep(data.pad, data.drawing);
  if (!pads.inks.has(data.pad)) pads.inks.set(data.pad, new Ink(data.pad));
  area.ink = pads.inks.get(data.pad);
  area.ink.take(data);
  area.cleared = data.cleared;
  area.mirror?.();

  if (area.dataset.put !== data.put) area.querySelector("[aria-pressed=true]")?.click();
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

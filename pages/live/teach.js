/**
 * Teach: the last layer of a model learns drawings of which the visitor says what digit they are.
 *
 * The browser computes everything. The server has neither these drawings nor what was learned, unless
 * the visitor keeps the model as a run: then it gets the drawings, and takes the same steps.
 *
 * @typedef {object} Data from pages/parts/draw/teach.py
 * @property {{title: string, colour: string, address: string}[]} models
 * @property {string} samples the address of labelled digits
 * @property {string} model the title of the one that learns, at first
 * @property {number[] | null} frame 784 bytes; null for that of the digit picked on the pad
 * @property {{request: string, drawings: import("./taught.js").Described[]} | null} saved the
 *   visitor's saved drawings, in answer to a request
 * @property {string} kept the id of the request to keep a model that was just answered, or empty
 * @property {string} refusal why no model can be kept as a run; empty where one can
 * @property {string} loading the message until there is a model
 */

import { Digits } from "./digits.js";
import { Doubt } from "./doubt.js";
import { create, write } from "./elements.js";
import { mountOnce } from "./instances.js";
import { Labelling } from "./labelling.js";
import { canLearn, classify, computeActivations, STEPS } from "./last_layer.js";
import { Loader } from "./loader.js";
import { FRAME_PIXELS } from "./network.js";
import { Outcome } from "./outcome.js";
import { Preparation } from "./preparation.js";
import { follow, pickFrame } from "./reading.js";
import { loadSamples } from "./samples.js";
import { Segments } from "./segments.js";
import { formatPercent } from "./sentences.js";
import { addDrawing, describeDrawing, joinDrawings, keepDrawings, loadDrawings } from "./taught.js";
import { TaughtList } from "./taught_list.js";
import { describeVerdict } from "./verdict.js";

const PEN_PAUSE = 100; // milliseconds until it is seen whether the pen is still down
const CLASSES = 10;
const INTRODUCTION = "The last layer of a model learns your drawings, in this browser. Keep the model as a run to find "
  + "it on the other pages.";
const EMPTY = "None yet. Draw a digit that the model misclassifies, and say which one it is. Five are a good start.";
const KNOWN = "This drawing is in the list already.";
const NO_SAVED = "You have no saved drawings that are not in the list.";
const UNABLE = "has no last layer of its own that could learn, because it is the mean of other models.";
const KEEP = "Keep as a run";
const KEEPING = "Keeping …";
const MAX_ANSWER_TIME = 15_000; // milliseconds; later, a model can be kept again without an answer
const PROBLEM = "The digits that the model is not to forget could not be loaded. Reload the page to try again.";

/** @type {WeakMap<import("./network.js").Network, Preparation>} */
const preparations = new WeakMap();

class Teach {
  constructor({ parentElement, data }) {
    this._loader = new Loader();
    this._model = data.model;
    this._drawings = loadDrawings();
    this._duration = 0; // of what was shown last, in milliseconds
    this._digits = new Digits((place) => this._reading.pick(place));
    this._doubt = new Doubt();
    this._models = new Segments("Model that learns", (title) => this._choose(title));
    this._message = create("p", { class: "message" });
    this._labelling = new Labelling((digit) => this._add(digit));
    this._list = new TaughtList((drawing) => this._remove(drawing));
    this._empty = create("p", { class: "note" }, EMPTY);
    this._outcome = new Outcome();
    this._verdict = create("p", { class: "verdict" });
    this._note = create("p", { class: "note" });
    this._parts = create("div", { class: "parts" }, create("p", {}, INTRODUCTION), this._models.element,
      this._digits.element, this._doubt.element, this._labelling.element, this._createHead(), this._empty,
      this._list.element, this._createActions(), this._outcome.element, this._verdict, this._note);
    parentElement.querySelector(".teach").replaceChildren(this._message, this._parts);
    this._stop = follow((reading) => {
      this._reading = reading;
      if (this._data) this._request();
    });
  }

  update({ data, setTriggerValue, setStateValue }) {
    Object.assign(this, { _data: data, _trigger: setTriggerValue, _set: setStateValue });
    this._loader.fetch({ models: data.models, judge: [], detector: null },
      () => this._request(), (error) => this._isClosed || this._fail(error));
    loadSamples(data.samples).then((samples) => { this._samples = samples; }, (error) => {
      console.error("The labelled digits cannot be loaded.", error);
      this._problem = PROBLEM;
    }).then(() => this._request());
    if (data.saved && data.saved.request === this._asked) this._addSaved(data.saved.drawings);
    if (data.kept && data.kept === this._keeping) this._endKeeping();
    this._request();
  }

  close() {
    this._isClosed = true;
    this._stop();
    clearTimeout(this._waiting);
    clearTimeout(this._slice);
    clearTimeout(this._patience);
  }

  _createHead() {
    this._save = createButton("Add my saved drawings", () => this._askForSaved());
    this._clear = createButton("Remove all", () => this._removeAll());
    return create("div", { class: "head" }, create("h4", {}, "Drawings to learn"),
      create("div", { class: "actions" }, this._save, this._clear));
  }

  _createActions() {
    this._teach = createButton("Teach", () => this._teachAll());
    this._teach.className = "primary";
    this._teach.title = `${STEPS} steps from the original model, with all drawings of the list.`;
    this._step = createButton("Step", () => this._takeStep());
    this._discard = createButton("Throw away", () => this._restart());
    this._discard.title = "Go back to the model as it was. The drawings stay.";
    this._run = createButton(KEEP, () => this._sendLesson());
    this._run.title = "The server takes the same steps with these drawings. The model is then one of your runs.";
    this._status = create("span", { role: "status" });
    return create("div", { class: "actions" }, this._teach, this._step, this._discard, this._run, this._status);
  }

  _choose(model) {
    this._model = model;
    this._trigger("chosen", model);
    this._request();
  }

  _askForSaved() {
    this._asked = String(performance.now());
    this._trigger("wanted", this._asked);
  }

  _add(digit) {
    const drawings = addDrawing(this._drawings, { frame: this._frame.slice(), digit });
    this._keep(drawings, drawings === this._drawings ? KNOWN : "");
  }

  _addSaved(described) {
    this._asked = null;
    const joined = joinDrawings(this._drawings, described);
    this._keep(joined, joined === this._drawings ? NO_SAVED : "");
  }

  _remove(drawing) {
    this._keep(this._drawings.filter((own) => own !== drawing));
    this._save.focus();
  }

  _removeAll() {
    this._keep([]);
    this._save.focus();
  }

  _keep(drawings, notice = "") {
    this._drawings = drawings;
    this._notice = notice;
    keepDrawings(drawings);
    this._request();
  }

  _teachAll() {
    const start = performance.now();
    this._learn(STEPS, true);
    this._timed = { network: this._preparation.lesson.network, seconds: (performance.now() - start) / 1000 };
  }

  /** Takes one more step; all of them again where the list of drawings has changed meanwhile. */
  _takeStep() {
    const { lesson, learned } = this._preparation;
    const isAnew = learned !== this._drawings;
    this._learn(isAnew ? lesson.steps + 1 : 1, isAnew);
  }

  /** Takes steps, from the original model or from where the lesson is: all with the same drawings. */
  _learn(steps, isAnew) {
    const { lesson } = this._preparation;
    const taught = { activations: this._activate(this._drawings), labels: this._drawings.map(({ digit }) => digit) };
    if (isAnew) lesson.restart();
    lesson.learn(taught, steps);
    this._preparation.learned = this._drawings;
    this._notice = "";
    this._request();
  }

  /** Sends the server what it needs to take the same steps. */
  _sendLesson() {
    const { lesson, learned } = this._preparation;
    this._keeping = String(performance.now());
    this._trigger("kept", {
      request: this._keeping,
      lesson: {
        model: this._title, data: this._samples.id, steps: lesson.steps, drawings: learned.map(describeDrawing),
      },
    });
    this._patience = setTimeout(() => this._endKeeping(), MAX_ANSWER_TIME);
    this._showActions();
  }

  _endKeeping() {
    clearTimeout(this._patience);
    this._keeping = undefined;
    this._request();
  }

  _restart() {
    this._preparation.lesson.restart();
    this._notice = "";
    this._teach.focus();
    this._request();
  }

  /** Shows once for all that happens before, and takes half of the time at most. */
  _request() {
    this._waiting ??= setTimeout(() => requestAnimationFrame(() => {
      this._waiting = undefined;
      const start = performance.now();
      this._try(() => this._show());
      this._duration = performance.now() - start;
    }), this._duration);
  }

  _try(act) {
    if (this._isClosed) return;
    try {
      act();
    } catch (error) {
      this._fail(error);
    }
  }

  _show() {
    const { models, loading } = this._data;
    const networks = this._loader.find(models);
    const able = models.filter((_, i) => networks[i] && canLearn(networks[i]));
    const unable = models.filter((_, i) => networks[i] && !canLearn(networks[i])).map(({ title }) => `${title} ${UNABLE}`);
    const isShown = able.length > 0 && Boolean(this._samples);
    this._message.hidden = isShown;
    this._parts.hidden = !isShown;
    const isUnable = unable.length === models.length;
    write(this._message, this._problem ?? (isUnable ? `${unable.join(" ")} Choose another model.` : loading));
    if (!isShown) return;
    const model = able.find(({ title }) => title === this._model) ?? able[0];
    this._title = model.title;
    this._network = networks[models.indexOf(model)];
    this._models.show(able.map(({ title }) => title), model.title);
    this._prepare();
    this._showPresent();
    this._showDrawings();
    this._showActions();
    write(this._note, [describeSamples(this._samples), ...unable, this._data.refusal].filter(Boolean).join(" "));
  }

  /** Has what a lesson needs computed, and takes the networks from it. */
  _prepare() {
    if (!preparations.has(this._network)) {
      preparations.set(this._network, new Preparation(this._network, this._samples));
    }
    this._preparation = preparations.get(this._network);
    const { lesson } = this._preparation;
    if (!lesson) this._slice ??= setTimeout(() => this._try(() => this._proceed()));
    // The network as it was, and as it is now if it has learned something.
    this._networks = lesson?.steps ? [this._network, lesson.network] : [this._network];
  }

  /** Computes a little, unless the pen is down. */
  _proceed() {
    const isDone = !this._isPenDown() && this._preparation.proceed();
    const pause = this._isPenDown() ? PEN_PAUSE : 0;
    this._slice = isDone ? undefined : setTimeout(() => this._try(() => this._proceed()), pause);
    if (isDone) this._request();
    else this._showActions();
  }

  _isPenDown() {
    return !this._data.frame && this._reading?.isSettled === false;
  }

  _showPresent() {
    const { frame: given } = this._data;
    this._frame = pickFrame(this._reading, given);
    this._digits.show(given ? null : this._reading?.number ?? null, this._reading?.picked);
    this._doubt.show(given ? null : this._reading);
    const sentence = this._frame ? this._describe(this._frame) : this._reading?.message ?? "";
    this._labelling.show(this._frame, sentence, !this._isPenDown());
  }

  _describe(frame) {
    const [[before], [now] = []] = this._predict(this._activate([{ frame }]));
    return now ? `${this._title} predicts ${describe(now)}. Before, it predicted ${describe(before)}.`
      : `${this._title} predicts ${describe(before)}.`;
  }

  /** Shows the drawings and the outcome, unless nothing has changed. */
  _showDrawings() {
    const drawings = this._drawings, { lesson, heldOut } = this._preparation;
    const shown = [drawings, this._networks.at(-1), lesson];
    if (shown.every((one, i) => one === this._last?.[i])) return;
    this._last = shown;
    const labels = drawings.map(({ digit }) => digit);
    const predicted = this._predict(this._activate(drawings));
    this._empty.hidden = drawings.length > 0;
    this._clear.hidden = !drawings.length;
    const isRight = checkPredictions(predicted, labels);
    const known = lesson ? checkPredictions(this._predict(heldOut.activations), heldOut.labels) : [];
    this._list.show(drawings, drawings.map((_, i) => predicted.map((own) => describe(own[i], 0)).join(" → ")),
      isRight.map((own) => own.at(-1)));
    this._outcome.show([
      ...(labels.length ? [count("Drawings to learn", isRight)] : []),
      ...(lesson ? [count("Held-out digits", known)] : []),
    ]);
    const steps = lesson?.steps ?? 0;
    write(this._verdict, steps ? describeVerdict(this._title, steps, isRight.map((own) => own.at(-1)), known) : "");
  }

  _showActions() {
    const { lesson, done, total } = this._preparation;
    this._teach.disabled = this._step.disabled = !lesson || !this._drawings.length;
    this._discard.disabled = !lesson?.steps;
    this._run.disabled = !lesson?.steps || Boolean(this._data.refusal) || Boolean(this._keeping);
    write(this._run, this._keeping ? KEEPING : KEEP);
    write(this._status, lesson ? this._notice || this._describeSteps(lesson) : `Preparing: ${Math.floor((100 * done) / total)}%`);
  }

  /** How many steps were taken, and in which time if the last ones were taken all at once. */
  _describeSteps({ steps, network }) {
    if (!steps) return "";
    const time = this._timed?.network === network ? ` in ${this._timed.seconds.toFixed(2)} s` : "";
    return `${steps} ${steps === 1 ? "step" : "steps"}${time}, from the original model`;
  }

  _activate(drawings) {
    const frames = new Float32Array(drawings.length * FRAME_PIXELS);
    drawings.forEach(({ frame }, i) => frames.set(frame, i * FRAME_PIXELS));
    return computeActivations(this._network, frames);
  }

  /** What each of the networks predicts. */
  _predict(activations) {
    return this._networks.map((network) => listPredictions(classify(network, activations)));
  }

  _fail(error) {
    console.error("The browser cannot predict; the server will.", error);
    this._set("failed", String(error));
  }
}

const createButton = (title, onclick) => create("button", { type: "button", onclick }, title);

/** The most likely digit, and its probability, of each ten probabilities. */
function listPredictions(probabilities) {
  return Array.from({ length: probabilities.length / CLASSES }, (_, i) => {
    const own = probabilities.subarray(i * CLASSES, (i + 1) * CLASSES);
    const share = Math.max(...own);
    return { digit: own.indexOf(share), share };
  });
}

/** For each label, whether each of the networks predicts it. */
const checkPredictions = (predicted, labels) =>
  Array.from(labels, (label, i) => predicted.map((own) => own[i].digit === label));

/** How many labels each of the networks predicts, for the outcome. */
const count = (title, isRight) => ({
  title, total: isRight.length, right: isRight[0].map((_, i) => isRight.filter((own) => own[i]).length),
});

const describe = ({ digit, share }, decimals) => `${digit} (${formatPercent(share, decimals)})`;

function describeSamples({ title, rehearsal, heldOut }) {
  const count = (digits) => digits.labels.length.toLocaleString("en");
  return `The model also learns ${count(rehearsal)} digits of ${title} again, so that it forgets less. `
    + `The ${count(heldOut)} held-out digits are others of ${title}; the interval is at 95%.`;
}

/** Starts the lessons in a component, or gives them new data. */
export const mount = mountOnce(Teach);

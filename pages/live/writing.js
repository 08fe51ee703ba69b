/**
 * Writing: strokes in time, so that they can be cut at a moment.
 *
 * Knows when a point was drawn only for strokes drawn in this window; for all others, the pen is
 * taken to have moved with one speed.
 *
 * @typedef {import("./geometry.js").Stroke} Stroke
 *
 * @typedef {object} Line what a pen has drawn
 * @property {import("./geometry.js").Point[]} points in pixels of the pad
 * @property {number[]} times of the points, in milliseconds
 *
 * @typedef {object} Writing
 * @property {Stroke[]} strokes
 * @property {number[][]} times of the points of each stroke, in seconds from the first one
 * @property {number} duration in seconds
 * @property {boolean} isTimed whether the times of all strokes are known
 */

import { measureTravel } from "./geometry.js";

const SPEED = 300; // of a pen whose times are not known, in pixels of the pad a second
const MIN_DURATION = 0.1; // of a stroke, in seconds: a dot takes time too
const PAUSE = 0.2; // between two strokes, in seconds: nobody waits for a pen in the air
const MAX_DISTANCE = 2; // between the ends of a line and of the stroke made of it, in pixels of the pad

/**
 * When the points of strokes were drawn.
 * @param {Stroke[]} strokes in the order in which they were drawn
 * @param {Line[]} lines that a pen has drawn, whose times are known
 * @returns {Writing}
 */
export function timeWriting(strokes, lines) {
  let end = 0, isTimed = true;
  const times = strokes.map((stroke, i) => {
    const begin = i ? end + PAUSE : 0;
    const line = lines.findLast(({ points }) => hasEnds(points, stroke));
    isTimed &&= Boolean(line);
    const own = (line ? timeStroke(stroke, line) : spread(stroke)).map((time) => begin + time);
    end = own.at(-1);
    return own;
  });
  return { strokes, times, duration: end, isTimed };
}

/**
 * What was on the pad at a moment.
 * @param {Writing} writing
 * @param {number} moment in seconds
 * @returns {Stroke[]} without those that had not been begun
 */
export function cutWriting({ strokes, times }, moment) {
  return strokes.map((stroke, i) => cutStroke(stroke, times[i], moment)).filter((stroke) => stroke.length);
}

function cutStroke(stroke, times, moment) {
  const count = times.filter((time) => time <= moment).length;
  if (!count || count === stroke.length) return stroke.slice(0, count);
  const [[x, y], [nextX, nextY]] = stroke.slice(count - 1);
  const share = (moment - times[count - 1]) / (times[count] - times[count - 1]);
  return [...stroke.slice(0, count), [x + share * (nextX - x), y + share * (nextY - y)]];
}

/** Seconds from the start of a stroke to each of its points, from the line of which it was made. */
function timeStroke(stroke, line) {
  const own = line.times.map((time) => (time - line.times[0]) / 1000);
  if (own.at(-1) < MIN_DURATION) return spread(stroke);
  const ways = measureTravel(stroke), lineWays = measureTravel(line.points);
  const scale = lineWays.at(-1) / (ways.at(-1) || 1); // the canvas smooths a line, which shortens it
  return ways.map((way) => interpolate(lineWays, own, way * scale));
}

/** The same for a pen with one speed. */
function spread(stroke) {
  const ways = measureTravel(stroke), length = ways.at(-1);
  const duration = Math.max(length / SPEED, MIN_DURATION);
  return ways.map((way, i) => duration * (length ? way / length : i / Math.max(1, stroke.length - 1)));
}

function interpolate(places, values, place) {
  const next = places.findIndex((one) => one >= place);
  if (next <= 0) return next ? values.at(-1) : values[0];
  const share = (place - places[next - 1]) / (places[next] - places[next - 1]);
  return values[next - 1] + share * (values[next] - values[next - 1]);
}

/**
 * Whether strokes are the same but for what the canvas makes of the lines of a pen.
 * @param {Stroke[]} strokes
 * @param {Stroke[]} others
 */
export function areSame(strokes, others) {
  return strokes.length === others.length && strokes.every((stroke, i) => hasEnds(stroke, others[i]));
}

const hasEnds = (points, stroke) => isNear(points[0], stroke[0]) && isNear(points.at(-1), stroke.at(-1));
const isNear = ([x, y], [otherX, otherY]) => Math.hypot(x - otherX, y - otherY) <= MAX_DISTANCE;

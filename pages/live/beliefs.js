/**
 * Beliefs: what each model predicted at moments of a writing, and the stretches in which it predicted
 * the same. This module does not know the page.
 *
 * @typedef {object} Belief of one model at one moment
 * @property {string} text the number that it predicts; empty where there is too little ink
 * @property {number} confidence the lowest of its digits
 *
 * @typedef {object} Stretch
 * @property {string} text
 * @property {number} begin seconds
 * @property {number} end seconds
 * @property {number} confidence the mean of its moments
 */

/**
 * What each model predicts for the digits of a number.
 * @param {import("./number.js").NumberPrediction | null} number
 * @param {number} count how many models there are
 * @returns {Belief[]} of each model
 */
export function listBeliefs(number, count) {
  return Array.from({ length: count }, (_, model) => {
    const own = number?.rows.map((row) => row.map(({ probabilities }) => probabilities[model])) ?? [];
    const text = own.map((row) => row.map((one) => one.indexOf(Math.max(...one))).join("")).join("/");
    return { text, confidence: Math.min(1, ...own.flat().map((one) => Math.max(...one))) };
  });
}

/**
 * The stretches of time in which a model predicted the same.
 * @param {Belief[]} beliefs at moments that are equally far apart, the last one at the end
 * @param {number} duration seconds
 * @returns {Stretch[]}
 */
export function listStretches(beliefs, duration) {
  const stretches = [];
  beliefs.forEach(({ text, confidence }, i) => {
    const [begin, end] = [(i * duration) / beliefs.length, ((i + 1) * duration) / beliefs.length];
    const last = stretches.at(-1);
    if (last?.text === text) Object.assign(last, { end, sum: last.sum + confidence, count: last.count + 1 });
    else stretches.push({ text, begin, end, sum: confidence, count: 1 });
  });
  return stretches.map(({ text, begin, end, sum, count }) => ({ text, begin, end, confidence: sum / count }));
}

/**
 * Since when a model has predicted what it predicts at the end, and what it predicted most of the
 * time before.
 * @param {string} title of the model
 * @param {Stretch[]} stretches
 * @param {number[]} begins when each stroke begins, in seconds
 */
export function describeTurn(title, stretches, begins) {
  const read = stretches.filter(({ text }) => text);
  const last = read.pop();
  if (!last) return "";
  if (!read.length) return `${title} predicted ${last.text} from the start.`;
  const stroke = begins.filter((begin) => begin <= last.begin).length;
  const where = begins.length > 1 ? `, in stroke ${stroke} of ${begins.length}` : "";
  return `${title} came to ${last.text} at ${last.begin.toFixed(1)} s${where}; before, it predicted mostly ${findLongest(read)}.`;
}

/** The text that stretches have for the longest time. */
function findLongest(stretches) {
  const times = new Map();
  for (const { text, begin, end } of stretches) times.set(text, (times.get(text) ?? 0) + end - begin);
  return [...times].reduce((longest, one) => (one[1] > longest[1] ? one : longest))[0];
}

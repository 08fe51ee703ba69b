/**
 * Sentences about a prediction: the twin of pages/parts/draw/answer.py and describe_agreement in
 * pages/widgets/prediction.py.
 *
 * @typedef {import("./number.js").DigitPrediction} DigitPrediction
 * @typedef {import("./number.js").NumberPrediction} NumberPrediction
 */

// A digit of a number is mentioned if its confidence is lower than that.
const SURE = 0.95;

/** A share in per cent. */
export const formatPercent = (share, decimals = 1) => `${(100 * share).toFixed(decimals)}%`;

/** ``a 7``, ``an 8``. */
export const withArticle = (digit) => `${Number(digit) === 8 ? "an" : "a"} ${digit}`;

/**
 * The whole answer as sentences, for those who do not see it.
 * @param {NumberPrediction} number
 * @param {string[]} titles of the models
 */
export function describeAnswer(number, titles) {
  return `${number.text.split("\n").join(", ")}. ${describePrediction(number, titles)}`;
}

/**
 * What the models predict and how certain they are.
 * @param {NumberPrediction} number
 * @param {string[]} titles of the models
 */
export function describePrediction(number, titles) {
  const digits = number.rows.flat();
  return digits.length === 1 ? describeDigit(digits[0], titles) : describeNumber(number);
}

/**
 * How far the models agree on a digit, how confident they are, and how many doubt.
 * @param {DigitPrediction} prediction
 * @param {string[]} titles of the models
 */
export function describeDigit(prediction, titles) {
  const { digit, character, confidence, question } = prediction;
  const doubts = describeDoubts(prediction, titles.length);
  const sentences = character === "?"
    ? [question, doubts, `The most likely digit is ${digit}, with ${formatPercent(confidence)} confidence.`]
    : [describeAgreement(prediction, titles), doubts];
  return sentences.filter(Boolean).join(" ");
}

function describeAgreement({ digit, confidence, probabilities }, titles) {
  const percent = formatPercent(confidence);
  if (titles.length === 1) return `${titles[0]} predicts ${digit} with ${percent} confidence.`;
  const predicted = probabilities.map((own) => own.indexOf(Math.max(...own)));
  const others = titles.map((title, i) => `${title} predicts ${predicted[i]}`)
    .filter((_, i) => predicted[i] !== digit);
  const agreement = others.length
    ? `The models disagree: ${others.join(" and ")}.`
    : `${titles.length === 2 ? "Both" : `All ${titles.length}`} models predict ${digit}.`;
  return `${agreement} Confidence in ${digit}: ${percent}.`;
}

function describeDoubts({ notSure, looksLikeDigit }, models) {
  const doubts = notSure.filter(Boolean).length;
  if (!doubts) return looksLikeDigit ? "" : "This does not look like a digit.";
  const who = models === 1 ? "The model" : `${doubts} of ${models} models`;
  return `${who} ${doubts === 1 ? "doubts" : "doubt"} that this is a digit.`;
}

function describeNumber({ rows }) {
  const digits = rows.flat();
  const doubtful = digits.filter(({ character }) => character === "?").length;
  const uncertain = digits.map((one, i) => ({ ...one, place: i + 1 }))
    .filter(({ character, confidence }) => character !== "?" && confidence < SURE)
    .sort((one, other) => one.confidence - other.confidence);
  const sentences = [`${digits.length} digits${rows.length > 1 ? ` in ${rows.length} rows` : ""}.`];
  if (doubtful) sentences.push(`${doubtful} of them may be no digit.`);
  if (uncertain.length) {
    const [{ place, digit, confidence }] = uncertain;
    sentences.push(
      `Least certain: digit ${place}, ${withArticle(digit)}, with ${formatPercent(confidence, 0)} confidence.`,
    );
  }
  return sentences.join(" ");
}

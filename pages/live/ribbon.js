/** A ribbon: what one model predicted over the time of the writing, and how confident it was. */

import { create, createShape } from "./elements.js";

const MIN_SHARE = 0.04; // of the width of a ribbon, for a stretch with its text

/**
 * A ribbon of a model.
 * @param {import("./beliefs.js").Belief[]} beliefs at moments that are equally far apart
 * @param {import("./beliefs.js").Stretch[]} stretches the same, joined
 * @param {{colour: string, duration: number, description: string}} options
 */
export function createRibbon(beliefs, stretches, { colour, duration, description }) {
  const area = createShape("svg", { viewBox: `0 0 ${beliefs.length} 1`, preserveAspectRatio: "none" });
  // A step of width 1 for each moment.
  const steps = beliefs.flatMap(({ text, confidence }, i) => {
    const height = text ? 1 - confidence : 1;
    return [[i, height], [i + 1, height]];
  });
  area.append(createShape("polygon", { points: [[0, 1], ...steps, [beliefs.length, 1]].join(" "), fill: colour }));
  const labels = stretches.map(({ text, begin, end }) => {
    const share = (end - begin) / duration;
    const label = create("span", {}, share < MIN_SHARE ? "" : text);
    label.style.left = `${(100 * begin) / duration}%`;
    label.style.width = `${100 * share}%`;
    return label;
  });
  return create("div", { class: "ribbon", role: "img", "aria-label": description }, ...labels, area);
}

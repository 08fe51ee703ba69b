/** The past of a drawing: a layer over the pad that shows it as it was at a moment. */

import { createShape } from "./elements.js";
import { addLayer } from "./layers.js";

const NAME = "past";

/**
 * Covers a pad with what was on it.
 * @param {Element | null} canvas of the pad
 * @param {import("./geometry.js").Stroke[] | null} strokes null to show the pad itself
 * @param {{side: number, pen: number}} options side of the pad and width of the pen, in its pixels
 */
export function drawPast(canvas, strokes, { side, pen }) {
  const parent = canvas?.parentElement;
  const present = parent?.querySelector(`.${NAME}`);
  if (!strokes) return present?.remove();
  const layer = present ?? (parent && addLayer(canvas, NAME, side));
  if (!layer) return;
  layer.style.zIndex = 10; // below the boxes
  const style = `fill: none; stroke: #fff; stroke-width: ${pen}; stroke-linecap: round; stroke-linejoin: round`;
  layer.replaceChildren(
    createShape("rect", { width: side, height: side, fill: "#000" }),
    ...strokes.map((stroke) => createShape("polyline", { points: stroke.join(" "), style })),
  );
}

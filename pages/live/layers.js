/**
 * Layers over a pad: pictures in its own pixels.
 *
 * They lie in the canvas's own element, so that they move with it, and take no pointer from it.
 */

import { createShape } from "./elements.js";

/**
 * Adds a layer to a pad.
 * @param {Element} canvas of the pad
 * @param {string} name its class
 * @param {number} side of the pad, in its pixels
 */
export function addLayer(canvas, name, side) {
  const layer = createShape("svg", { class: name, viewBox: `0 0 ${side} ${side}`, "aria-hidden": "true" });
  // The canvas has the z-index 10.
  layer.style.cssText = "position: absolute; inset: 0; z-index: 11; width: 100%; height: 100%; pointer-events: none";
  canvas.parentElement.append(layer);
  return layer;
}

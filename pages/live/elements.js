/** Elements of a page, and pictures of frames. */

import { FRAME_SIZE } from "./frame.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * A new element.
 * @param {string} name of its tag
 * @param {Object<string, unknown>} properties "class", ARIA and data attributes, or properties
 * @param {...(Node | string)} children
 */
export function create(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (/^(class|role|scope|aria-|data-)/.test(key)) element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children);
  return element;
}

/**
 * A new element of SVG.
 * @param {string} name of its tag
 * @param {Object<string, unknown>} attributes
 */
export function createShape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/**
 * Sets the text of an element, unless it has it: what is written again may be spoken again.
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A canvas for a frame, one pixel each.
 * @param {string} description for screen readers; empty where a text says it already
 */
export function createFrame(description) {
  const canvas = create("canvas", { class: "frame", width: FRAME_SIZE, height: FRAME_SIZE });
  if (description) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", description);
  }
  return canvas;
}

/**
 * Draws a frame, light ink on black, as on the pad.
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} frame 784 numbers in 0…1
 */
export function drawPicture(canvas, frame) {
  const picture = new ImageData(FRAME_SIZE, FRAME_SIZE);
  for (let i = 0; i < frame.length; i++) {
    picture.data.fill(255 * frame[i], 4 * i, 4 * i + 3);
    picture.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

/**
 * Presenting: keys that begin and end it, and the whole screen where the browser gives it. The
 * switch is Streamlit's; a style sheet does the rest.
 */

const PADS = Symbol.for("digitlab.pads"); // of pages/widgets/pad_controls.js
const SWITCH = ".st-key-present input";
/** Of the window: this module can be loaded again. */
const INSTALLED = Symbol.for("digitlab.presenting");

export default function () {
  globalThis[INSTALLED] ??= install();
}

function install() {
  const find = () => document.querySelector(SWITCH);
  document.addEventListener("change", ({ target }) => target.matches(SWITCH) && fill(target.checked));
  // The browser takes the Escape key that ends the whole screen.
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && find()?.checked) find().click();
  });
  window.addEventListener("keydown", (event) => {
    const control = find();
    if (!control || event.defaultPrevented) return;
    const ends = event.key === "Escape" && control.checked;
    if (ends || (isPresentKey(event) && globalThis[PADS]?.takesKey(event))) control.click();
  });
  return true;
}

const isPresentKey = ({ key, ctrlKey, metaKey }) => key.toLowerCase() === "p" && !ctrlKey && !metaKey;

async function fill(whole) {
  try {
    if (whole) await document.documentElement.requestFullscreen();
    else if (document.fullscreenElement) await document.exitFullscreen();
  } catch {
    // The window as it is will do.
  }
}

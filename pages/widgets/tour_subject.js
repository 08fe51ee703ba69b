/**
 * The subject of a step of the tour: outlined, and scrolled to below the note when the step begins.
 * Does not know the steps.
 *
 * A page grows while it is built, and so its subject moves. It is scrolled to again and again until
 * the page has had the time to settle or the visitor does something.
 */

const INTERVAL = 100; // milliseconds
const TIME_TO_SETTLE = 10_000; // milliseconds from when the subject is there
const ACTIONS = ["wheel", "touchstart", "pointerdown", "keydown"];
const MARGIN = 16; // between the subject and what is around it, in CSS pixels

/** @param data `step`: changes with every step; `subject`: the selector of what it is about. */
export default function ({ parentElement, data: { step, subject } }) {
  const style = parentElement.querySelector("style");
  const colour = getComputedStyle(parentElement).getPropertyValue("--st-primary-color");
  style.textContent =
    `${subject} { outline: 3px solid ${colour}; outline-offset: 3px; border-radius: 4px; }`;
  if (style.dataset.step === step) return;
  style.dataset.step = step;
  let looks = 0;
  const look = () => {
    const found = document.querySelector(subject);
    if (!style.isConnected || style.dataset.step !== step || looks > TIME_TO_SETTLE / INTERVAL) stop();
    else if (found) {
      looks += 1;
      scrollTo(found, parentElement.closest(".st-key-tour"));
    }
  };
  const stop = () => {
    clearInterval(looking);
    for (const action of ACTIONS) window.removeEventListener(action, stop, { capture: true });
  };
  const looking = setInterval(look, INTERVAL);
  for (const action of ACTIONS) {
    window.addEventListener(action, stop, { capture: true, passive: true });
  }
}

/** Scroll as little as shows all of it below the note, or its top if it is too high for that. */
function scrollTo(subject, note) {
  const main = subject.closest("[data-testid=stMain]");
  const place = subject.getBoundingClientRect();
  // Where the note stays while the page is scrolled.
  const stuck = parseFloat(getComputedStyle(note.parentElement).top) + note.offsetHeight;
  const { top, bottom } = main.getBoundingClientRect();
  const down = place.top - (top + stuck + MARGIN);
  main.scrollTop += Math.min(down, Math.max(0, place.bottom - (bottom - MARGIN)));
}

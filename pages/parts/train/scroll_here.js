/** Scrolls to where it is mounted, once for each new subject. */

// Below Streamlit's header.
const MARGIN = "5rem";
let seen = "";

/** @param {{ parentElement: Element, data: { subject: string } }} component */
export default function ({ parentElement, data }) {
  if (data.subject === seen) return;
  seen = data.subject;
  if (!seen) return;
  const place = parentElement.host ?? parentElement;
  place.style.scrollMarginTop = MARGIN;
  place.scrollIntoView({ block: "start" });
}

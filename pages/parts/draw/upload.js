/**
 * Watches the upload of a picture: tells the page of a file that was refused, and takes it away
 * together with the file before it.
 */

const REFUSED = ".st-key-upload [data-testid=stFileChip][aria-invalid=true] [role=alert]";
const REMOVE = ".st-key-upload [data-testid=stFileChipDeleteBtn] button";

export default function ({ setTriggerValue }) {
  const told = new WeakSet();
  const look = () => {
    const reason = document.querySelector(REFUSED);
    if (!reason || told.has(reason)) return;
    told.add(reason);
    setTriggerValue("refused", reason.textContent);
    for (const button of document.querySelectorAll(REMOVE)) button.click();
  };
  const observer = new MutationObserver(look);
  // What is in the page comes and goes, and may come after this.
  observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ["aria-invalid"] });
  look();
  return () => observer.disconnect();
}

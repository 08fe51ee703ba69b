/**
 * The menu of a narrow window, which is Streamlit's sidebar. Streamlit closes it after a choice only
 * where the browser calls itself a phone's, and names its buttons after a sidebar.
 */

const NAMES = {
  "[data-testid=stExpandSidebarButton]": "Menu",
  "[data-testid=stSidebarCollapseButton] button": "Close menu",
};

function nameButtons() {
  for (const [selector, name] of Object.entries(NAMES)) {
    document.querySelector(selector)?.setAttribute("aria-label", name);
  }
}

/** Closes the menu once Streamlit has handled the click, where it did not close it itself. */
function closeAfterChoice({ target }) {
  if (!target.closest?.("[data-testid=stSidebarNavLink]")) return;
  requestAnimationFrame(() =>
    document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click(),
  );
}

/** @returns {() => void} what Streamlit calls when it removes the component */
export default function () {
  nameButtons();
  // The button of the bar comes when the menu closes, and goes when it opens.
  const observer = new MutationObserver(nameButtons);
  const header = document.querySelector("[data-testid=stHeader]");
  if (header) observer.observe(header, { childList: true, subtree: true });
  document.addEventListener("click", closeAfterChoice, { capture: true });
  return () => {
    observer.disconnect();
    document.removeEventListener("click", closeAfterChoice, { capture: true });
  };
}

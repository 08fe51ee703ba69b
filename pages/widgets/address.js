/**
 * Addresses: a page that is opened is one entry of the browser's history, and its address holds the
 * choices. Does not know the pages.
 *
 * Streamlit opens a page from a link without its choices, and then pushes an entry for each choice
 * that it restores; while it leaves a page, it pushes an entry without the choices. So links to pages
 * are followed here: the entry is pushed with the whole address, and Streamlit is told what it is
 * told when the visitor goes back, which is to show what the address says.
 */

const MENU =
  "[data-testid=stTopNavLink], [data-testid=stTopNavDropdownLink], [data-testid=stSidebarNavLink]";
const LINKS = `${MENU}, [data-testid=stPageLink-NavLink]`;
const MAIN = "[data-testid=stMain]";
const CONNECTED = "[data-test-connection-state=CONNECTED]";
const ACTIONS = ["pointerdown", "keydown"];
/** Parameters that belong to no page, but to Streamlit. */
const EMBEDDING = ["embed", "embed_options"];
/** Of the window: this module can be loaded again. */
const INSTALLED = Symbol.for("digitlab.addresses");

/** @param data `open`: an address to open; `opening`: another one for each time to open it. */
export default function ({ data: { open, opening } }) {
  const addresses = (window[INSTALLED] ??= new Addresses());
  if (open) addresses.open(open, opening);
}

class Addresses {
  #push = history.pushState.bind(history);
  #replace = history.replaceState.bind(history);
  /** The query with which each page was seen last, by its path. */
  #seen = new Map();
  #opening = null;
  /** Whether an address was opened, and nothing has changed it since. */
  #isNew = false;

  constructor() {
    history.pushState = (...change) => this.#write(this.#push, ...change);
    history.replaceState = (...change) => this.#write(this.#replace, ...change);
    window.addEventListener("popstate", () => this.#arrive());
    document.addEventListener("click", (event) => this.#follow(event), { capture: true });
    for (const action of ACTIONS) {
      const act = ({ isTrusted }) => isTrusted && (this.#isNew = false);
      window.addEventListener(action, act, { capture: true, passive: true });
    }
    this.#remember();
  }

  /** Open an address relative to the page's, unless that has been done. */
  open(address, opening) {
    if (this.#opening === opening) return;
    this.#opening = opening;
    this.#go(new URL(address, location.href));
  }

  #go(url) {
    for (const name of EMBEDDING) {
      if (url.searchParams.has(name)) continue;
      const values = new URLSearchParams(location.search).getAll(name);
      values.forEach((value) => url.searchParams.append(name, value));
    }
    if (url.href !== location.href) this.#push({}, "", url);
    window.dispatchEvent(new PopStateEvent("popstate"));
  }

  #arrive() {
    this.#isNew = true;
    this.#remember();
  }

  #remember() {
    this.#seen.set(location.pathname, location.search);
  }

  /** What Streamlit changes about the address of a page is no entry of its own. */
  #write(change, state, title, address) {
    const url = new URL(address ?? "", location.href);
    const isSamePage = url.pathname === location.pathname;
    if (isSamePage && this.#isNew && url.search !== location.search) {
      // Streamlit takes a parameter for the previous page's if that has one of the same name, and
      // the previous page may still be writing. It knows by now which page is open.
      window.dispatchEvent(new PopStateEvent("popstate"));
      this.#isNew = false;
      return;
    }
    (isSamePage ? this.#replace : change)(state, title, address);
    this.#remember();
  }

  /** Follow a link to a page. The menu shows a page as it was seen last; others say what to show. */
  #follow(event) {
    const link = event.target.closest?.(LINKS);
    if (!link || link.target || !document.querySelector(CONNECTED)) return;
    event.stopPropagation();
    // The browser opens a new tab, a new window or a download.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    // The default page has no path of its own: its link is empty, or parameters alone.
    const address = link.getAttribute("href") ?? "";
    const url = new URL(/^(\?|$)/.test(address) ? `.${address}` : address, location.href);
    if (link.matches(MENU)) {
      url.search = this.#seen.get(url.pathname) ?? "";
    }
    const isOpen = url.pathname === location.pathname;
    this.#go(url);
    // As in every browser, a link to the page that is open shows it from its beginning.
    if (isOpen) document.querySelector(MAIN)?.scrollTo({ top: 0 });
    // Streamlit's menu closes at a press elsewhere.
    document.body.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  }
}

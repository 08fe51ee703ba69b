/**
 * The files of uploaders: the window keeps the file of each, and gives it to the uploader again where
 * the server does not have it. Tells the page of a file that was refused, and takes it away together
 * with the file before it. Gives a picture that is pasted to the uploader that takes it.
 *
 * Streamlit's uploader is empty when its page is opened again, and a server that was restarted has
 * none of its files. To give it a file, it is made to believe that the visitor has chosen it.
 */

const INPUT = "input[type=file]";
const REFUSED = "[data-testid=stFileChip][aria-invalid=true]";
const REMOVE = "[data-testid=stFileChipDeleteBtn] button";
const TAKE_OR_CLEAR = "[data-testid=stCameraInputButton]";
const PHOTOGRAPH = "img[src^='data:']";
const CONNECTED = "[data-test-connection-state=CONNECTED]";
const EDITABLE = "textarea, [contenteditable], input:not([type=radio], [type=checkbox], [type=file])";

/** The file of one uploader. */
class Upload {
  #key;
  #data;
  #tell;
  #file = null;
  /** Where the file is, or has been asked for: in this input, for this session. */
  #input = null;
  #session = null;
  #isDue = false; // whether the uploader has to get the file
  #photograph = null; // the last one of the camera
  #told = new WeakSet(); // refused files
  #observer = new MutationObserver(() => this.#look());

  constructor(key) {
    this.#key = key;
    this.#listen("change", key, ({ target }) => this.#choose(target, target.files));
    this.#listen("drop", key, ({ dataTransfer }) => this.#choose(this.#find(INPUT), dataTransfer.files));
    this.#listen("click", key, ({ target }) => target.closest(REMOVE) && this.#keep());
    window.addEventListener("paste", (event) => this.#paste(event));
  }

  /** Learn what the page shows, and how to tell it why a file was refused. */
  show(data, tell) {
    if (data.camera && !this.#data) {
      this.#listen("click", data.camera, ({ target }) => target.closest(TAKE_OR_CLEAR) && this.#keep());
    }
    this.#data = data;
    this.#tell = tell;
    // What is in the page comes and goes, and may come after this.
    this.#observer.observe(document.body, {
      subtree: true, childList: true, attributeFilter: ["aria-invalid", "data-test-connection-state"],
    });
    this.#look();
  }

  /** Learn that the page shows the uploader no longer. */
  leave() {
    this.#observer.disconnect();
  }

  #listen(type, key, handler) {
    const listen = (event) => event.target.closest?.(`.st-key-${key}`) && handler(event);
    window.addEventListener(type, listen, { capture: true });
  }

  #find(selector, key = this.#key) {
    return document.querySelector(`.st-key-${key} ${selector}`);
  }

  #choose(input, files) {
    if (!files?.length) return;
    this.#input = input;
    this.#session = this.#data.session;
    this.#keep(files[0]);
  }

  /** Keep a copy: the visitor may change or delete the file. Larger ones are refused. */
  async #keep(file = null) {
    this.#isDue = false;
    this.#file = file && file.size <= this.#data.limit ? file : null;
    if (!this.#file) return;
    const contents = await file.arrayBuffer().catch(() => null);
    if (contents && this.#file === file) {
      this.#file = new File([contents], file.name, { type: file.type });
    }
  }

  #look() {
    const input = this.#find(INPUT);
    if (!input) return;
    const isConnected = document.querySelector(CONNECTED) !== null;
    this.#takePhotograph();
    this.#refuse(isConnected);
    this.#compare(input);
    if (this.#isDue && isConnected) this.#give(this.#file);
  }

  #takePhotograph() {
    const image = this.#data.camera && this.#find(PHOTOGRAPH, this.#data.camera);
    if (!image || image === this.#photograph) return;
    this.#photograph = image;
    fetch(image.src).then((response) => response.blob()).then((blob) => {
      if (image.isConnected) this.#keep(new File([blob], "photograph.jpg", { type: blob.type }));
    });
  }

  #refuse(isConnected) {
    const chip = this.#find(REFUSED);
    if (!chip || this.#told.has(chip)) return;
    this.#told.add(chip);
    if (!isConnected) {
      this.#isDue = this.#file !== null;
      return;
    }
    this.#tell(chip.querySelector("[role=alert]").textContent);
    this.#remove("[data-testid=stFileChip]");
  }

  #compare(input) {
    const { open, session, has } = this.#data;
    const isNew = input !== this.#input;
    if (!open || !(isNew || session !== this.#session)) return;
    this.#input = input;
    this.#session = session;
    this.#isDue ||= !has && this.#file !== null;
    // Chosen before this module was there.
    if (isNew && !this.#file) this.#choose(input, input.files);
  }

  #give(file) {
    this.#remove(REFUSED);
    const transfer = new DataTransfer();
    transfer.items.add(file);
    const input = this.#find(INPUT);
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #remove(chips) {
    document.querySelectorAll(`.st-key-${this.#key} ${chips} ${REMOVE}`)
      .forEach((button) => button.click());
  }

  /** A text field takes text. */
  #paste(event) {
    const [file] = event.clipboardData.files;
    const input = this.#find(INPUT);
    const isText = event.target.matches?.(EDITABLE) && event.clipboardData.getData("text/plain");
    if (!this.#data?.paste || !file || !input || isText) return;
    event.preventDefault();
    findTab(input).click();
    this.#give(file);
  }
}

/** The tab that opens the panel in which an element is. */
function findTab(element) {
  const tabs = element.closest("[data-testid=stTabs]");
  const panel = element.closest("[data-testid=stTabPanel]");
  const place = [...tabs.querySelectorAll("[data-testid=stTabPanel]")].indexOf(panel);
  return tabs.querySelectorAll("[role=tab]")[place];
}

/** By the key of the uploader; they outlive this module, which may be loaded again. */
const uploads = (globalThis[Symbol.for("digitlab.uploads")] ??= new Map());

/**
 * @param data `key`: of the uploader; `camera`: the key of a camera whose photograph is the file too,
 *   or null; `paste`: whether it takes pasted files; `limit`: bytes of a file; `open`: whether its
 *   tab is; `session`: another one for each session; `has`: whether that has the file.
 */
export default function ({ data, setTriggerValue }) {
  if (!uploads.has(data.key)) uploads.set(data.key, new Upload(data.key));
  const upload = uploads.get(data.key);
  upload.show(data, (reason) => setTriggerValue("refused", reason));
  return () => upload.leave();
}

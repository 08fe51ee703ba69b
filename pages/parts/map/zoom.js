/**
 * The zoom of a chart: tells the page which part of the map is in sight when that has changed.
 */

/** All points are between this and its negative. */
const WHOLE = 1;

/** The zooms that are told, by the parent of their component: this function runs again and again. */
const told = new WeakMap();

/** @returns {() => void} what Streamlit calls when it removes the component */
export default function ({ parentElement, data, setTriggerValue }) {
  const zoom = told.get(parentElement) ?? new Zoom();
  told.set(parentElement, zoom);
  zoom.follow(data.chart, (view) => setTriggerValue("view", view));
  return () => zoom.stop();
}

class Zoom {
  /** @param {string} key of the chart  @param {(view: number[] | null) => void} tell */
  follow(key, tell) {
    this._tell = tell;
    if (this._observer && this._key === key) return;
    this.stop();
    this._key = key;
    this._observer = new MutationObserver(() => this._find());
    this._observer.observe(document.querySelector("[data-testid=stMain]"), {
      childList: true, subtree: true,
    });
    this._find();
  }

  stop() {
    this._observer?.disconnect();
    this._observer = null;
  }

  /** Listens to the chart, which is there late, and is another one after a change of the figure. */
  _find() {
    const chart = document.querySelector(`.st-key-${this._key} .js-plotly-plot`);
    if (!chart?.on || chart === this._chart) return;
    this._chart = chart;
    chart.on("plotly_relayout", (changes) => {
      // At once: what is chosen next may begin another chart, which has the zoom of the address.
      if (Object.keys(changes).some((name) => /^[xy]axis\./.test(name))) this._tell(findView(chart));
    });
  }
}

/** The lowest and highest x and y in sight; null where all of the map is. */
function findView({ layout: { xaxis, yaxis } }) {
  const view = [...xaxis.range, ...yaxis.range];
  const isAll = view.every((value, place) => (place % 2 ? value >= WHOLE : value <= -WHOLE));
  return isAll ? null : view;
}

/** Instances: what a component of the page shows is built once, and given new data at each run. */

/**
 * The function that a component calls with its data, at first and at each run of the page.
 *
 * @typedef {{parentElement: Element, data: object, setTriggerValue: Function, setStateValue: Function}} Component
 *
 * @param {new (component: Component) => {update(component: Component): void, close(): void}} Shown
 * @returns {(component: Component) => () => void} returns what ends it
 */
export function mountOnce(Shown) {
  const instances = new WeakMap();
  return (component) => {
    const { parentElement } = component;
    if (!instances.has(parentElement)) instances.set(parentElement, new Shown(component));
    const shown = instances.get(parentElement);
    shown.update(component);
    return () => {
      shown.close();
      instances.delete(parentElement);
    };
  };
}

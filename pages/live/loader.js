/**
 * Loader: fetches networks, each once for as long as the window is open.
 *
 * The first model that has arrived predicts while the others are still on their way.
 *
 * @typedef {import("./network.js").Network} Network
 */

import { readNetwork } from "./network.js";
import { buildEngine } from "./number.js";

// Of one file, for example while the server starts again; the pauses between them grow.
const MAX_ATTEMPTS = 6;
const FIRST_PAUSE = 500; // milliseconds

/** @type {Map<string, Promise<Network>>} by address */
const networks = new Map();

/**
 * The network at an address below the page's.
 * @param {string} address
 * @returns {Promise<Network>}
 * @throws {Error} it cannot be had
 */
function load(address) {
  if (!networks.has(address)) {
    const loading = fetchFile(address).then(readNetwork);
    loading.catch(() => networks.delete(address));
    networks.set(address, loading);
  }
  return networks.get(address);
}

/**
 * The contents of a file at an address below the page's.
 * @param {string} address
 * @returns {Promise<ArrayBuffer>}
 * @throws {Error} it cannot be had
 */
export async function fetchFile(address, attempts = MAX_ATTEMPTS, pause = FIRST_PAUSE) {
  try {
    const response = await fetch(new URL(address, document.baseURI));
    if (response.ok) return await response.arrayBuffer();
    if (response.status < 500) attempts = 0; // it will not be otherwise next time
    throw new Error(`${response.status} for ${address}`);
  } catch (error) {
    if (attempts <= 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, pause));
    return fetchFile(address, attempts - 1, 2 * pause);
  }
}

/** What has arrived of the networks that a page needs. */
export class Loader {
  /** @type {import("./number.js").Engine | null} null until it can find digits */
  engine = null;
  #arrived = new Map(); // networks by address
  #wanted = "";

  /**
   * Fetch what is missing.
   * @param {{models: {address: string}[], judge: string[], detector: string | null}} wanted
   * @param {() => void} onArrival called whenever more has arrived
   * @param {(error: Error) => void} onFailure called if a network cannot be had
   */
  fetch({ models, judge, detector }, onArrival, onFailure) {
    const addresses = [...new Set([...judge, detector, ...models.map(({ address }) => address)])];
    if (this.#wanted === String(addresses)) return;
    this.#wanted = String(addresses);
    for (const address of addresses.filter(Boolean)) {
      load(address).then((network) => {
        this.#arrived.set(address, network);
        this.#build(judge, detector);
        onArrival();
      }).catch(onFailure);
    }
  }

  /**
   * The networks of models; null for those that are on their way.
   * @param {{address: string}[]} models
   */
  find(models) {
    return models.map(({ address }) => this.#arrived.get(address) ?? null);
  }

  #build(judge, detector) {
    const judges = judge.map((address) => this.#arrived.get(address)).filter(Boolean);
    const detects = this.#arrived.get(detector);
    if (!judges.length || (detector && !detects)) return;
    // What it remembers stays, unless another network has arrived or taken the place of one.
    const current = this.engine && [this.engine.detector, ...this.engine.judge];
    const wanted = [detects, ...judges];
    const isSame = current?.length === wanted.length && wanted.every((one, i) => one === current[i]);
    if (!isSame) this.engine = buildEngine(judges, detects);
  }
}

import { element, say } from './dom.mjs';

/** @typedef {import('./runner.mjs').Light} Light */

const NAMES = { dask: 'Dask', ray: 'Ray', runner: 'Runner' };

/** A light for each cluster, in the corner; each state has its shape and, unless ready, its word. */
export class Lights {
  #root = element('div', { class: 'pane-lights', role: 'group', 'aria-label': 'Clusters' });
  /** @type {Record<string, Light>} */
  states = {};
  #connected = true;
  #live = true;

  constructor() {
    document.body.append(this.#root);
  }

  /** @param {Record<string, Light>} states */
  set(states) {
    this.states = states;
    this.#render();
  }

  /** @param {boolean} connected is the runner there? */
  connected(connected) {
    if (this.#connected && !connected) say('The runner is gone; connecting again');
    this.#connected = connected;
    this.#render();
  }

  /** @param {boolean} live or do panes replay? */
  mode(live) {
    this.#live = live;
    this.#render();
  }

  #render() {
    /** @type {Record<string, Light>} */
    const states = this.#connected
      ? this.states
      : { runner: { state: 'down', detail: 'gone; connecting again' } };
    const mode = this.#live ? [] : [element('span', { title: 'v: live again' }, 'Recordings')];
    this.#root.replaceChildren(
      ...mode,
      ...Object.entries(NAMES).flatMap(([name, label]) => {
        const light = states[name];
        if (!light) return [];
        const word = name === 'runner' ? 'gone' : light.state;
        const title = `${label}: ${[light.state, light.detail].filter(Boolean).join(', ')}`;
        const dot = element('i', { 'aria-hidden': 'true' });
        const text = light.state === 'ready' ? label : `${label} ${word}`;
        return [element('span', { 'data-light': light.state, title }, dot, text)];
      }),
    );
  }
}

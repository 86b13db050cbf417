import { button, element, say } from './dom.mjs';

/** @typedef {import('./run/messages.d.ts').Cluster} Cluster */

/** What is shown where there is no runner to tell of clusters. */
const GONE = /** @type {Cluster} */ ({
  name: '',
  dashboard: '',
  title: 'Runner',
  state: 'down',
  detail: 'gone; connecting again',
  doing: '',
});

/** A light for each cluster, in the corner; each state has its shape and, unless ready, its word. */
export class Lights {
  #root = element('div', { class: 'pane-lights', role: 'group', 'aria-label': 'Clusters' });
  /** @type {Cluster[]} */
  clusters = [];
  #connected = true;
  #live = true;
  #start;

  /** @param {((name: string) => void) | null} start a cluster, without waiting; null: not from here */
  constructor(start) {
    this.#start = start;
    document.body.append(this.#root);
  }

  /** @param {Cluster[]} clusters */
  set(clusters) {
    this.clusters = clusters;
    this.#render();
  }

  /** @param {boolean} connected is the runner there? */
  connected(connected) {
    if (this.#connected && !connected) say('The runner is gone; connecting again');
    this.#connected = connected;
    this.#render();
  }

  /** Start all that are down. Returns false if none is. */
  start() {
    const down = this.#connected ? this.clusters.filter(({ state }) => state === 'down') : [];
    for (const { name } of down) this.#start?.(name);
    if (down.length > 0) say('Trying now');
    return down.length > 0;
  }

  /** @param {boolean} live or do panes replay? */
  mode(live) {
    this.#live = live;
    this.#render();
  }

  #render() {
    const shown = this.#connected ? this.clusters : [GONE];
    const mode = this.#live ? [] : [element('span', { title: 'v: live again' }, 'Recordings')];
    this.#root.replaceChildren(
      ...mode,
      ...shown.map((cluster) => {
        const { name, title, state, detail, doing } = cluster;
        const word = cluster === GONE ? 'gone' : state;
        const tip = `${title}: ${[state, detail].filter(Boolean).join(', ')}`;
        const dot = element('i', { 'aria-hidden': 'true' });
        const text = state === 'ready' ? title : `${title} ${word}`;
        const work = doing ? [element('small', {}, doing)] : [];
        const start = this.#start;
        const again =
          start && state === 'down' && cluster !== GONE
            ? [button(null, 'Try now', `Try now: ${title} (n)`, () => start(name))]
            : [];
        return element('span', { 'data-light': state, title: tip }, dot, text, ...work, ...again);
      }),
    );
  }
}

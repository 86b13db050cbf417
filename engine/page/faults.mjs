import { element } from './dom.mjs';

/** While writing: what is wrong with the deck, over the deck. */
export class Faults {
  #root = element('div', { class: 'pane-faults', role: 'alert' });

  /**
   * @param {string[]} faults none takes it away
   * @param {boolean} shown whether they are the faults of the deck that is shown
   */
  show(faults, shown) {
    const last = 'The deck has faults; this is the last one without';
    this.#root.replaceChildren(
      element('strong', {}, shown ? 'The deck has faults' : last),
      ...faults.map((fault) => element('p', {}, fault)),
    );
    if (faults.length > 0) document.body.append(this.#root);
    else this.#root.remove();
  }
}

import { element } from './dom.mjs';

/** While writing: why the deck could not be built, over the deck as it was. */
export class Faults {
  #root = element('div', { class: 'pane-faults', role: 'alert' });

  /** @param {string[]} faults none takes it away */
  show(faults) {
    this.#root.replaceChildren(
      element('strong', {}, 'The deck has faults; this is the last one without'),
      ...faults.map((fault) => element('p', {}, fault)),
    );
    if (faults.length > 0) document.body.append(this.#root);
    else this.#root.remove();
  }
}

import { button, element } from './dom.mjs';

/** @type {[string, [string, string][]][]} */
const KEYS = [
  [
    'Snippets',
    [
      ['r', 'Run the slide’s snippet; with several, choose (r or Tab), then Enter'],
      ['s', 'Stop'],
      ['v', 'Live or recording'],
      ['c', 'Copy the code'],
      ['Esc', 'Out of a pane; close a drawer'],
    ],
  ],
  [
    'In a pane',
    [
      ['Tab', 'Next control'],
      ['Enter Space', 'Press it'],
      ['↑ ↓ PgUp PgDn', 'Scroll the output'],
    ],
  ],
  [
    'Slides',
    [
      ['→ ↓ PgDn Space', 'Next step (with Shift: slide; Space: back)'],
      ['← ↑ PgUp', 'Previous step (with Shift: slide)'],
      ['Home End', 'First, last slide'],
      ['o Esc', 'Overview'],
      ['f F11', 'Full screen'],
      ['p', 'Presenter view'],
      ['+ −', 'Size of the notes, in presenter view'],
      ['?', 'These keys'],
    ],
  ],
];

/** The overlay that lists all keys, ours and Marp's. */
export class Help {
  #dialog = /** @type {HTMLDialogElement} */ (
    element('dialog', { class: 'pane-help', 'aria-label': 'Keys' })
  );

  constructor() {
    const groups = KEYS.map(([title, keys]) => {
      const list = element('dl');
      for (const [names, effect] of keys) {
        const caps = names.split(' ').map((name) => element('kbd', {}, name));
        list.append(element('dt', {}, ...caps), element('dd', {}, effect));
      }
      return element('div', {}, element('strong', {}, title), list);
    });
    const close = button('close', '', 'Close (Esc)', () => this.close());
    this.#dialog.append(close, ...groups);
    document.body.append(this.#dialog);
  }

  get open() {
    return this.#dialog.open;
  }

  toggle() {
    if (this.open) this.close();
    else this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }
}

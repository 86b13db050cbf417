import { button, element } from './dom.mjs';

/** @type {[string, [string, string][]][]} */
const KEYS = [
  [
    'Snippets',
    [
      ['r', 'Run; of several, choose, then Enter'],
      ['s', 'Stop'],
      ['v', 'Live or recordings; after a failure, play that'],
      ['x', 'How a run differs from its recording'],
      ['c', 'Copy the code'],
    ],
  ],
  [
    'On stage',
    [
      ['p', 'Presenter view'],
      ['t', 'Its clock: start, pause'],
      ['+ −', 'Size of its notes'],
      ['l', 'Point with the mouse'],
      ['d', 'Draw; ⌫ takes back, the next slide clears'],
      ['b .', 'Black; again, or Esc, or a turn: the slide'],
      ['w ,', 'White'],
      ['q', 'Codes for phone and audience'],
      ['a', 'The audience’s on the projector'],
      ['n', 'Start now what is down'],
    ],
  ],
  [
    'Slides',
    [
      ['→ ↓ PgDn Space', 'Next step; with Shift, slide'],
      ['← ↑ PgUp', 'Step back; with Shift, slide'],
      ['Home End', 'First, last slide'],
      ['g /', 'Go to a number, or find words'],
      ['⌫', 'Back to where the last jump began'],
      ['o', 'Overview; arrows, then Enter'],
      ['f F5 F11', 'Full screen'],
      ['?', 'These keys'],
    ],
  ],
  [
    'In a pane',
    [
      ['Tab', 'Next control'],
      ['Enter Space', 'Press it'],
      ['↑ ↓ PgUp PgDn', 'Scroll'],
      ['Esc', 'Leave it, close a drawer'],
    ],
  ],
];

/** Where the runner takes edited code. @type {[string, string][]} */
const EDIT_KEYS = [
  ['e', 'Edit the code; Esc ends that, again restores it'],
  ['Ctrl+Enter', 'There: run it'],
];

/** The overlay that lists all keys, ours and Marp's. */
export class Help {
  #dialog = /** @type {HTMLDialogElement} */ (
    element('dialog', { class: 'pane-help', 'aria-label': 'Keys' })
  );

  constructor() {
    const editable = 'editable' in document.body.dataset;
    const groups = KEYS.map(([title, keys]) => {
      const list = element('dl');
      const more = editable && title === 'Snippets' ? EDIT_KEYS : [];
      for (const [names, effect] of [...keys, ...more]) {
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

import { button, describe, element } from '../dom.mjs';
import { Pane } from './pane.mjs';

/** @typedef {import('./session.mjs').Session} Session */

const MOST_ROWS = 11;
const LEAST_ROWS = 4;
const LEAST_ZOOM = 0.5;

/**
 * A pane for code whose output the slide does not show: an output that is there from a run until it
 * is closed. It has the place that an output has, so that nothing is under it.
 */
export class Drawer extends Pane {
  #figures;
  #opener;
  #rows;
  /** Code may be edited, and get longer. */
  #watcher = new ResizeObserver(() => requestAnimationFrame(() => this.#fit()));
  /** @type {object | null} the run it has opened for: closed, it stays so until the next */
  #openedFor = null;

  /**
   * @param {HTMLElement[]} figures all code of the slide that it runs
   * @param {Session} session
   */
  constructor(figures, session) {
    const command = element('span', { class: 'command' }, session.replay.recording.command);
    const bar = element('figcaption', {}, command);
    const screen = element('pre', { class: 'screen' });
    const root = element('figure', { class: 'output pane-drawer' }, bar, screen);
    super(root, bar, screen, session);
    bar.append(button('close', '', 'Close (Esc)', () => this.close()));
    this.#figures = figures;
    this.#rows = rowsOf(session.replay.recording);

    const { id } = session;
    const label = () => `${session.live ? 'Run' : 'Replay'} ${id} (r)`;
    this.#opener = button('play', '', label(), () => this.start());
    session.addEventListener('change', () => {
      describe(this.#opener, '', label());
      // A run started elsewhere shows here, too: in the projector's window, for one.
      const { busy, screen } = session.track;
      if (busy && screen !== this.#openedFor) this.#open();
      if (busy) this.#openedFor = screen;
    });
  }

  /** In the code's corner while it is closed. */
  get opener() {
    return this.root.isConnected ? this.run : this.#opener;
  }

  get place() {
    return this.#figures[0] ?? this.root;
  }

  start() {
    this.#open();
    super.start();
  }

  /** Returns whether it was open. */
  close() {
    if (!this.root.isConnected) return false;
    const focused = this.root.contains(document.activeElement);
    this.root.remove();
    this.#watcher.disconnect();
    this.#zoom(1);
    this.#opener.hidden = false;
    if (focused) this.#opener.focus();
    return true;
  }

  #open() {
    if (this.root.isConnected) return;
    this.#figures.at(-1)?.after(this.root);
    this.#opener.hidden = true;
    this.#fit();
    for (const figure of this.#figures) this.#watcher.observe(figure);
  }

  /** As many lines as fit below the code; if too few do, the code gets smaller. */
  #fit() {
    if (!this.root.isConnected) return;
    for (let rows = this.#rows, zoom = 1; zoom > LEAST_ZOOM; ) {
      this.root.style.setProperty('--rows', String(rows));
      this.#zoom(zoom);
      if (this.#fits()) return;
      if (rows > LEAST_ROWS) rows -= 1;
      else zoom -= 0.02;
    }
  }

  /** @param {number} zoom */
  #zoom(zoom) {
    for (const figure of this.#figures) figure.style.setProperty('--zoom', String(zoom));
  }

  /** Does the slide end below it? */
  #fits() {
    const section = /** @type {HTMLElement} */ (this.root.closest('section'));
    // On a phone, which shows it as a page to scroll (reading.css), all fits.
    if (getComputedStyle(section).overflowY === 'auto') return true;
    const { top, bottom, height } = section.getBoundingClientRect();
    const scale = height / section.offsetHeight;
    const end = bottom - Number.parseFloat(getComputedStyle(section).paddingBottom) * scale;
    // What is centred may leave the slide above.
    const highest = Math.min(...this.#figures.map((figure) => figure.getBoundingClientRect().top));
    return highest >= top && this.root.getBoundingClientRect().bottom <= end + 1;
  }
}

/**
 * How many lines a program has use for, as far as is known.
 *
 * @param {import('./tracks.mjs').Recording} recording
 */
function rowsOf({ events }) {
  const printed = events.map(([, kind, data]) => (kind === 'o' ? data : '')).join('');
  const rows = printed.split('\n').length - 1 || MOST_ROWS;
  return Math.max(LEAST_ROWS, Math.min(rows, MOST_ROWS));
}

import { button, describe, element } from '../dom.mjs';
import { Pane } from './pane.mjs';

/** @typedef {import('./session.mjs').Session} Session */

/** A pane over the bottom of a slide that shows code without its output. Opens when it runs. */
export class Drawer extends Pane {
  #opener;
  /** @type {object | null} the run it has opened for: closed, it stays so until the next */
  #openedFor = null;

  /**
   * @param {HTMLElement} figure the code it belongs to
   * @param {Session} session
   */
  constructor(figure, session) {
    const command = element('span', { class: 'command' }, session.replay.recording.command);
    const bar = element('div', {}, command);
    const screen = element('div', { class: 'screen' });
    const root = element('div', { class: 'pane-drawer' }, bar, screen);
    root.hidden = true;
    super(root, bar, screen, session);
    bar.append(button('close', '', 'Close (Esc)', () => this.close()));
    figure.append(root);

    const { id } = session;
    const label = () => `${session.live ? 'Run' : 'Replay'} ${id} (r)`;
    this.#opener = button('play', '', label(), () => this.start());
    session.addEventListener('change', () => {
      describe(this.#opener, '', label());
      // A run started elsewhere shows here, too: in the projector's window, for one.
      const { busy, screen } = session.track;
      if (busy && screen !== this.#openedFor) this.root.hidden = false;
      if (busy) this.#openedFor = screen;
    });
  }

  /** What opens it, for the code's corner. */
  get opener() {
    return this.#opener;
  }

  start() {
    this.root.hidden = false;
    super.start();
  }

  /** Returns whether it was open. */
  close() {
    const open = !this.root.hidden;
    if (this.root.contains(document.activeElement)) this.#opener.focus();
    this.root.hidden = true;
    return open;
  }
}

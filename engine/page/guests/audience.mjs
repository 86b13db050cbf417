import { element } from '../dom.mjs';
import { Follower } from './follower.mjs';

/** @typedef {import('../run/messages.d.ts').StageMessage} StageMessage */

/** A page of the audience: it follows the talk, until its reader looks back. */
export class Audience extends Follower {
  #live = true;
  #back = /** @type {HTMLButtonElement} */ (
    element('button', { type: 'button', class: 'guest-live', hidden: '' })
  );

  /** @param {import('../stage/stage.mjs').Stage} stage */
  constructor(stage) {
    super(stage);
    this.#back.addEventListener('click', () => {
      this.#live = true;
      this.#catchUp();
      this.#render();
    });
    document.body.append(this.#back);
    // The presenter view is the speaker's.
    const keep = (/** @type {KeyboardEvent} */ event) =>
      event.key === 'p' && event.stopPropagation();
    addEventListener('keydown', keep, true);
  }

  /** @param {StageMessage} message */
  told(message) {
    super.told(message);
    if (this.#live) this.#catchUp();
    this.#render();
  }

  #catchUp() {
    this.follow();
    // Later than the turn is noticed, which uncovers.
    setTimeout(() => this.stage.cover(this.talk?.blank ?? ''));
  }

  left() {
    this.#live = !this.talk;
    this.#render();
  }

  #render() {
    this.#back.hidden = this.#live;
    this.#back.textContent = `Live: slide ${this.talk?.slide}`;
  }
}

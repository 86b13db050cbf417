import './guests.css';

/** @typedef {import('../run/messages.d.ts').StageMessage} StageMessage */
/** @typedef {import('../stage/stage.mjs').Stage} Stage */

/** A guest's page: its own stage, which follows that of the talk. */
export class Follower {
  /** Where the talk is; unknown until it is told. @type {StageMessage | null} */
  talk = null;
  #last = '';

  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    stage.addEventListener('turn', () => {
      if (this.#at === this.#last) return;
      this.#last = this.#at;
      this.left();
    });
  }

  get #at() {
    return `${this.stage.slide}/${this.stage.step}`;
  }

  /** @param {StageMessage} message */
  told(message) {
    this.talk = message;
  }

  /** Turn to where the talk is. */
  follow() {
    if (!this.talk) return;
    this.stage.goTo(this.talk.slide, this.talk.step);
    this.#last = this.#at;
  }

  /** It was turned by hand. */
  left() {}

  /** @param {boolean} connected */
  async connected(connected) {
    if (connected) return;
    // A runner that has started again knows no guest of the one before; its page says what to do.
    const answer = await fetch('/', { method: 'HEAD' }).catch(() => null);
    if (answer?.status === 401) location.reload();
  }
}

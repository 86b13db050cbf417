import { Live, Replay } from './tracks.mjs';

/** @typedef {import('./tracks.mjs').Recording} Recording */
/** @typedef {import('./runner.mjs').Runner} Runner */
/** @typedef {'play' | 'skip' | 'stop' | 'faster'} ReplayAct */

/** Whether panes run or replay, the same for all panes and windows of the deck. */
export class Mode extends EventTarget {
  /** @param {boolean} live */
  constructor(live) {
    super();
    this.live = live;
  }

  /** @param {boolean} live */
  set(live) {
    if (live === this.live) return;
    this.live = live;
    this.dispatchEvent(new Event('change'));
  }

  /**
   * Set it in this window, which tells the others; what they are told they do not tell again.
   *
   * @param {boolean} live
   */
  choose(live) {
    this.set(live);
    this.dispatchEvent(new Event('chosen'));
  }
}

/** One snippet: its recording, its latest run, and which of them its panes show. */
export class Session extends EventTarget {
  #mode;
  #runner;
  #share;
  run = new Live();
  /** Code that was changed on slides, by its import; null if none was. @type {Record<string, string> | null} */
  edits = null;

  /**
   * @param {string} id
   * @param {Recording} recording
   * @param {Mode} mode
   * @param {Runner | null} runner
   * @param {(act: ReplayAct) => void} share tells the other windows of an act
   */
  constructor(id, recording, mode, runner, share) {
    super();
    this.id = id;
    this.replay = new Replay(recording);
    this.#mode = mode;
    this.#runner = runner;
    this.#share = share;
    const changed = () => this.dispatchEvent(new Event('change'));
    for (const source of [mode, this.run, this.replay]) source.addEventListener('change', changed);
  }

  get live() {
    return this.#mode.live;
  }

  get track() {
    return this.live ? this.run : this.replay;
  }

  start(restart = false) {
    if (!this.live) return this.act('play');
    const edits = this.edits ?? undefined;
    const asked = this.#runner?.send({ type: 'run', snippet: this.id, restart, edits });
    if (!asked) this.run.fail('The runner does not answer.');
  }

  stop() {
    if (!this.live) return this.act('stop');
    this.#runner?.send({ type: 'stop', snippet: this.id });
  }

  /** @param {string | null} line typed for the program that waits for one; null ends its input */
  answer(line) {
    this.#runner?.send({ type: 'answer', snippet: this.id, line });
  }

  playRecording() {
    this.#mode.choose(false);
    this.act('play');
  }

  /** Take other code for what slides show. @param {Record<string, string>} edits by its import */
  edit(edits) {
    this.edits = Object.keys(edits).length > 0 ? edits : null;
    this.dispatchEvent(new Event('change'));
  }

  /** Replay here and in the deck's other windows. @param {ReplayAct} act */
  act(act) {
    this.replay[act]();
    this.#share(act);
  }
}

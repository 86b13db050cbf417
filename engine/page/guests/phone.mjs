import { button, describe, element } from '../dom.mjs';
import { minutesAndSeconds } from '../presenter/clock.mjs';
import { Follower } from './follower.mjs';

/** @typedef {import('../run/messages.d.ts').StageMessage} StageMessage */
/** @typedef {import('../run/session.mjs').Session} Session */

const PATIENCE = 1000; // milliseconds in which the talk has followed, or it never will
const TICK = 500; // milliseconds between two looks at the clock

/** The phone in the speaker's hand. What turns here, by button, swipe or clicker, turns the talk. */
export class Phone extends Follower {
  #runner;
  #sessions;
  /** @type {import('../run/messages.d.ts').StageMessage['blank']} */
  #blank = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #asked;
  #notes = element('div', { class: 'phone-notes' });
  #place = element('span', { class: 'phone-place' });
  #talk = element('b', { title: 'The talk' });
  #clock = element('time', { title: 'Time of day' });
  #toldAt = 0;
  #runs = element('div', { class: 'phone-runs' });
  #black = button(null, 'Black', 'Black the projector', () => {
    this.#blank = this.#blank ? '' : 'black';
    this.#ask();
  });

  /**
   * @param {import('../stage/stage.mjs').Stage} stage
   * @param {import('../run/runner.mjs').Runner} runner
   * @param {(slide: Element) => Session[]} sessions of a slide
   */
  constructor(stage, runner, sessions) {
    super(stage);
    this.#runner = runner;
    this.#sessions = sessions;
    const times = [this.#talk, this.#clock];
    const bar = element('div', { class: 'phone-bar' }, this.#place, ...times, this.#black);
    const back = button(null, 'Back', 'Back', () => stage.turn(-1));
    const next = button(null, 'Next', 'Next', () => stage.turn(1));
    const steer = element('div', { class: 'phone-steer' }, back, next);
    document.body.append(element('main', { class: 'phone' }, bar, this.#runs, this.#notes, steer));
    stage.addEventListener('turn', () => this.#show());
    setInterval(() => this.#tick(), TICK);
    this.#show();
    keepAwake();
  }

  /** @param {StageMessage} message */
  told(message) {
    super.told(message);
    this.#toldAt = performance.now();
    this.#tick();
    // What it tells of meanwhile is on the way to where it was asked to be.
    if (this.#asked) return;
    this.#adopt();
  }

  left() {
    // Until it is told where the talk is, it has no say: it may have been opened just now.
    if (!this.talk) return;
    // Who turns wants it seen.
    this.#blank = '';
    this.#ask();
  }

  #ask() {
    const { slide, step } = this.stage;
    this.#runner.send({ type: 'go', slide, step, blank: this.#blank });
    clearTimeout(this.#asked);
    this.#asked = setTimeout(() => this.#adopt(), PATIENCE);
    this.#render();
  }

  #adopt() {
    this.#asked = undefined;
    this.#blank = this.talk?.blank ?? '';
    this.follow();
    this.#render();
  }

  #render() {
    const word = this.#blank ? 'Show' : 'Black';
    describe(this.#black, word, this.#blank ? 'Show the slide' : 'Black the projector');
    document.body.toggleAttribute('data-blank', this.#blank !== '');
  }

  /** What belongs to the slide. */
  #show() {
    const { slide, slides } = this.stage;
    const shown = slides[slide - 1];
    this.#place.textContent = `${slide} / ${slides.length}`;
    const note = document.querySelector(`.bespoke-marp-note[data-index="${slide - 1}"]`);
    this.#notes.replaceChildren(
      ...[...(note?.childNodes ?? [])].map((node) => node.cloneNode(true)),
    );
    this.#notes.scrollTop = 0;
    this.#runs.replaceChildren(...(shown ? this.#sessions(shown) : []).map(toButton));
    this.#tick();
  }

  #tick() {
    this.#clock.textContent = new Date().toLocaleTimeString([], {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    const { talk, ticking } = this.talk ?? {};
    const since = ticking ? performance.now() - this.#toldAt : 0;
    this.#talk.textContent = talk || ticking ? minutesAndSeconds((talk ?? 0) + since) : '';
  }
}

/** Runs a snippet, and stops it while it runs. @param {Session} session */
function toButton(session) {
  const act = () => (session.run.busy ? session.stop() : session.start());
  const node = button(null, '', '', act);
  const render = () => {
    if (node.isConnected || !node.textContent) {
      const { busy, phase, status, detail } = session.run;
      const ended = phase === 'exited' ? detail || `exit ${status}` : '';
      describe(
        node,
        `${busy ? 'Stop' : 'Run'} ${session.id}${ended && ` · ${ended}`}`,
        `${busy ? 'Stop' : 'Run'} ${session.id}`,
      );
      node.toggleAttribute('data-busy', busy);
    } else session.removeEventListener('change', render);
  };
  session.addEventListener('change', render);
  render();
  return node;
}

/** As far as the browser lets a page: over plain http most do not. */
function keepAwake() {
  const wake = () => {
    if (document.visibilityState === 'visible')
      navigator.wakeLock?.request('screen').catch(() => {});
  };
  document.addEventListener('visibilitychange', wake);
  wake();
}

import './presenter.css';
import { button, describe, element } from '../dom.mjs';
import { Clock, minutesAndSeconds } from './clock.mjs';

const TICK = 250; // milliseconds

/** @typedef {import('../stage/stage.mjs').Stage} Stage */

/**
 * The clock of this deck, as its notes plan it.
 *
 * @param {Stage} stage
 */
export function deckClock(stage) {
  const notes = document.querySelectorAll('.bespoke-marp-note');
  const minutes = stage.slides.map(() => 0);
  for (const { dataset } of /** @type {NodeListOf<HTMLElement>} */ (notes))
    minutes[Number(dataset.index)] = Number(dataset.minutes ?? 0);
  const kept = `deck clock ${location.pathname}`;
  const clock = new Clock(kept, minutes);
  clock.opened(stage.slide);
  stage.addEventListener('turn', () => clock.turned(stage.slide));
  // Another window may have paused it.
  addEventListener('storage', ({ key }) => {
    if (key === kept) clock.dispatchEvent(new Event('change'));
  });
  return clock;
}

/** What stands on top of Marp's presenter view. */
export class Presenter {
  #clock;
  #stage;
  #slide = element('span', { title: 'This slide, and what the notes plan for it' });
  #talk = element('span', { title: 'The talk, and what the notes plan for it' });
  #drift = element('span', { class: 'clock-drift' });
  #time = element('time', { title: 'Time of day' });
  #toggle = button(null, '', '', () => this.toggle());
  #reset = button(null, 'Set back', 'Set back: the clock', () => this.#setBack());
  #cover = element('p', { class: 'presenter-cover', role: 'status' });

  /**
   * @param {Clock} clock
   * @param {Stage} stage
   */
  constructor(clock, stage) {
    this.#clock = clock;
    this.#stage = stage;
    const parts = [this.#slide, this.#talk, this.#drift, this.#time, this.#toggle, this.#reset];
    const label = { class: 'clock', role: 'group', 'aria-label': 'Clock' };
    document
      .querySelector('.bespoke-marp-presenter-container')
      ?.append(element('div', label, ...parts), this.#cover);
    for (const link of document.querySelectorAll('.bespoke-marp-note a')) {
      // It must not take the presenter view away.
      link.setAttribute('target', '_blank');
      link.setAttribute('rel', 'noopener');
    }
    stage.addEventListener('blank', () => this.#showCover());
    stage.addEventListener('turn', () => this.#render());
    this.#showCover();
    this.#render();
    setInterval(() => this.#render(), TICK);
    rememberSizes();
  }

  toggle() {
    this.#clock.toggle();
    this.#render();
  }

  #setBack() {
    this.#clock.reset();
    this.#render();
  }

  #showCover() {
    const { blank } = this.#stage;
    const key = { black: 'b', white: 'w', '': '' }[blank];
    this.#cover.textContent = blank && `The projector is ${blank}; ${key} shows the slide`;
    this.#cover.hidden = !blank;
  }

  #render() {
    const { runs, talk, onSlide, plan, behind } = this.#clock;
    show(this.#slide, 'Slide', onSlide, plan.slide);
    show(this.#talk, 'Talk', talk, plan.talk);
    const begun = runs || talk > 0;
    const drift = behind > 0 ? 'behind' : behind < 0 ? 'ahead' : 'on time';
    const by = minutesAndSeconds(Math.abs(behind));
    this.#drift.dataset.drift = drift;
    this.#drift.textContent = behind === 0 ? drift : `${by} ${drift}`;
    this.#drift.hidden = !begun || plan.talk === 0;
    this.#time.textContent = new Date().toLocaleTimeString([], {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    const word = runs ? 'Pause' : begun ? 'Go on' : 'Start';
    describe(this.#toggle, word, `${word}: the clock (t)`);
    // Not while it goes: a slip of the hand must not lose the time of the talk.
    this.#reset.hidden = runs || !begun;
  }
}

/**
 * @param {Element} place
 * @param {string} name
 * @param {number} spent milliseconds
 * @param {number} planned milliseconds
 */
function show(place, name, spent, planned) {
  const plan = planned > 0 ? ` / ${minutesAndSeconds(planned)}` : '';
  place.replaceChildren(`${name} `, element('b', {}, minutesAndSeconds(spent)), plan);
}

/** Sizes that the speaker has chosen come back with the next presenter view. */
function rememberSizes() {
  const notes = /** @type {HTMLElement | null} */ (
    document.querySelector('.bespoke-marp-presenter-note-container')
  );
  const container = /** @type {HTMLElement | null} */ (
    document.querySelector('.bespoke-marp-presenter-container')
  );
  if (!notes || !container) return;
  try {
    const { steps = 0, split, width, height } = JSON.parse(localStorage.getItem(SIZES) ?? '{}');
    // Marp counts for itself how often a button was pressed.
    const press = steps > 0 ? 'bigger' : 'smaller';
    const size = /** @type {HTMLElement | null} */ (
      notes.querySelector(`.bespoke-marp-presenter-note-${press}`)
    );
    for (let step = 0; step < Math.abs(steps); step += 1) size?.click();
    if (split) container.style.setProperty(SPLIT, split);
    if (opener && width) resizeTo(width, height);
    const keep = () => {
      const scale = Number(notes.style.getPropertyValue('--bespoke-marp-note-font-scale') || 1);
      const sizes = {
        steps: Math.round(Math.log(scale) / Math.log(NOTE_STEP)),
        split: container.style.getPropertyValue(SPLIT),
        width: outerWidth,
        height: outerHeight,
      };
      localStorage.setItem(SIZES, JSON.stringify(sizes));
    };
    const watcher = new MutationObserver(keep);
    for (const node of [notes, container]) watcher.observe(node, { attributeFilter: ['style'] });
    addEventListener('resize', keep);
  } catch {
    // Without a place to keep them they are as Marp has them.
  }
}

const SIZES = 'deck presenter sizes';
const SPLIT = '--bespoke-marp-presenter-split-ratio';
const NOTE_STEP = 1.2; // Marp: each press makes the notes so much larger

const LONGEST = 12 * 3600_000; // milliseconds; a clock that goes longer was forgotten

/**
 * @typedef {object} State
 * @property {number | null} since milliseconds of the epoch at which it was started; null: it stands
 * @property {number} before milliseconds of the talk until then
 * @property {number} slide that is shown, from 1
 * @property {number} from milliseconds of the talk at which that slide was turned to
 */

/** Where the speaker is in time, kept where all windows and the next reload find it. */
export class Clock extends EventTarget {
  #key;
  #minutes;
  #now;
  /** @type {State} */
  #state = { since: null, before: 0, slide: 1, from: 0 };

  /**
   * @param {string} key under which the browser keeps it
   * @param {number[]} minutes that each slide is to take
   * @param {() => number} [now] milliseconds of the epoch
   */
  constructor(key, minutes, now = Date.now) {
    super();
    this.#key = key;
    this.#minutes = minutes;
    this.#now = now;
    if (this.talk > LONGEST) this.reset();
  }

  get runs() {
    return this.#read().since !== null;
  }

  /** Milliseconds since the talk began, without its breaks. */
  get talk() {
    const { since, before } = this.#read();
    return before + (since === null ? 0 : this.#now() - since);
  }

  /** Milliseconds of those since the slide was turned to. */
  get onSlide() {
    return this.talk - this.#read().from;
  }

  /** Milliseconds that the slide is to take, and the talk. */
  get plan() {
    return { slide: this.#planned(this.#slide - 1, this.#slide), talk: this.#planned(0) };
  }

  /** Milliseconds behind the plan; negative: ahead of it; 0 while the slide is in its time. */
  get behind() {
    const [begin, end] = [this.#planned(0, this.#slide - 1), this.#planned(0, this.#slide)];
    return Math.max(0, this.talk - end) + Math.min(0, this.talk - begin);
  }

  toggle() {
    const { talk, runs } = this;
    this.#write({ before: talk, since: runs ? null : this.#now() });
  }

  /** The talk has not begun. */
  reset() {
    this.#write({ since: null, before: 0, from: 0 });
  }

  /** A page was opened there, which begins nothing and disturbs no talk. @param {number} slide */
  opened(slide) {
    if (!this.runs && this.talk === 0) this.#write({ slide, from: 0 });
  }

  /** The first turn begins the talk. @param {number} slide that is shown now */
  turned(slide) {
    const { slide: last } = this.#read();
    if (slide === last) return;
    const begins = !this.runs && this.talk === 0 && last === 1 && slide === 2;
    this.#write({ slide, from: this.talk });
    if (begins) this.toggle();
  }

  get #slide() {
    return this.#read().slide;
  }

  /**
   * @param {number} from
   * @param {number} [to]
   */
  #planned(from, to) {
    return this.#minutes.slice(from, to).reduce((sum, minutes) => sum + minutes, 0) * 60_000;
  }

  #read() {
    try {
      this.#state = JSON.parse(localStorage.getItem(this.#key) ?? 'null') ?? this.#state;
    } catch {
      // Browsers may keep it from a page that was opened from a disk; then this window has its own.
    }
    return this.#state;
  }

  /** @param {Partial<State>} change */
  #write(change) {
    this.#state = { ...this.#read(), ...change };
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#state));
    } catch {
      // As above.
    }
    this.dispatchEvent(new Event('change'));
  }
}

/** @param {number} milliseconds @returns {string} `4:05`, `1:04:05` */
export function minutesAndSeconds(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0');
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

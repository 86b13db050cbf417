import { Screen } from '../../terminal/screen.mjs';

/**
 * @typedef {[interval: number, kind: string, data: string]} RecordedEvent
 * @typedef {{cols: number, rows: number, command: string, versions: Record<string, string>,
 *   status?: number, date?: string, events: RecordedEvent[]}} Recording
 * @typedef {'idle' | 'waiting' | 'running' | 'exited'} Phase
 */

const LONGEST_WAIT = 1; // seconds, however long the program really waited
const SPEEDS = [1, 2, 4];

/** What a pane shows: a run, or the replay of one. Tells its panes of each change. */
export class Track extends EventTarget {
  /** @type {Phase} */
  phase = 'idle';
  detail = '';
  /** Of a finished run; null before. @type {number | null} */
  status = null;
  /** The status with which the program is meant to end. */
  expected = 0;
  /** 'cluster' if the cluster, not the snippet, was at fault. @type {string | null} */
  fault = null;
  /** Is what ran not what the repository has? */
  edited = false;
  /** How a run differs from its recording, '' for not at all; null until it was compared. @type {string | null} */
  difference = null;
  /** @type {Screen | null} */
  screen = null;

  /** Has it ended otherwise than the program is meant to? */
  get failed() {
    return this.status !== null && this.status !== this.expected;
  }

  get seconds() {
    return 0;
  }

  get busy() {
    return this.phase === 'running' || this.phase === 'waiting';
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }

  /**
   * @param {number} columns
   * @param {number} rows
   */
  clear(columns, rows) {
    this.screen = new Screen(columns, rows, () => this.changed());
  }
}

/** Plays a recording with its timing. Needs no network and no server. */
export class Replay extends Track {
  #next = 0;
  #seconds = 0;
  #speed = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Recording} recording */
  constructor(recording) {
    super();
    this.recording = recording;
    this.expected = recording.status ?? 0;
  }

  /** Seconds into the recording, as they were when it was made. */
  get seconds() {
    return this.#seconds;
  }

  /** Seconds that the recorded run took. */
  get duration() {
    return this.recording.events.reduce((sum, [interval]) => sum + interval, 0);
  }

  get speed() {
    return SPEEDS[this.#speed] ?? 1;
  }

  /** 'Python 3.11.7 · Dask 2026.8.0', with the date where it is known. */
  get origin() {
    const { date, versions } = this.recording;
    const names = Object.entries(versions).map(
      ([name, version]) => `${name.charAt(0).toUpperCase()}${name.slice(1)} ${version}`,
    );
    return [date, ...names].filter(Boolean).join(' · ');
  }

  /** Is there anything to play? */
  get possible() {
    return this.recording.events.length > 0;
  }

  play() {
    this.#begin();
    this.phase = 'running';
    this.#schedule();
    this.changed();
  }

  /** To the end at once. */
  skip() {
    if (!this.busy) this.#begin();
    clearTimeout(this.#timer);
    for (const event of this.recording.events.slice(this.#next)) this.#apply(event);
    this.#finish();
  }

  /** Back to before it was played; a pane then shows the final screen again. */
  stop() {
    clearTimeout(this.#timer);
    this.phase = 'idle';
    this.screen = null;
    this.changed();
  }

  faster() {
    this.#speed = (this.#speed + 1) % SPEEDS.length;
    this.changed();
  }

  #begin() {
    clearTimeout(this.#timer);
    this.clear(this.recording.cols, this.recording.rows);
    this.#next = 0;
    this.#seconds = 0;
    this.status = null;
  }

  #schedule() {
    const event = this.recording.events[this.#next];
    if (!event) return this.#finish();
    const wait = Math.min(event[0], LONGEST_WAIT) / this.speed;
    this.#timer = setTimeout(() => {
      this.#next += 1;
      this.#apply(event);
      this.changed();
      this.#schedule();
    }, wait * 1000);
  }

  /** @param {RecordedEvent} event */
  #apply([interval, kind, data]) {
    this.#seconds += interval;
    if (kind === 'o') this.screen?.write(data);
    if (kind === 'x') this.status = Number(data);
  }

  #finish() {
    const { screen } = this;
    screen?.write('', () => {
      if (screen !== this.screen) return; // stopped, or played again
      this.phase = 'exited';
      this.changed();
    });
  }
}

/**
 * The latest run of a snippet on the server, as this view was told of it.
 */
export class Live extends Track {
  /** @type {string | number | null} */
  #run = null;
  #seconds = 0;
  #since = 0;
  /** It waits for a line: the prepared one, '' if there is none. @type {string | null} */
  asks = null;
  /** How often it has asked: between two questions a window may draw nothing. */
  question = 0;

  /** Seconds since the run began, or that it took. */
  get seconds() {
    const passed = this.phase === 'running' ? (performance.now() - this.#since) / 1000 : 0;
    return this.#seconds + passed;
  }

  /** With a new connection the server tells of the run again, from its start. */
  connected(/** @type {boolean} */ connected) {
    if (!connected) {
      if (!this.busy) return;
      this.#seconds = this.seconds;
      this.phase = 'exited';
      this.asks = null;
      this.fail('The runner is gone; connecting again.');
      return;
    }
    this.#run = null;
    this.phase = 'idle';
    this.fault = null;
    this.screen = null;
    this.changed();
  }

  /** @param {import('./messages.d.ts').RunMessage} message */
  state(message) {
    const { run, state, detail, elapsed, status, expected, columns, rows } = message;
    const { asks, fault, edited, difference } = message;
    if (run !== this.#run) {
      this.#run = run;
      this.clear(columns, rows);
    }
    this.expected = expected;
    this.edited = edited;
    this.difference = difference;
    if (asks !== null && this.asks === null) this.question += 1;
    this.asks = asks;
    this.phase = state;
    this.detail = detail;
    this.status = status;
    this.fault = fault;
    this.#seconds = elapsed;
    this.#since = performance.now();
    this.changed();
  }

  /**
   * @param {string | number} run
   * @param {string} data
   */
  output(run, data) {
    if (run === this.#run) this.screen?.write(data);
  }

  /**
   * The run could not be asked for.
   *
   * @param {string} detail
   */
  fail(detail) {
    this.detail = detail;
    this.fault = 'cluster';
    this.changed();
  }
}

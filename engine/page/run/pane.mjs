import './pane.css';
import { button, describe, element, say } from '../dom.mjs';
import { Note } from './note.mjs';
import { Live, Replay } from './tracks.mjs';

/** @typedef {import('./session.mjs').Session} Session */
/** @typedef {import('./tracks.mjs').Track} Track */

const TICK = 100; // milliseconds between two looks at a running clock

/** The place on a slide where a snippet's run or replay is seen and controlled. */
export class Pane {
  #session;
  #screen;
  #still;
  /** @type {string[] | null} */
  #shown = null;
  /** @type {import('../../terminal/screen.mjs').Screen | null} */
  #screenShown = null;
  #asking = false;
  /** What is said of the recording, and of no run. @type {SVGElement[]} */
  #marks;
  #comparing = false;
  note = new Note();
  #said = '';
  #frame = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;

  /**
   * @param {HTMLElement} root an output figure, or a drawer
   * @param {HTMLElement} bar its caption
   * @param {HTMLElement} screen what holds the final screen
   * @param {Session} session
   */
  constructor(root, bar, screen, session) {
    this.root = root;
    this.#session = session;
    this.#screen = screen;
    this.#still = [...screen.childNodes];

    root.dataset.pane = session.id;
    bar.classList.add('pane-bar');
    const caption = element('span', { class: 'pane-command' });
    caption.append(...bar.childNodes);
    const marks = [...caption.querySelectorAll('.exit, .proved, .recorded')];
    this.#marks = /** @type {SVGElement[]} */ (marks);

    this.origin = element('span', { class: 'pane-origin' });
    this.versions = element('span', { class: 'pane-versions' });
    this.status = element('span', { class: 'pane-status' });
    this.verdict = button(null, '', '', () => this.compare());
    this.verdict.classList.add('pane-verdict');
    this.recording = button('play', 'Recording', 'Play the recording instead (v)', () =>
      session.playRecording(),
    );
    this.run = button('play', 'Run', '', () => this.start());
    const takes = seconds(session.replay.duration);
    this.takes = element('span', { class: 'pane-takes', title: 'As recorded' }, takes);
    this.stop = button('stop', 'Stop', 'Stop (s)', () => session.stop());
    this.speed = button(null, '1×', '', () => session.act('faster'));
    this.speed.classList.add('pane-speed');
    this.skip = button('skip', '', 'Skip to the end', () => session.act('skip'));
    const space = element('span', { class: 'pane-space' });
    bar.append(caption, ...marks, space, this.origin, this.versions, this.status);
    bar.append(
      this.verdict,
      this.speed,
      this.skip,
      this.stop,
      this.recording,
      this.takes,
      this.run,
    );

    screen.tabIndex = 0;
    screen.setAttribute('role', 'group');
    screen.setAttribute('aria-label', `Output of ${session.id}`);

    root.append(this.note.root);

    keepGestures(root);
    session.addEventListener('change', () => this.#renderSoon());
    this.#render();
  }

  /** Run or replay; what runs already is started over only after asking. */
  start() {
    if (!this.#session.live || !this.#session.track.busy) return this.#session.start();
    this.#asking = true;
    this.#render();
    this.note.root.querySelector('button')?.focus();
  }

  /** Show how the run differs from its recording, or no longer. Returns whether there is anything. */
  compare() {
    const { difference } = this.#session.track;
    if (!difference) return false;
    this.#comparing = !this.#comparing;
    this.#render();
    return true;
  }

  /** Play the recording of a run that has failed. Returns whether it has. */
  replace() {
    if (this.recording.hidden) return false;
    this.#session.playRecording();
    return true;
  }

  /** What the keys choose it by. */
  get opener() {
    return this.run;
  }

  /** An element of the slide it is on, whether it is shown there or not. */
  get place() {
    return this.root;
  }

  /** A pane with a fixed place does not close. */
  close() {
    return false;
  }

  /** Take back the question that was asked. Returns whether there was one. */
  dismiss() {
    if (!this.#asking && !this.#comparing) return false;
    this.#asking = false;
    this.#comparing = false;
    this.#render();
    return true;
  }

  /** Many small writes, one picture. */
  #renderSoon() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#render());
  }

  #render() {
    const { track, live } = this.#session;
    const replay = track instanceof Replay ? track : null;
    const { busy } = track;
    if (!busy) this.#asking = false;
    if (!track.difference) this.#comparing = false;
    // A tick is of the recording; beside a run stands what became of that.
    const ran = track instanceof Live && track.phase !== 'idle';
    const edited = this.#session.edits !== null || (ran && track.edited);
    for (const mark of this.#marks) mark.style.display = ran || edited ? 'none' : '';

    this.root.dataset.phase = track.phase;
    this.root.toggleAttribute('data-asks', track instanceof Live && track.asks !== null);
    const word = live ? 'Run' : 'Replay';
    describe(this.run, word, live ? `Run ${this.#session.id} (r)` : 'Replay the recording (r)');
    this.run.hidden = !live && (busy || !this.#session.replay.possible);
    this.takes.hidden = busy || !this.#session.replay.possible;
    this.stop.hidden = !busy;
    const ended = ran && track.phase === 'exited';
    this.recording.hidden = !(
      ended &&
      track.failed &&
      !track.fault &&
      this.#session.replay.possible
    );
    this.verdict.hidden = !(ended && track.difference !== null && !edited);
    this.verdict.disabled = track.difference === '';
    describe(
      this.verdict,
      track.difference ? 'differs' : 'as recorded',
      track.difference
        ? 'Show how it differs from its recording (x)'
        : 'It printed what is recorded',
    );
    this.skip.hidden = !(replay && busy);
    this.speed.hidden = !(replay && busy);
    if (replay) describe(this.speed, `${replay.speed}×`, `Speed ${replay.speed}×, change`);

    this.#renderStatus();
    this.#renderScreen(track);
    this.#renderNote(track);
    clearInterval(this.#clock);
    if (track.phase === 'running') this.#clock = setInterval(() => this.#renderStatus(), TICK);
  }

  #renderStatus() {
    const { track } = this.#session;
    const seconds = `${track.seconds.toFixed(1)} s`;
    const outcome = {
      idle: '',
      waiting: track.detail || 'waiting…',
      running: [track.detail, seconds].filter(Boolean).join(' · '),
      exited: [track.detail, track.status === null ? '' : `exit ${track.status}`, seconds]
        .filter(Boolean)
        .join(' · '),
    }[track.phase];
    const recorded = track instanceof Replay && track.phase !== 'idle';
    const edited = this.#session.edits !== null || track.edited;
    this.origin.textContent = recorded ? 'recording' : edited ? 'edited, not proved' : '';
    this.versions.textContent = recorded && !track.busy ? track.origin : '';
    this.versions.title = this.versions.textContent;
    this.status.dataset.outcome = track.fault || track.failed ? 'failed' : track.phase;
    this.status.textContent = track.fault ? '' : outcome;
    this.status.title = this.status.textContent;

    const spoken = `${this.#session.id}: ${track.phase === 'running' ? track.detail || 'running' : outcome}`;
    if (track.phase !== 'idle' && spoken !== this.#said) say(spoken);
    this.#said = spoken;
  }

  /** @param {Track} track */
  #renderNote(track) {
    if (this.#asking)
      this.note.tell('It is running. Start it over?', [
        ['play', 'Start over', () => this.dismiss() && this.#session.start(true)],
        [null, 'Leave it', () => this.dismiss()],
      ]);
    else if (this.#comparing)
      this.note.list(track.difference ?? '', [['close', 'Close (Esc)', () => this.dismiss()]]);
    else if (track instanceof Live && track.fault)
      this.note.tell(track.detail, [
        ['play', 'Play recording', () => this.#session.playRecording()],
      ]);
    else if (track instanceof Live && track.asks !== null && track.busy)
      this.#ask(track.question, track.asks);
    else this.note.hide();
  }

  /**
   * @param {number} question
   * @param {string} prepared line that it waits for
   */
  #ask(question, prepared) {
    const field = this.note.ask(question, prepared, (line) => this.#session.answer(line));
    if (!field) return;
    // What it asks must not be under the field.
    this.#screen.scrollTop = this.#screen.scrollHeight;
    // Where the keys were used to run it, they are used to answer; another window shows it only.
    if (document.hasFocus() && this.root.closest('.bespoke-marp-active'))
      field.focus({ preventScroll: true });
  }

  /** @param {Track} track */
  #renderScreen(track) {
    const lines = track.screen?.lines().map(({ html }) => html) ?? null;
    // Nothing written yet and nothing to wait for: the final screen stays.
    if (lines === null || (track.fault && lines.length === 0)) {
      if (this.#shown !== null) this.#screen.replaceChildren(...this.#still);
      this.#shown = null;
      return;
    }
    const { dropped = 0 } = track.screen ?? {};
    if (dropped > 0) {
      const count = dropped.toLocaleString('en');
      lines.unshift(`<i class="pane-dropped">… lines above that are not kept: ${count}</i>`);
    }
    const screen = this.#screen;
    // Another run begins at its end again, wherever the reader was in the one before.
    const another = track.screen !== this.#screenShown;
    const atEnd = another || screen.scrollHeight - screen.scrollTop - screen.clientHeight < 8;
    this.#screenShown = track.screen;
    if (this.#shown === null) screen.replaceChildren();
    const shown = this.#shown ?? [];
    for (const [row, html] of lines.entries()) {
      if (shown[row] === html) continue;
      const line = screen.children[row] ?? screen.appendChild(element('span'));
      line.innerHTML = `${html}\n`;
    }
    while (screen.children.length > lines.length) screen.lastElementChild?.remove();
    this.#shown = lines;
    if (atEnd) screen.scrollTop = screen.scrollHeight;
  }
}

/** @param {number} duration @returns {string} about so long */
function seconds(duration) {
  return duration < 1 ? '< 1 s' : `≈ ${Math.round(duration)} s`;
}

/**
 * Wheel and swipe over a pane are for the pane; Marp would turn the slide.
 *
 * @param {HTMLElement} root
 */
function keepGestures(root) {
  for (const type of ['wheel', 'touchstart', 'touchmove', 'touchend']) {
    root.addEventListener(type, (event) => event.stopPropagation(), { passive: true });
  }
}

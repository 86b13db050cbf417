import './page.css';
import './reading.css';
import './stage/stage.css';
import { dashboards } from './dashboards.mjs';
import { button, element, say } from './dom.mjs';
import { Faults } from './faults.mjs';
import { Audience } from './guests/audience.mjs';
import { Invitations } from './guests/invitations.mjs';
import { Phone } from './guests/phone.mjs';
import { Help } from './help.mjs';
import { listen } from './keys.mjs';
import { Lights } from './lights.mjs';
import { deckClock, Presenter } from './presenter/presenter.mjs';
import { Drawer } from './run/drawer.mjs';
import { Pane } from './run/pane.mjs';
import { Runner } from './run/runner.mjs';
import { Mode, Session } from './run/session.mjs';
import { coverProjector } from './stage/cover.mjs';
import { Finder } from './stage/finder.mjs';
import { Marks } from './stage/marks.mjs';
import { captionOverview } from './stage/overview.mjs';
import { Stage } from './stage/stage.mjs';
import { Windows } from './stage/windows.mjs';
import { enlargeTargets, scrollByTouch } from './touch.mjs';

/** @typedef {import('./run/messages.d.ts').Message} Message */
/** @typedef {import('./run/session.mjs').ReplayAct} ReplayAct */

/**
 * @param {string} selector
 * @param {ParentNode} [root]
 */
function all(selector, root = document) {
  return /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
}

class Page {
  /** @type {Map<string, Session>} */
  #sessions = new Map();
  /** @type {Pane[]} */
  #panes = [];
  #recordings = JSON.parse(document.getElementById('recordings')?.textContent || '{}');
  #windows = new Windows();
  #stage = new Stage(this.#windows);
  #clock = deckClock(this.#stage);
  #mode = new Mode(false);
  /** @type {Runner | null} */
  #runner = null;
  /** @type {Lights | null} */
  #lights = null;
  #faults = new Faults();
  /** Of the speaker's own pages. @type {Invitations | null} */
  #invitations = null;
  /** @type {Phone | Audience | null} */
  #guest = null;

  constructor() {
    const whose = document.body.dataset.runner;
    if (whose !== undefined) {
      const start = (/** @type {string} */ cluster) =>
        this.#runner?.send({ type: 'start', cluster });
      const lights = new Lights(whose === '' ? start : null);
      this.#lights = lights;
      this.#mode.live = true;
      let again = false;
      const address = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws`;
      this.#runner = new Runner(
        address,
        (message) => this.#told(message),
        (connected) => {
          lights.connected(connected);
          this.#guest?.connected(connected);
          if (connected) this.#tellStage(whose, again);
          again ||= connected;
          for (const { run } of this.#sessions.values()) run.connected(connected);
        },
      );
    }
    const finder = new Finder(this.#stage, (id) => printed(this.#recordings[id]?.events ?? []));
    for (const section of all('section')) {
      this.#equip(section);
      scrollByTouch(section);
    }
    if (this.#runner) this.#open(whose, this.#runner);
    const share = () => this.#windows.tell('live', this.#mode.live);
    this.#windows.hear('replay', (id, /** @type {ReplayAct} */ act) =>
      this.#sessions.get(id)?.replay[act](),
    );
    this.#windows.hear('live?', share);
    this.#windows.hear('live', (live) => this.#mode.set(live));
    if (this.#runner) this.#windows.tell('live?');
    this.#mode.addEventListener('chosen', share);
    this.#mode.addEventListener('change', () => {
      this.#lights?.mode(this.#mode.live);
      say(this.#mode.live ? 'Live' : 'Recordings');
    });
    const speaker = document.body.dataset.bespokeView === 'presenter';
    const presenter = speaker ? new Presenter(this.#clock, this.#stage) : null;
    if (!speaker) coverProjector(this.#stage);
    listen({
      stage: this.#stage,
      marks: new Marks(this.#stage, this.#windows),
      finder,
      clock: () => (presenter ?? this.#clock).toggle(),
      // What runs is the speaker's to say.
      panes: () =>
        this.#guest ? [] : this.#panes.filter(({ place }) => place.closest('.bespoke-marp-active')),
      // Without a runner there are only recordings.
      toggle: () => this.#runner && !this.#guest && this.#mode.choose(!this.#mode.live),
      copy: () => {
        const focused = document.activeElement?.closest('figure.code');
        const code = focused ?? document.querySelector('.bespoke-marp-active figure.code');
        copy(code?.querySelector('pre') ?? null);
      },
      codes: () => this.#invitations?.toggle() ?? false,
      start: () => this.#lights?.start() ?? false,
      project: () => this.#invitations?.project() ?? false,
      help: new Help(),
    });
    this.#stage.addEventListener('turn', () => this.#showDashboards());
    // There may be an editor (edit/index.mjs), which waits for this.
    const detail = {
      windows: this.#windows,
      mode: this.#mode,
      session: (/** @type {string} */ id) => this.#session(id),
    };
    dispatchEvent(new CustomEvent('deck', { detail }));
    const deck = document.querySelector('svg[data-marpit-svg]')?.parentElement;
    if (deck) enlargeTargets(deck);
  }

  /**
   * @param {string | undefined} whose page this is: '' is the speaker's
   * @param {Runner} runner
   */
  #open(whose, runner) {
    if (whose === 'audience') this.#guest = new Audience(this.#stage);
    else if (whose === 'remote') {
      const shown = (/** @type {Element} */ slide) =>
        new Set(all('[data-run]', slide).map(({ dataset }) => dataset.run ?? ''));
      this.#guest = new Phone(this.#stage, runner, (slide) =>
        [...shown(slide)].map((id) => this.#session(id)),
      );
    } else {
      this.#invitations = new Invitations(this.#windows, runner);
      const tell = () => this.#tellStage(whose, true);
      for (const type of ['turn', 'blank']) this.#stage.addEventListener(type, tell);
      this.#clock.addEventListener('change', tell);
      this.#windows.lead(() => this.#tellStage(whose, false));
    }
  }

  /**
   * Have guests know where the talk is.
   *
   * @param {string | undefined} whose
   * @param {boolean} turned
   */
  #tellStage(whose, turned) {
    if (whose !== '' || !this.#windows.leads || this.#stage.slide === 0) return;
    const { slide, step, blank } = this.#stage;
    const { talk, runs: ticking } = this.#clock;
    this.#runner?.send({ type: 'stage', slide, step, blank, talk, ticking, turned });
  }

  /** @param {string} id */
  #session(id) {
    const known = this.#sessions.get(id);
    if (known) return known;
    const command = `${id.endsWith('.sh') ? 'bash' : 'python'} snippets/${id}`;
    const recording = this.#recordings[id] ?? {
      cols: 72,
      rows: 24,
      command,
      versions: {},
      events: [],
    };
    const session = new Session(id, recording, this.#mode, this.#runner, (act) =>
      this.#windows.tell('replay', id, act),
    );
    this.#sessions.set(id, session);
    return session;
  }

  /** Give a slide its panes and its code its buttons. @param {HTMLElement} section */
  #equip(section) {
    /** @type {Set<string>} */
    const shown = new Set();
    for (const figure of all('figure.output[data-run]', section)) {
      const bar = /** @type {HTMLElement} */ (figure.querySelector('figcaption'));
      const screen = /** @type {HTMLElement} */ (figure.querySelector('.screen'));
      const id = figure.dataset.run ?? '';
      this.#panes.push(new Pane(figure, bar, screen, this.#session(id)));
      shown.add(id);
    }
    for (const figure of all('figure.code', section)) {
      const pre = /** @type {HTMLElement} */ (figure.querySelector('pre'));
      const corner = element('span', { class: 'pane-corner' });
      corner.append(button('copy', '', 'Copy the code (c)', () => copy(pre)));
      const id = figure.dataset.run;
      if (id && !shown.has(id)) {
        const figures = all('figure.code', section).filter(({ dataset }) => dataset.run === id);
        const drawer = new Drawer(figures, this.#session(id));
        this.#panes.push(drawer);
        corner.append(drawer.opener);
        shown.add(id);
      }
      pre.append(corner);
    }
  }

  /** @param {Message} message */
  #told(message) {
    const runOf = (/** @type {string} */ id) => this.#sessions.get(id)?.run;
    switch (message.type) {
      case 'clusters':
        this.#lights?.set(message.clusters);
        this.#showDashboards();
        break;
      case 'run':
        runOf(message.snippet)?.state(message);
        break;
      case 'output':
        runOf(message.snippet)?.output(message.run, message.data);
        break;
      case 'refused':
        // That it runs already is seen: another window was quicker.
        if (message.reason !== 'running') runOf(message.snippet)?.fail(message.detail);
        break;
      case 'faults':
        this.#faults.show(message.faults, message.shown);
        break;
      case 'stage':
        this.#guest?.told(message);
        break;
      case 'go':
        if (!this.#windows.leads) break;
        this.#stage.goTo(message.slide, message.step);
        if (message.blank !== this.#stage.blank) this.#stage.cover(message.blank);
        break;
      case 'invitations':
        this.#invitations?.told(message);
        break;
      case 'reload':
        location.reload();
        break;
    }
  }

  #showDashboards = dashboards(() => this.#lights?.clusters ?? []);
}

/** @param {import('./run/tracks.mjs').RecordedEvent[]} events @returns {string} text alone */
function printed(events) {
  return events
    .map(([, kind, data]) => (kind === 'o' ? data : ''))
    .join('')
    .replace(SEQUENCE, ' ');
}

// What moves and colours: control sequences, and strings for the terminal such as pictures.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)|.)/g;

/** Copy the code only, as it was edited; it has no line numbers and no prompts. @param {HTMLElement | null} pre */
async function copy(pre) {
  const code = pre?.querySelector('code') ?? pre;
  if (!code) return;
  const text = `${(pre?.dataset.text ?? code.textContent ?? '').trimEnd()}\n`;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
  say('Copied');
  pre?.classList.add('pane-copied');
  setTimeout(() => pre?.classList.remove('pane-copied'), 1000);
}

/** For browsers that keep the clipboard from pages opened from a disk. @param {string} text */
function copyBySelection(text) {
  const area = /** @type {HTMLTextAreaElement} */ (element('textarea', { class: 'pane-voice' }));
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

// The small slides of the overview and of "next" in the presenter view only show.
addEventListener('load', () => {
  const view = document.body.dataset.bespokeView;
  if (view === 'overview') captionOverview();
  if (['', 'presenter', undefined].includes(view)) new Page();
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Diagrams } from '../embed/diagrams.mjs';
import { readChecks } from './checks.mjs';
import { Fault } from './faults.mjs';
import { readHistory, versionsOf } from './git.mjs';
import { readProofs } from './proof.mjs';
import { digestOf, readRecordings } from './recordings.mjs';
import { isProgram, snippetIds } from './snippets.mjs';

/**
 * A code block or an output on a slide, and what proves it.
 *
 * @typedef {object} Block
 * @property {'code' | 'output'} kind
 * @property {number} line in the deck, from 1
 * @property {number} [slide] from 1
 * @property {string} snippet
 * @property {string} [region]
 * @property {string} text of the code, or of the output, as it is shown
 * @property {string} [run] id of the snippet to run for it; none if no program uses it
 * @property {string} [check] the command that checks it instead
 * @property {boolean} recorded its recording is sound, and of the files as they are; or it has a check
 * @property {boolean} proved a run of the tests has found the recording to be true, or the check to pass
 * @property {string} [reason] why it is not recorded
 */

/**
 * @typedef {object} Slide
 * @property {number} line in the deck, from 1
 * @property {string[]} headings as they are read
 * @property {string} words that the audience reads, headings among them; no code, no footer
 * @property {string[]} classes
 * @property {string} footer in Markdown
 * @property {{ term: string, meaning: string }[]} terms that it explains, in Markdown
 */

/** What all plugins share while one deck is rendered. */
export class Deck {
  /** @type {string[]} `slides/deck.md:LINE: what is wrong; remedy` */
  faults = [];
  /** @type {Block[]} */
  blocks = [];
  /** @type {Map<number, string>} lines of the plain deck, by line from 0 */
  expansions = new Map();
  /** @type {Map<string, { name: string, uri: string }>} drawn for the plain deck, by address in this one */
  drawings = new Map();
  mostSteps = 0;
  /** Has it slides of the short version? */
  hasShort = false;
  /** @type {string[]} names of the themes that there are */
  themes = [];
  /** @type {Record<string, unknown>} */
  frontMatter = {};
  /** Of each slide, notes among them. @type {string[][]} */
  comments = [];
  /** @type {Slide[]} */
  slides = [];
  /** @type {{ line: number, address: string }[]} */
  dashboards = [];

  /**
   * @param {string} root the repository
   * @param {Map<string, import('./recordings.mjs').Recording>} recordings
   * @param {import('./git.mjs').History} history
   * @param {{ draft?: boolean, short?: boolean }} [options] draft: an unproved block is no fault;
   *   short: of the slides only those of the short version
   */
  constructor(
    root,
    recordings,
    { date, commit, recordedOn },
    { draft = false, short = false } = {},
  ) {
    this.root = root;
    this.path = 'slides/deck.md';
    this.recordings = recordings;
    /** @type {Record<string, string>} */
    this.facts = { versions: versionsOf(recordings), date, commit };
    this.recordedOn = recordedOn;
    this.snippets = snippetIds(root);
    this.checks = readChecks(root, this.snippets);
    this.draft = draft;
    this.short = short;
    /** Is it rendered for a PDF? */
    this.pdf = false;
    this.proofs = readProofs(root);
    this.diagrams = new Diagrams(root);
  }

  /**
   * @param {string} root
   * @param {{ draft?: boolean, short?: boolean }} [options]
   */
  static async open(root, options) {
    const [recordings, history] = await Promise.all([readRecordings(root), readHistory(root)]);
    return new Deck(root, recordings, history, options);
  }

  /** Is each step a page? */
  get pages() {
    return this.pdf && this.frontMatter.pdf === 'steps';
  }

  /** Forget what the last rendering found. */
  clear() {
    this.faults = [];
    this.blocks = [];
    this.expansions = new Map();
    this.drawings = new Map();
    this.mostSteps = 0;
    this.slides = [];
    this.dashboards = [];
  }

  /** @returns {string} the deck's Markdown */
  read() {
    return readFileSync(join(this.root, this.path), 'utf8').replace(/^\ufeff/, '');
  }

  /**
   * Run `action`; a {@link Fault} in it becomes a fault of the deck's line.
   *
   * @param {number} line from 1
   * @param {() => void} action
   */
  guard(line, action) {
    try {
      action();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.fault(line, error.message);
    }
  }

  /**
   * @param {number} line from 1
   * @param {string} message
   * @param {string} [path] of the file
   */
  fault(line, message, path = this.path) {
    const fault = `${path}:${line}: ${message}`;
    if (!this.faults.includes(fault)) this.faults.push(fault);
  }

  /**
   * @param {Omit<Block, 'run' | 'check' | 'recorded' | 'proved' | 'reason'>} block
   * @returns {Block}
   */
  addBlock(block) {
    const { kind, snippet } = block;
    const run = kind === 'output' ? snippet : this.runFor(snippet);
    const recording = this.recordings.get(run ?? '');
    const check = recording ? undefined : this.checks.get(snippet);
    const program = isProgram(snippet);
    const missing = program
      ? 'it was never recorded'
      : 'no program uses it, and no check is declared';
    const fault = recording ? this.unproved(recording, snippet) : check ? undefined : missing;
    const proved = check ? this.isChecked(snippet, check) : this.isProved(run ?? '');
    const added = {
      ...block,
      run: run ?? (program ? snippet : undefined),
      check,
      recorded: fault === undefined,
      proved: fault === undefined && proved,
      reason: fault,
    };
    this.blocks.push(added);
    if (fault && !this.draft) {
      const unrecorded = `no recording proves ${snippet}; npm run record ${snippet}`;
      const unchecked = `nothing proves ${snippet}; use it in a program, or write a check for it into snippets/checks.json`;
      const told = recording ? `${fault}; npm run record ${run}` : program ? unrecorded : unchecked;
      this.fault(block.line, told);
    }
    return added;
  }

  /**
   * @param {import('./recordings.mjs').Recording} recording
   * @param {string} snippet
   */
  unproved(recording, snippet) {
    if (recording.fault) return recording.fault;
    if (snippet in recording.sources) return undefined;
    return `snippets/${recording.id}.cast does not list ${snippet} among its sources`;
  }

  /**
   * The snippet whose run shows this one at work: itself, or the first that uses it.
   *
   * @param {string} snippet
   */
  runFor(snippet) {
    if (this.recordings.has(snippet)) return snippet;
    return [...this.recordings.values()].find(({ sources }) => snippet in sources)?.id;
  }

  /** Has a run of the tests found this recording to be true, as it is? @param {string} id */
  isProved(id) {
    const digest = this.recordings.get(id)?.digest;
    return digest !== undefined && this.proofs.get(id)?.recording === digest;
  }

  /**
   * Has a run of the tests found this check to pass the file, as both are?
   *
   * @param {string} id
   * @param {string} check
   */
  isChecked(id, check) {
    const proof = this.proofs.get(id);
    const digest = digestOf(readFileSync(join(this.root, 'snippets', id)));
    return proof?.check === check && proof.file === digest;
  }

  /** What is known of an output, in words. @param {string} id */
  proofOf(id) {
    const day = this.recordedOn.get(id);
    const versions = inWords(this.recordings.get(id)?.versions ?? {});
    const recorded = `recorded ${day ? `${day} ` : ''}with ${versions}`;
    const proof = this.proofs.get(id);
    if (!proof || !this.isProved(id))
      return `${recorded}; no test has compared it since (npm test)`;
    const { at, commit } = proof;
    return `${recorded}; proved by pytest ${at.slice(0, 10)} with ${inWords(proof.versions)}, commit ${commit}`;
  }

  /**
   * Remember what was drawn for the plain deck.
   *
   * @param {string} source its address in the deck
   * @param {string} uri of its SVG
   * @returns {string} the name of its file there
   */
  keepDrawing(source, uri) {
    const name = this.drawings.get(source)?.name ?? `deck-${this.drawings.size + 1}.svg`;
    this.drawings.set(source, { name, uri });
    return name;
  }

  /**
   * Remember what a line of the deck becomes in the plain deck.
   *
   * @param {number} line from 0
   * @param {string} language
   * @param {string} text
   */
  expand(line, language, text) {
    const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
    const fence = '`'.repeat(longest + 1);
    this.expansions.set(line, `${fence}${language}\n${text}\n${fence}`);
  }
}

/** @param {Record<string, string>} versions by name */
function inWords(versions) {
  const names = Object.entries(versions).map(
    ([name, version]) => `${name.charAt(0).toUpperCase()}${name.slice(1)} ${version}`,
  );
  return names.join(', ');
}

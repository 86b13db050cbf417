import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Kept } from '../kept.mjs';
import { renderScreen } from '../terminal/screen.mjs';

/** Final screens, by what was recorded. @type {Kept<import('../terminal/screen.mjs').FinalScreen>} */
const screens = new Kept('screens');

/**
 * A snippet's recorded run, kept beside it in `NAME.cast`. The format is stated here: the runner
 * writes it (runner/recordings/recording.py) and asks us to read it (ask.mjs).
 *
 * It is an asciicast v3 (https://docs.asciinema.org/manual/asciicast/v3/) in UTF-8: JSON lines, the
 * header first; lines that begin with `#` are comments. The header has `version` 3, `term` with
 * `cols` and `rows`, `command` as a reader types it, and three fields of ours: `sources`, each file
 * that made the output, the snippet first among them, with `sha256:` of its bytes; `versions` of
 * what it ran on; `status`, the exit status that the snippet declares, left out when 0. An event is
 * `[seconds since the one before, "o", text]`; the last is `[seconds, "x", status]`.
 *
 * @typedef {object} Recording
 * @property {string} id of the snippet that ran
 * @property {number} cols
 * @property {number} rows
 * @property {string} command
 * @property {Record<string, string>} sources snippet id to `sha256:…`
 * @property {Record<string, string>} versions
 * @property {number} status
 * @property {[number, string, string][]} events
 * @property {string} [digest] `sha256:…` of the whole file
 * @property {import('../terminal/screen.mjs').FinalScreen} [screen] absent when there is a fault
 * @property {string} [fault] why it proves nothing
 */

/** What a terminal may measure, as the snippets' declarations may have it. */
const COLS = { least: 20, most: 200 };
const ROWS = { least: 5, most: 100 };

/**
 * Read all recordings beside the snippets. One with a fault is kept, so that
 * only a slide that needs it fails.
 *
 * @param {string} root the repository
 * @returns {Promise<Map<string, Recording>>}
 */
export async function readRecordings(root) {
  const folder = join(root, 'snippets');
  const locked = lockedVersions(root);
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.cast'),
  );
  const recordings = await Promise.all(
    paths.sort().map(async (path) => {
      const id = path
        .split(sep)
        .join('/')
        .replace(/\.cast$/, '');
      return readRecording(root, id, locked);
    }),
  );
  return new Map(recordings.map((recording) => [recording.id, recording]));
}

/**
 * @param {string} root
 * @param {string} id
 * @param {Map<string, string>} locked
 * @returns {Promise<Recording>}
 */
async function readRecording(root, id, locked) {
  const path = `snippets/${id}.cast`;
  const bytes = readFileSync(join(root, path));
  try {
    const recording = { ...parseRecording(bytes, id), digest: digestOf(bytes) };
    const stale = staleness(root, recording, locked);
    if (stale) return { ...recording, fault: `${path} is stale: ${stale}` };
    const screen = screens.get(recording.digest) ?? (await renderScreen(recording));
    screens.set(recording.digest, screen);
    return { ...recording, screen };
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    const empty = { cols: 72, rows: 24, command: '', sources: {}, versions: {}, status: 0 };
    return { id, ...empty, events: [], fault: `${path}:${error.line}: damaged: ${error.message}` };
  }
}

/** A recording is not what the format says. */
export class DamagedError extends Error {
  /**
   * @param {number} line of the file, from 1
   * @param {string} message
   */
  constructor(line, message) {
    super(message);
    this.line = line;
  }
}

/**
 * @param {Uint8Array} bytes an asciicast
 * @param {string} id
 * @returns {Recording}
 * @throws {DamagedError} saying what is malformed
 */
export function parseRecording(bytes, id) {
  /** @type {{ line: number, value: unknown }[]} */
  const parsed = [];
  for (const [index, text] of decode(bytes).split('\n').entries())
    if (text.trim() !== '' && !text.startsWith('#'))
      parsed.push({ line: index + 1, value: parseLine(text, index + 1) });
  const [head, ...rest] = parsed;
  if (!head) throw new DamagedError(1, 'it is empty');
  const header = readHeader(head.value, id, head.line);
  const events = rest.map(({ value, line }) => readEvent(value, line));
  const end = events.at(-1);
  const last = rest.at(-1)?.line ?? head.line;
  if (end?.[1] !== 'x') throw new DamagedError(last, 'it is cut off: no exit at the end');
  if (end[2] !== String(header.status))
    throw new DamagedError(last, `the exit status is ${end[2]}, not ${header.status}`);
  const early = events.findIndex(([, code]) => code === 'x');
  if (early < events.length - 1)
    throw new DamagedError(rest[early].line, 'it goes on after the exit');
  return { ...header, events };
}

/** @param {Uint8Array} bytes */
function decode(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DamagedError(1, 'it is no text in UTF-8');
  }
}

/**
 * @param {string} text
 * @param {number} line
 * @returns {unknown}
 */
function parseLine(text, line) {
  try {
    return JSON.parse(text);
  } catch {
    throw new DamagedError(line, 'it is not JSON');
  }
}

/**
 * @param {unknown} header
 * @param {string} id
 * @param {number} line
 * @returns {Omit<Recording, 'events'>}
 */
function readHeader(header, id, line) {
  const { version, term, command, sources, versions, status = 0 } = Object(header);
  /** @type {[holds: boolean, message: string][]} */
  const rules = [
    [version === 3, 'the header is not of asciicast version 3'],
    [
      isWithin(term?.cols, COLS) && isWithin(term?.rows, ROWS),
      'the header has no terminal of 20x5 to 200x100',
    ],
    [typeof command === 'string' && command !== '', 'the header has no command'],
    [isTexts(sources), 'the header has no sources'],
    [Object.hasOwn(Object(sources), id), `the sources do not list ${id}`],
    [isTexts(versions), 'the header has no versions'],
    [isWithin(status, { least: 0, most: 255 }), 'the status is not a number from 0 to 255'],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken) throw new DamagedError(line, broken[1]);
  return { id, cols: term.cols, rows: term.rows, command, sources, versions, status };
}

/**
 * @param {unknown} event
 * @param {number} line
 * @returns {[number, string, string]}
 */
function readEvent(event, line) {
  const [interval, code, data, ...more] = Array.isArray(event) ? event : [];
  if (!(typeof interval === 'number' && interval >= 0) || typeof data !== 'string' || more.length)
    throw new DamagedError(line, 'it is not [seconds, code, text]');
  if (code !== 'o' && code !== 'x')
    throw new DamagedError(line, `'${code}' is neither output (o) nor exit (x)`);
  return [interval, code, data];
}

/**
 * @param {unknown} value
 * @param {{ least: number, most: number }} bounds
 */
function isWithin(value, { least, most }) {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

/** @param {unknown} value */
function isTexts(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}

/**
 * @param {string} root
 * @param {Recording} recording
 * @param {Map<string, string>} locked versions in poetry.lock
 * @returns {string | undefined} what changed since it was recorded
 */
function staleness(root, { sources, versions }, locked) {
  for (const [id, digest] of Object.entries(sources)) {
    const path = join(root, 'snippets', id);
    if (!existsSync(path) || !statSync(path).isFile()) return `${id} is gone`;
    if (digest !== digestOf(readFileSync(path))) return `${id} has changed`;
  }
  for (const [name, version] of Object.entries(versions)) {
    const pinned = locked.get(name);
    if (pinned && version !== pinned)
      return `${name} is ${pinned} in poetry.lock, recorded with ${version}`;
  }
  return undefined;
}

/** @param {Uint8Array} bytes */
export function digestOf(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * @param {string} root
 * @returns {Map<string, string>} the version of each package that poetry.lock pins
 * @throws {Error} when there is no poetry.lock: nothing would tell which versions are right
 */
function lockedVersions(root) {
  const path = join(root, 'poetry.lock');
  if (!existsSync(path))
    throw new Error(
      'no poetry.lock, so nothing says which versions the recordings must be of; restore it (git checkout poetry.lock) or make it (poetry lock)',
    );
  const lock = readFileSync(path, 'utf8');
  const pins = lock.matchAll(/^name = "([^"]+)"\nversion = "([^"]+)"/gm);
  return new Map([...pins].map(([, name, version]) => [name, version]));
}

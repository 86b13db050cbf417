import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { renderScreen } from './screen.mjs';

/**
 * A snippet's recorded run: an asciicast v3 whose header also carries the
 * digests of all that ran and the versions that ran it.
 *
 * @typedef {object} Recording
 * @property {string} id of the snippet that ran
 * @property {number} cols
 * @property {number} rows
 * @property {string} command
 * @property {Record<string, string>} sources snippet id to `sha256:…`
 * @property {Record<string, string>} versions
 * @property {[number, string, string][]} events
 * @property {import('./screen.mjs').FinalScreen} [screen] absent when there is a fault
 * @property {string} [fault] why it proves nothing
 */

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
 * @param {Record<string, string>} locked
 * @returns {Promise<Recording>}
 */
async function readRecording(root, id, locked) {
  /** @type {Recording} */
  let recording;
  try {
    recording = parseRecording(readFileSync(join(root, 'snippets', `${id}.cast`), 'utf8'), id);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const empty = { cols: 72, rows: 24, command: '', sources: {}, versions: {}, events: [] };
    return { id, ...empty, fault: `snippets/${id}.cast is corrupt: ${reason}` };
  }
  const stale = staleness(root, recording, locked);
  if (stale) return { ...recording, fault: `snippets/${id}.cast is stale: ${stale}` };
  return { ...recording, screen: await renderScreen(recording) };
}

/**
 * @param {string} text an asciicast
 * @param {string} id
 * @returns {Recording}
 * @throws {Error} saying what is malformed
 */
export function parseRecording(text, id) {
  const [head, ...rest] = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const header = parseLine(head ?? '', 'the header');
  const { version, term, command, sources, versions } = Object(header);
  if (version !== 3) throw new Error('its header is not of asciicast version 3');
  if (!isCount(term?.cols) || !isCount(term?.rows))
    throw new Error('its header has no terminal size');
  if (typeof command !== 'string' || command === '') throw new Error('its header has no command');
  if (!isTexts(sources)) throw new Error('its header has no sources');
  if (!isTexts(versions)) throw new Error('its header has no versions');
  if (!(id in sources)) throw new Error(`its sources do not list ${id}`);
  const events = rest.map((line, index) => parseEvent(line, index + 1));
  const end = events.at(-1);
  if (end?.[1] !== 'x') throw new Error('it is cut off: no exit event at the end');
  if (end[2] !== '0') throw new Error(`it records a failure: exit status ${end[2]}`);
  return { id, cols: term.cols, rows: term.rows, command, sources, versions, events };
}

/**
 * @param {string} line
 * @param {number} number
 * @returns {[number, string, string]}
 */
function parseEvent(line, number) {
  const event = parseLine(line, `event ${number}`);
  if (Array.isArray(event) && event.length === 3) {
    const [interval, code, data] = event;
    const isTime = typeof interval === 'number' && interval >= 0;
    if (isTime && typeof code === 'string' && typeof data === 'string')
      return [interval, code, data];
  }
  throw new Error(`event ${number} is not [interval, code, text]`);
}

/**
 * @param {string} line
 * @param {string} name
 * @returns {unknown}
 */
function parseLine(line, name) {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`${name} is not JSON`);
  }
}

/** @param {unknown} value */
function isCount(value) {
  return Number.isInteger(value) && Number(value) > 0;
}

/** @param {unknown} value */
function isTexts(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}

/**
 * @param {string} root
 * @param {Recording} recording
 * @param {Record<string, string>} locked versions in poetry.lock
 * @returns {string | undefined} what changed since it was recorded
 */
function staleness(root, { sources, versions }, locked) {
  for (const [id, digest] of Object.entries(sources)) {
    const path = join(root, 'snippets', id);
    if (!existsSync(path)) return `${id} is gone`;
    if (digest !== digestOf(path)) return `${id} has changed`;
  }
  for (const [name, version] of Object.entries(locked)) {
    if (versions[name] !== version)
      return `${name} is ${version} in poetry.lock, recorded with ${versions[name]}`;
  }
  return undefined;
}

/** @param {string} path */
function digestOf(path) {
  return `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
}

/**
 * @param {string} root
 * @returns {Record<string, string>} the versions of Dask and Ray that poetry.lock pins
 */
export function lockedVersions(root) {
  const path = join(root, 'poetry.lock');
  if (!existsSync(path)) return {};
  const lock = readFileSync(path, 'utf8');
  const pins = [...lock.matchAll(/^name = "(dask|ray)"\nversion = "([^"]+)"/gm)];
  return Object.fromEntries(pins.map(([, name, version]) => [name, version]));
}

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'node_modules/.cache/deck');

/** What made them: with other code or other packages the same text may give something else. */
let maker = '';

/**
 * What was derived from texts that are long to work out, kept for the next build in
 * `node_modules/.cache`. An entry is found by all that it depends on, so that it cannot be stale;
 * without the folder all is the same, but later.
 *
 * @template T what JSON can hold
 */
export class Kept {
  #name;
  #most;
  /** @type {Map<string, T> | undefined} */
  #entries;
  #changed = false;

  /**
   * @param {string} name of the kind
   * @param {number} [most] entries; the oldest go
   */
  constructor(name, most = 2000) {
    this.#name = name;
    this.#most = most;
  }

  /**
   * @param {string} key all that the value depends on
   * @returns {T | undefined}
   */
  get(key) {
    return this.#read().get(digest(key));
  }

  /**
   * @param {string} key
   * @param {T} value
   */
  set(key, value) {
    const entries = this.#read();
    if (entries.get(digest(key)) === value) return;
    if (!this.#changed) process.once('exit', () => this.#save());
    this.#changed = true;
    entries.set(digest(key), value);
  }

  get #path() {
    return join(FOLDER, `${this.#name}.json`);
  }

  #read() {
    if (this.#entries) return this.#entries;
    maker ||= digest(sources().join('\0'));
    /** @type {Map<string, T>} */
    let entries = new Map();
    try {
      const kept = JSON.parse(readFileSync(this.#path, 'utf8'));
      if (kept.maker === maker) entries = new Map(kept.entries);
    } catch {
      // There is none yet, or it was cut off.
    }
    this.#entries = entries;
    return entries;
  }

  #save() {
    try {
      mkdirSync(FOLDER, { recursive: true });
      const part = `${this.#path}.${process.pid}`;
      const entries = [...this.#read()].slice(-this.#most);
      writeFileSync(part, JSON.stringify({ maker, entries }));
      renameSync(part, this.#path);
    } catch {
      // On a disk that is full or may not be written, the next build takes as long as this one.
    }
  }
}

/** @param {string} text */
export function digest(text) {
  return createHash('sha256').update(text).digest('base64');
}

/** @returns {string[]} the engine's own code and the packages that are installed */
function sources() {
  const names = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => extname(name)).sort();
  return [
    process.version,
    readFileSync(join(ROOT, 'node_modules/.package-lock.json'), 'utf8'),
    ...files.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')),
  ];
}

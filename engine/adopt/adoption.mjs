import { basename, dirname } from 'node:path';
import { folderOf } from './names.mjs';

/** An old deck on its way to one of ours: what changes in it, and what is told of that. */
export class Adoption {
  moved = 0;
  left = 0;
  copied = 0;
  /** Ids of the snippets that its fences became. @type {string[]} */
  snippets = [];
  /** @type {{ first: number, end: number, text: string }[]} */
  #changes = [];
  /** @type {{ line: number, text: string }[]} */
  #told = [];

  /**
   * @param {string} path of the old deck
   * @param {string} markdown
   * @param {string} root where the new one goes
   */
  constructor(path, markdown, root) {
    this.path = path;
    this.root = root;
    /** Relative addresses start from it. */
    this.folder = dirname(path);
    /** Under snippets/. */
    this.into = folderOf(basename(path));
    this.lines = markdown.split('\n');
  }

  /**
   * @param {number} line from 1
   * @param {string} what
   * @param {string} [remedy]
   */
  tell(line, what, remedy) {
    const text = `${this.path}:${line}: ${remedy ? `${what}; ${remedy}` : what}`;
    if (!this.#told.some((told) => told.text === text)) this.#told.push({ line, text });
  }

  /**
   * @param {number} first line, from 0
   * @param {number} end the one after the last
   * @param {string} text in their place
   */
  replace(first, end, text) {
    this.#changes.push({ first, end, text });
  }

  /** The new deck. */
  get markdown() {
    const lines = [...this.lines];
    // From the end, so that the lines above keep their numbers.
    for (const { first, end, text } of this.#changes.toSorted((a, b) => b.first - a.first))
      lines.splice(first, end - first, text);
    return lines.join('\n');
  }

  /** What was told, in the order of the lines. */
  get told() {
    return this.#told.toSorted((a, b) => a.line - b.line).map(({ text }) => text);
  }
}

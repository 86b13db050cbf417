import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What a deck is made of; the log of HEAD, since the last slide names the commit, and what the tests
 * found true, which the slides say. */
const SOURCES = [
  ...['slides', 'snippets', 'assets', 'engine', 'marp.config.mjs'],
  ...['package-lock.json', 'poetry.lock', '.git/logs/HEAD', 'dist/proof.json'],
];

/** What editors and Python leave beside it. */
const LITTER = /^[.#]|~$|^__pycache__$/;

/** How the page says what it was made of. */
const MARK = /<meta name="sources" content="(\w+)">/;

/**
 * @param {string} root the repository
 * @param {string} path of a file or folder in it
 * @returns {boolean} whether the deck is made of it, or of something in it
 */
export function concerns(root, path) {
  const name = relative(root, path);
  return SOURCES.some((source) => {
    if (source === name || source.startsWith(name && `${name}/`)) return true;
    return name.startsWith(`${source}/`) && !isLitter(name.slice(source.length + 1));
  });
}

/** @param {string} name of a file, from a source on */
function isLitter(name) {
  return name.split('/').some((part) => LITTER.test(part));
}

/**
 * @param {string} root the repository
 * @returns {string} digest of all that the deck is made of: names and contents
 */
export function digest(root) {
  const hash = createHash('sha256');
  for (const name of SOURCES.flatMap((source) => filesIn(root, source)))
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, name)))
      .update('\0');
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} source
 * @returns {string[]} in order
 */
function filesIn(root, source) {
  const path = join(root, source);
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [source];
  return (
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => !isLitter(name))
      // A link to nothing is told where the deck shows it.
      .filter((name) => statSync(join(path, name), { throwIfNoEntry: false })?.isFile())
      .sort()
      .map((name) => `${source}/${name}`)
  );
}

/**
 * @param {string} html
 * @param {string} sources their digest
 * @returns {string} a page that says what it was made of
 */
export function mark(html, sources) {
  return html.replace('</head>', `<meta name="sources" content="${sources}">\n</head>`);
}

/**
 * @param {string} root
 * @param {string} page path of the HTML
 * @returns {boolean} whether it is missing, or was made of something else
 */
export function isStale(root, page) {
  return !existsSync(page) || MARK.exec(readFileSync(page, 'utf8'))?.[1] !== digest(root);
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { nearest } from '../read/faults.mjs';

/** What Marp and Marpit read in front matter and comments; a name that begins with `_` is of one slide. */
const LOCAL = [
  ...['backgroundColor', 'backgroundImage', 'backgroundPosition', 'backgroundRepeat'],
  ...['backgroundSize', 'class', 'color', 'footer', 'header', 'paginate'],
];
const GLOBAL = [
  ...['headingDivider', 'style', 'theme', 'lang', 'marp', 'size', 'title', 'author'],
  ...['description', 'keywords', 'image', 'url', 'transition', 'pdf', 'math'],
];
const DIRECTIVES = [...LOCAL, ...GLOBAL, ...LOCAL.map((name) => `_${name}`)];
const PDF = ['whole', 'steps'];
const MATH = ['mathjax'];
const PAGINATE = ['true', 'false', 'hold', 'skip'];

/** What Markdown leaves as text although nobody would write such a text. */
const LEFT = [
  {
    text: /!\[[^\]]*\]\([^)]*\)/,
    remedy: 'write an address without spaces (%20 stands for one)',
  },
  { text: /\[[^\]]+\]\([^)]+\)/, remedy: 'write an address without spaces (%20 stands for one)' },
  { text: /(?<![\w:]):[a-z][a-z0-9_+-]*:(?![\w:])/, remedy: 'write the emoji itself' },
  {
    text: /\$\$[^$]+\$\$/,
    remedy: 'write it as a paragraph of its own, or with one $ on each side',
  },
];

/**
 * What would pass in silence and show something else than its author meant: Markdown that stays
 * text, and comments that neither direct nor are notes.
 *
 * @param {import('../render/marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function unmeantPlugin(md, deck) {
  md.core.ruler.push('deck_unmeant', (state) => {
    if (state.inlineMode) return;
    const lines = state.src.split('\n');
    for (const token of state.tokens) {
      const from = token.map?.[0] ?? 0;
      if (token.type === 'inline') findLeftovers(token, from + 1, deck);
      // Marpit trims a comment: only its text tells where in the source each line of it is.
      const lineOf = (/** @type {string} */ text) =>
        Math.max(
          from,
          lines.findIndex((line, index) => index >= from && line.includes(text)),
        ) + 1;
      for (const { type, content } of [token, ...(token.children ?? [])])
        if (type === 'marpit_comment') readComment(content, lineOf, deck);
    }
  });
}

/**
 * @param {import('../render/marpit.mjs').Token} token
 * @param {number} line
 * @param {import('../read/deck.mjs').Deck} deck
 */
function findLeftovers(token, line, deck) {
  const text = (token.children ?? [])
    .map(({ type, content }) => {
      if (type === 'softbreak' || type === 'hardbreak') return '\n';
      return type === 'text' ? content : '\0';
    })
    .join('');
  for (const { text: pattern, remedy } of LEFT) {
    const match = pattern.exec(text);
    if (!match) continue;
    const at = line + text.slice(0, match.index).split('\n').length - 1;
    deck.fault(at, `'${match[0].replaceAll('\0', '')}' is shown as text; ${remedy}`);
    return;
  }
}

/**
 * @param {string} comment
 * @param {(text: string) => number} lineOf
 * @param {import('../read/deck.mjs').Deck} deck
 */
function readComment(comment, lineOf, deck) {
  if (/^\s*[@!#]?include\b/i.test(comment)) {
    deck.fault(
      lineOf(comment.split('\n')[0]),
      `'${comment.trim()}' includes nothing; write the slides into the deck itself`,
    );
    return;
  }
  for (const text of comment.split('\n')) {
    const [, time] = /^\s*Time:\s*(.*?)\s*$/.exec(text) ?? [];
    if (time !== undefined && !/^\d+(\.\d+)?$/.test(time))
      deck.fault(lineOf(text), `'Time: ${time}' is no number of minutes; write 'Time: 1.5'`);
    const [, name, value = ''] = /^\s*(_?[a-z]\w*):\s*(.*?)\s*$/.exec(text) ?? [];
    if (!name) continue;
    const near = nearest(name, DIRECTIVES);
    // Notes have such words, too: only one that is nearly a directive was meant as one.
    if (name === 'pdf')
      deck.fault(lineOf(text), "'pdf' is of the whole deck; write it in the front matter");
    else if (DIRECTIVES.includes(name)) checkValue(name, value, lineOf(text), deck);
    else if (name.startsWith('_') || (near && near.length > 3))
      deck.fault(lineOf(text), unknown(name, near));
  }
}

/**
 * @param {string} name
 * @param {string | undefined} near
 */
function unknown(name, near) {
  return `no directive '${name}'; ${near ? `did you mean '${near}'?` : 'remove it'}`;
}

/**
 * @param {string} name of a directive
 * @param {string} value
 * @param {number} line
 * @param {import('../read/deck.mjs').Deck} deck
 */
function checkValue(name, value, line, deck) {
  if (/^_?paginate$/.test(name) && !PAGINATE.includes(value))
    deck.fault(line, `paginate has no '${value}'; write ${PAGINATE.join(', ')}`);
  if (name === 'pdf' && !PDF.includes(value))
    deck.fault(line, `pdf has no '${value}'; write ${PDF.join(', ')}`);
  if (name === 'math' && !MATH.includes(value))
    deck.fault(line, `math has no '${value}'; write ${MATH.join(', ')}`);
  if (name === 'theme' && !deck.themes.includes(value))
    deck.fault(line, `no theme ${value} (has: ${deck.themes.join(', ')}); correct it`);
}

/**
 * Read and check what stands between the first two `---`.
 *
 * @param {string} markdown
 * @param {import('../read/deck.mjs').Deck} deck
 * @returns {Record<string, unknown>} values by name; empty where there is a fault
 */
export function readFrontMatter(markdown, deck) {
  const [, head] = /^---\r?\n([\s\S]*?)^---\s*$/m.exec(markdown) ?? [];
  if (head === undefined || !markdown.startsWith('---')) return {};
  const lineOf = (/** @type {string} */ name) =>
    head.split('\n').findIndex((line) => line.startsWith(`${name}:`)) + 2;
  /** @type {unknown} */
  let values;
  try {
    values = load(head);
  } catch (error) {
    const { reason, mark } = /** @type {any} */ (error);
    deck.fault((mark?.line ?? 0) + 2, `the front matter is no YAML: ${reason}; correct it`);
    return {};
  }
  for (const [name, value] of Object.entries(Object(values))) {
    if (!DIRECTIVES.includes(name))
      deck.fault(lineOf(name), unknown(name, nearest(name, DIRECTIVES)));
    else checkValue(name, String(value), lineOf(name), deck);
  }
  return Object(values);
}

/**
 * Check that each class of a slide means something.
 *
 * @param {string} css of the rendered deck: theme, engine and styles of the deck
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function checkClasses(css, deck) {
  const defined = [...new Set([...css.matchAll(/\.([a-z_][\w-]*)/gi)].map(([, name]) => name))];
  for (const { line, classes } of deck.slides) {
    for (const name of classes.filter((name) => !defined.includes(name))) {
      const near = nearest(name, defined);
      const remedy = near ? `did you mean '${near}'?` : 'remove it, or define it in the theme';
      deck.fault(line, `no style for the class '${name}'; ${remedy}`);
    }
  }
}

/**
 * Check that no Markdown lies beside the deck as if it were shown.
 *
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function checkFolder(deck) {
  const names = readdirSync(join(deck.root, 'slides')).filter((name) =>
    /\.(md|markdown)$/i.test(name),
  );
  for (const name of names)
    if (name !== 'deck.md' && name !== 'README.md')
      deck.fault(
        1,
        `slides/${name} is not shown: the deck is deck.md alone; move its slides there`,
      );
}

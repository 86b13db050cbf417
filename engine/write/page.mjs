import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { Kept } from '../kept.mjs';
import { tagsOf } from '../read/html.mjs';
import { typesetNotes } from '../render/notes.mjs';

const PAGE = join(import.meta.dirname, '../page/index.mjs');
const EDITOR = join(import.meta.dirname, '../page/edit/index.mjs');

/** Licences of what is copied into the file beside the page's own code; they ask to be copied, too. */
const LICENCES = [
  '@marp-team/marp-core/LICENSE',
  '@marp-team/marp-cli/LICENSE',
  '@marp-team/marp-cli/lib/bespoke.js.LICENSE.txt',
  'perfect-freehand/LICENSE',
  '@fontsource/inter/LICENSE',
  '@ibm/plex-mono/LICENSE.txt',
  '@xterm/addon-unicode-graphemes/LICENSE',
];
/** Of what is drawn only where the deck has it. */
const DRAWN = [['<mjx-container', 'mathjax-full/LICENSE']];
const EMOJI = 'Emoji: Twemoji, Copyright Twitter, Inc. and other contributors, CC BY 4.0';

/** @type {Kept<PageCode>} */
const bundles = new Kept('bundles', 4);

/** What `outsideAddresses` may miss, the browser does not fetch. */
const POLICY = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; media-src data:; connect-src 'self' data: ws://127.0.0.1:* ws://localhost:*; frame-src 'self' file: http://127.0.0.1:* http://localhost:*; base-uri 'none'; form-action 'none'">`;

/**
 * Make Marp's HTML complete: the recordings and the page's own code go in,
 * outside addresses go out.
 *
 * @param {string} html
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {Promise<PageCode>} [code] of the page
 * @returns {Promise<string>} one file that needs nothing else
 * @throws {Error} when something in it would be fetched
 */
export async function finishHtml(html, deck, code = bundlePage()) {
  const { js, css } = await code;
  const head = [POLICY, '<link rel="icon" href="data:,">', licences(html)];
  const body = [
    `<style>${css.replaceAll('</style', '<\\/style')}</style>`,
    `<script type="application/json" id="recordings">${recordingsJson(deck)}</script>`,
    `<script>${inlineScript(js)}</script>`,
  ];
  const typeset = typesetNotes(html, deck.comments);
  const offline = insertBefore('</body>', body, insertBefore('</head>', head, typeset)).replace(
    /\/\*!! License: https:\/\/unpkg\.com\/(\S+) \*\//g,
    '/*! Licences: see above, $1 */',
  );
  const outside = outsideAddresses(offline);
  if (outside.length > 0) throw new Error(`the deck would fetch ${outside.join(', ')}; embed it`);
  return offline;
}

/**
 * @param {string} tag the last of its kind
 * @param {string[]} parts
 * @param {string} html
 */
function insertBefore(tag, parts, html) {
  const at = html.lastIndexOf(tag);
  return `${html.slice(0, at)}${parts.join('\n')}${html.slice(at)}`;
}

/** @param {string} html @returns {string} a comment */
function licences(html) {
  const drawn = DRAWN.flatMap(([tag, path]) => (html.includes(tag) ? [path] : []));
  const texts = [...LICENCES, ...drawn].map((path) => `== ${path}\n\n${readPackage(path).trim()}`);
  // xterm.js comes without a file for its licence.
  const [xterm] = readPackage('@xterm/headless/lib-headless/xterm-headless.mjs').split('*/', 1);
  const terminal = `== @xterm/headless, licence as below\n\n${xterm.replace(/^\s*\/?\*+ ?/gm, '').trim()}`;
  return `<!--\n${[terminal, ...texts, EMOJI].join('\n\n').replaceAll('-->', '')}\n-->`;
}

/** @param {string} path */
function readPackage(path) {
  return readFileSync(join(import.meta.dirname, '../../node_modules', path), 'utf8');
}

/** @typedef {{ js: string, css: string }} PageCode */

/** @returns {Promise<PageCode>} the page's own code, by another process */
export function bundlePage() {
  return bundleCode(PAGE);
}

/** @returns {Promise<string>} the script that the page has besides, where its code may be edited */
export async function bundleEditor() {
  const { js } = await bundleCode(EDITOR);
  return `<script>${inlineScript(js)}</script>`;
}

/**
 * @param {string} entry
 * @returns {Promise<PageCode>}
 */
async function bundleCode(entry) {
  const kept = bundles.get(entry);
  if (kept) return kept;
  const { outputFiles } = await bundle({
    entryPoints: [entry],
    bundle: true,
    write: false,
    outdir: 'page',
    minify: true,
    format: 'iife',
    target: ['es2022'],
    legalComments: 'none',
  });
  /** @param {string} end */
  const text = (end) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  const code = { js: text('.js'), css: text('.css') };
  bundles.set(entry, code);
  return code;
}

/**
 * @param {import('../read/deck.mjs').Deck} deck
 * @returns {string} safe inside a script element
 */
export function recordingsJson({ blocks, recordings }) {
  const runs = [...new Set(blocks.flatMap(({ run }) => run ?? []))].sort();
  const entries = runs.flatMap((id) => {
    const recording = recordings.get(id);
    if (!recording || recording.fault) return [];
    const { cols, rows, command, versions, status, events } = recording;
    return [[id, { cols, rows, command, versions, status, events }]];
  });
  return JSON.stringify(Object.fromEntries(entries)).replaceAll('<', '\\u003c');
}

/**
 * In strings, templates and regular expressions `\x3C` is `<`; nowhere else
 * does minified code hold these three.
 *
 * @param {string} js
 */
function inlineScript(js) {
  return js.replace(/<(?=!--|\/?script)/gi, '\\x3C');
}

const SLIDE = '<svg data-marpit-svg'; // as it begins

/** Of the page before, by its parts: an edit changes few of them. @type {Map<string, string[]>} */
let looked = new Map();

/**
 * What a browser would fetch, from a network or from beside the file, and what
 * a script could; links that the reader may click are not.
 *
 * @param {string} html
 * @returns {string[]}
 */
export function outsideAddresses(html) {
  const [before, ...slides] = html.split(SLIDE);
  const parts = [before, ...slides.map((slide) => SLIDE + slide)];
  looked = new Map(parts.map((part) => [part, looked.get(part) ?? addressesIn(part)]));
  return [...new Set([...looked.values()].flat())];
}

/** @param {string} html of a slide, or of what is before or after them */
function addressesIn(html) {
  const tags = tagsOf(html);
  const inTags = tags.flatMap(({ name, attributes }) =>
    name === 'a' ? [] : FETCHED.flatMap((key) => attributes[key] ?? []),
  );
  const styles = tags.flatMap(({ attributes, text, name }) => [
    attributes.style ?? '',
    name === 'style' ? text : '',
  ]);
  const inStyles = [...styles.join('\n').matchAll(IN_STYLE)].map(
    ([, ...captures]) => captures.find((capture) => capture !== undefined) ?? '',
  );
  const scripts = tags.filter(({ name, attributes }) => {
    return name === 'script' && !/\bjson\b/i.test(attributes.type ?? '');
  });
  const inScripts = scripts.flatMap(({ text }) => text.match(IN_SCRIPT) ?? []);
  const inner = /^(data:|#|about:blank|$|https?:\/\/(localhost|127\.0\.0\.1)\b)/i;
  return [...inTags, ...inStyles, ...inScripts].filter((url) => !inner.test(url));
}

const FETCHED = ['src', 'srcset', 'href', 'xlink:href', 'poster', 'data', 'action'];
const IN_STYLE = /(?:url\(|image-set\(|@import)\s*(?:"([^"]*)"|'([^']*)'|([^\s;)"'&]+))/gi;

/** What is at www.w3.org names a language there; nobody fetches it. */
const IN_SCRIPT = /https?:\/\/(?!www\.w3\.org\b)[\w.-]+[^\s"'`\\]*/g;

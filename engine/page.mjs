import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';

const PAGE = join(import.meta.dirname, 'page/index.mjs');

/**
 * Make Marp's HTML complete: the recordings and the page's own code go in,
 * outside addresses go out.
 *
 * @param {string} html
 * @param {import('./deck.mjs').Deck} deck
 * @returns {Promise<string>} one file that needs nothing else
 * @throws {Error} when something in it would be fetched
 */
export async function finishHtml(html, deck) {
  const { js, css } = await bundlePage();
  const parts = [
    css && `<style>${css.replaceAll('</style', '<\\/style')}</style>`,
    `<script type="application/json" id="recordings">${recordingsJson(deck)}</script>`,
    js && `<script>${inlineScript(js)}</script>`,
  ];
  const end = html.lastIndexOf('</body>');
  const whole = html.slice(0, end) + parts.filter(Boolean).join('\n') + html.slice(end);
  const offline = whole.replace(
    /\/\*!! License: https:\/\/unpkg\.com\/(\S+) \*\//g,
    '/*! Licences: $1 in the npm registry */',
  );
  const outside = outsideAddresses(offline);
  if (outside.length > 0) throw new Error(`the deck would fetch ${outside.join(', ')}; embed it`);
  return offline;
}

/** @returns {Promise<{ js: string, css: string }>} the page's code, empty when it has none */
async function bundlePage() {
  if (!existsSync(PAGE)) return { js: '', css: '' };
  const { outputFiles } = await bundle({
    entryPoints: [PAGE],
    bundle: true,
    write: false,
    outdir: 'page',
    minify: true,
    format: 'iife',
    target: ['es2022'],
    legalComments: 'none',
    loader: { '.woff2': 'dataurl', '.svg': 'dataurl', '.png': 'dataurl' },
  });
  /** @param {string} end */
  const text = (end) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { js: text('.js'), css: text('.css') };
}

/**
 * @param {import('./deck.mjs').Deck} deck
 * @returns {string} safe inside a script element
 */
export function recordingsJson({ blocks, recordings }) {
  const runs = [...new Set(blocks.map(({ run }) => run))].sort();
  const entries = runs.flatMap((id) => {
    const recording = recordings.get(id);
    if (!recording || recording.fault) return [];
    const { cols, rows, command, versions, events } = recording;
    return [[id, { cols, rows, command, versions, events }]];
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

/**
 * What a browser would fetch, from a network or from beside the file, and what
 * a script could; links that the reader may click are not.
 *
 * @param {string} html
 * @returns {string[]}
 */
export function outsideAddresses(html) {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/gi)].map(([, script]) => script);
  const markup = html.replace(/<script[\s>][\s\S]*?<\/script>/gi, '');
  const attribute =
    /\s(?:src|srcset|href|xlink:href|poster|data|action)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi;
  const inTags = [...markup.matchAll(/<(?!a\b)[a-z][^>]*>/gi)].flatMap(([tag]) => [
    ...tag.matchAll(attribute),
  ]);
  const inStyles = markup.matchAll(
    /(?:url\(|@import)\s*(?:"([^"]*)"|'([^']*)'|&quot;(.*?)&quot;|([^\s;)"'&]+))/gi,
  );
  const inScripts = scripts.join('\n').matchAll(/(https?:\/\/[\w.-]+[^\s"'`\\]*)/g);
  const inner = /^(data:|#|about:blank|$|https?:\/\/(www\.w3\.org|localhost|127\.0\.0\.1)\b)/i;
  const addresses = [...inTags, ...inStyles, ...inScripts].map(
    ([, ...captures]) => captures.find((capture) => capture !== undefined) ?? '',
  );
  return [...new Set(addresses.filter((address) => !inner.test(address)))];
}

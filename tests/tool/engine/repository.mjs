import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Deck } from '../../../engine/read/deck.mjs';
import { DeckFaults } from '../../../engine/read/faults.mjs';
import { DeckMarp } from '../../../engine/render/marp.mjs';

/** The theme and the lock file that every small repository of these tests has. */
const COMMON = {
  'slides/theme.css': "/* @theme distributed */\n@import 'uncover';\n",
  'poetry.lock':
    '[[package]]\nname = "dask"\nversion = "2026.8.0"\n\n[[package]]\nname = "ray"\nversion = "2.60.0"\n',
  'marp.config.mjs': `import { marpConfig } from ${JSON.stringify(import.meta.resolve('../../../engine/render/marp.mjs'))};\nexport default marpConfig(import.meta.dirname);\n`,
};

/** @typedef {import('node:test').TestContext} TestContext */

/**
 * A small repository on disk, gone after the test.
 *
 * @param {TestContext} t
 * @param {Record<string, string>} files text by path
 * @returns {string} its root
 */
export function repository(t, files) {
  const root = mkdtempSync(join(tmpdir(), 'deck-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'snippets'));
  for (const [path, text] of Object.entries({ ...COMMON, ...files })) write(root, path, text);
  return root;
}

/**
 * @param {string} root
 * @param {string} path
 * @param {string} text
 */
export function write(root, path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/**
 * The text of a recording.
 *
 * @param {Record<string, string>} sources text by snippet id, the one that ran first
 * @param {string[]} output
 * @param {{ status?: number, [field: string]: unknown }} [header] what differs from a sound one
 */
export function cast(sources, output, header = {}) {
  const digests = Object.entries(sources).map(([id, text]) => [
    id,
    `sha256:${createHash('sha256').update(text).digest('hex')}`,
  ]);
  const lines = [
    {
      version: 3,
      term: { cols: 72, rows: 24 },
      command: `python snippets/${Object.keys(sources)[0]}`,
      sources: Object.fromEntries(digests),
      versions: { python: '3.11.7', dask: '2026.8.0', ray: '2.60.0' },
      ...header,
    },
    ...output.map((text) => [0.1, 'o', text]),
    [0.1, 'x', String(header.status ?? 0)],
  ];
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

/**
 * Render a deck in a repository of these files.
 *
 * @param {TestContext} t
 * @param {string} markdown
 * @param {Record<string, string>} [files]
 * @param {{ draft?: boolean, short?: boolean }} [options]
 * @returns {Promise<{ html: string, css: string, deck: Deck, faults: string[] }>}
 */
export async function render(t, markdown, files = {}, options = { draft: true }) {
  const root = repository(t, { 'slides/deck.md': markdown, ...files });
  const deck = await Deck.open(root, options);
  const marp = await DeckMarp.open({ html: true, script: false }, deck);
  marp.themeSet.default = marp.themeSet.add({ ...COMMON, ...files }['slides/theme.css']);
  try {
    const { html, css } = marp.render(markdown);
    return { html, css, deck, faults: [] };
  } catch (error) {
    if (error instanceof DeckFaults) return { html: '', css: '', deck, faults: error.faults };
    throw error;
  }
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '../../../../engine/browser.mjs';
import { misfits } from '../../../../engine/check/fit.mjs';
import { build as makeDeck } from '../../../../engine/write/dist.mjs';
import { cast, repository } from '../repository.mjs';

const BUILD = fileURLToPath(import.meta.resolve('../../../../engine/build.mjs'));
const THEME = readFileSync(new URL('../../../../slides/theme.css', import.meta.url), 'utf8');

/** @typedef {{ slides: string, code?: string, output?: string }} Small */

/**
 * A deck of these slides, and of one program, with the talk's own theme.
 *
 * @param {import('node:test').TestContext} t
 * @param {Small} deck
 */
function small(t, { slides, code = 'print(4)\n', output = '4\r\n' }) {
  return repository(t, {
    'slides/theme.css': THEME,
    'slides/deck.md': `---\ntheme: distributed\npaginate: true\n---\n\n${slides}\n`,
    'snippets/a.py': code,
    'snippets/a.py.cast': cast({ 'a.py': code }, [output]),
  });
}

/**
 * Build it as from a shell.
 *
 * @param {import('node:test').TestContext} t
 * @param {Small} deck
 * @param {string[]} options
 * @param {NodeJS.ProcessEnv} [env]
 */
function build(t, deck, options, env = {}) {
  const root = small(t, deck);
  const { status, stderr } = spawnSync('node', [BUILD, ...options], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  const faults = stderr.split('\n').filter((line) => line.startsWith('slides/deck.md:'));
  return { status, stderr, faults, made: readdirSync(join(root, 'dist')) };
}

/**
 * @param {number} count
 * @param {string} [end]
 */
const lines = (count, end = '\r\n') =>
  Array.from({ length: count }, (_, at) => `line${at + 1}${end}`).join('');

const LONG = { slides: '# Long\n\n>>> a.py', output: lines(60) };
const LONG_FAULT =
  'slides/deck.md:8: the output of a.py is cut off below, 43 of its 60 lines; show >>> a.py {1-15} only, or set the slide in <!-- _class: tight -->, or split the slide';

/** @type {[string, Small, string][]} */
const FAULTS = [
  ['sixty lines of output', LONG, LONG_FAULT],
  [
    'forty lines of code on a slide that is tight already',
    {
      slides: '<!-- _class: tight -->\n# Long\n\n<<< a.py#all',
      code: `# region all\n${lines(40, ' = 1\n')}# endregion all\n`,
    },
    'slides/deck.md:9: the code of a.py#all is cut off below, 18 of its 40 lines; show a region only, or split the slide',
  ],
  [
    'long lines of code',
    {
      slides: '# Wide\n\n<<< a.py',
      code: `x = 1\n# ${'1234567890'.repeat(12)}\n\n# ${'1234567890'.repeat(13)}\n`,
    },
    'slides/deck.md:8: the code of a.py is cut off at the side, up to 57 columns of line 2, 4; keep lines to 75 columns',
  ],
  [
    'output that is wider than half a slide',
    {
      slides: '<!-- _class: beside -->\n# Wide\n\n<<< a.py\n\n>>> a.py',
      output: `short\r\n${'12345678'.repeat(8)}\r\n`,
    },
    'slides/deck.md:11: the output of a.py is cut off at the side, up to 20 columns of line 2; keep lines to 44 columns',
  ],
  [
    'an output below code that fills the slide',
    { slides: '# Below\n\n<<< a.py\n\n>>> a.py', code: lines(14, ' = 1\n'), output: lines(5) },
    'slides/deck.md:10: the output of a.py is cut off below, 3 of its 5 lines; set the slide in <!-- _class: tight -->, or split the slide',
  ],
  [
    'words beside the slide, by the line at which it begins',
    {
      slides:
        '# One\n\n---\n\n<p style="margin-left: 1100px; white-space: nowrap">to the right</p>',
    },
    'slides/deck.md:8: p «to the right» sticks 122 px out of the slide; make it smaller, or split the slide',
  ],
  [
    'output down to the page number',
    { ...LONG, output: lines(17) },
    'slides/deck.md:8: the output of a.py lies over the page number; make it smaller, or split the slide',
  ],
  [
    'words over the page number',
    { slides: '# One\n\n<p style="position: absolute; right: 0; bottom: 0">to the right</p>' },
    'slides/deck.md:1: p «to the right» lies over the page number; make it smaller, or split the slide',
  ],
];

const browser = await launchBrowser();
after(() => browser.close());
const launch = async () => browser;

for (const [title, deck, fault] of FAULTS)
  test(`${title} is a fault`, async (t) => {
    const page = await makeDeck(small(t, deck), { 'html-only': true, watch: true });
    assert.deepEqual(await misfits(launch, page), [fault]);
  });

test('a build fails on what does not fit, and writes nothing', async (t) => {
  const root = small(t, LONG);
  await assert.rejects(makeDeck(root, { 'html-only': true }), { faults: [LONG_FAULT] });
  assert.deepEqual(readdirSync(join(root, 'dist')), []);
});

test('a draft tells what does not fit, and is written', (t) => {
  const { status, faults, made } = build(t, LONG, ['--draft', '--html-only']);
  assert.deepEqual(faults, [LONG_FAULT]);
  assert.equal(status, 0);
  assert.deepEqual(made, ['draft.html']);
});

test('sixteen lines of output fit, and so do seventy-five columns of code', async (t) => {
  const code = `# ${'1234567890'.repeat(10).slice(0, 73)}\n`;
  const slides = '# Long\n\n>>> a.py\n\n---\n\n# Wide\n\n<<< a.py';
  const root = small(t, { slides, code, output: lines(16) });
  const page = await makeDeck(root, { 'html-only': true, watch: true });
  assert.deepEqual(await misfits(launch, page), []);
});

test('without a browser the build says that it did not measure', (t) => {
  const { status, stderr, made } = build(t, LONG, ['--html-only'], { CHROME_PATH: '' });
  assert.match(
    stderr,
    /^not measured whether all fits its slide: no browser; name one: CHROME_PATH=/m,
  );
  assert.equal(status, 0);
  assert.deepEqual(made, ['index.html']);
});

test('a slide is looked at again when it, its styles or a heading it leads to have changed', async (t) => {
  // Slides that no run before has looked at.
  const words = randomUUID();
  const slides = `# One\n\n${words}, to [the other](#two)\n\n---\n\n# Two\n\n${words}`;
  const root = small(t, { slides });
  const deck = join(root, 'slides/deck.md');
  const theme = join(root, 'slides/theme.css');
  const looked = async () => {
    const page = await makeDeck(root, { 'html-only': true, watch: true });
    let count = 0;
    await misfits(async () => {
      count += 1;
      return browser;
    }, page);
    return count;
  };
  /** @type {(path: string, from: string, to: string) => void} */
  const change = (path, from, to) =>
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));

  assert.equal(await looked(), 1);
  assert.equal(await looked(), 0);
  change(deck, '# Two\n\n', '# Two\n\nMore ');
  assert.equal(await looked(), 1);
  change(deck, '# One', '\n\n# One');
  assert.equal(await looked(), 0);
  change(theme, '24px', '23px');
  assert.equal(await looked(), 1);
  change(deck, '# Two', '# Three');
  assert.equal(await looked(), 1);
});

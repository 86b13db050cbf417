import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { renderScreen, Screen } from '../../../../engine/terminal/screen.mjs';

/**
 * @param {...string} output
 */
function screen(...output) {
  return renderScreen({
    cols: 72,
    rows: 24,
    events: output.map((text) => [0.1, 'o', text]),
  });
}

/** @param {string} html */
function textOf(html) {
  const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };
  const text = html.replace(/<[^>]*>/g, '');
  return text.replace(/&\S+?;/g, (entity) => entities[/** @type {'&lt;'} */ (entity)]);
}

test('the screen is what was printed, to the character', async () => {
  const printed = ['<script>alert("&amp;")</script>', "  π ≈ 3.14 — it's", '', '\u4f60\u597d wide'];
  const { text, html, lines } = await screen(printed.map((line) => `${line}\r\n`).join(''));
  assert.equal(text, printed.join('\n'));
  assert.equal(textOf(html), printed.join('\n'));
  assert.equal(lines.length, 4);
  assert.doesNotMatch(html, /<script/);
});

test('output cut at any point of a sequence is the same', async () => {
  const whole = '\x1b[31mred\x1b[0m plain\r\n';
  assert.deepEqual(await screen(...whole), await screen(whole));
});

test('what scrolled away is on the slide, too', async () => {
  const lines = Array.from({ length: 100 }, (_, line) => `line ${line}`);
  const { text } = await screen(lines.map((line) => `${line}\r\n`).join(''));
  assert.equal(text, lines.join('\n'));
});

test('a long output is kept from its first line to its last', async () => {
  const output = Array.from({ length: 5000 }, (_, line) => `${line}\r\n`).join('');
  const { lines } = await renderScreen({ cols: 72, rows: 24, events: [[0, 'o', output]] });
  assert.deepEqual([lines.length, lines[0].text, lines.at(-1)?.text], [5000, '0', '4999']);
});

test('a progress bar shows its last state only', async () => {
  const { text } = await screen('10 %', '\r50 %', '\r100 %\r\ndone\r\n');
  assert.equal(text, '100 %\ndone');
});

test('a line longer than the terminal wraps as it did when recorded', async () => {
  const { text, lines } = await screen(`${'x'.repeat(80)}\r\n`);
  assert.equal(text, `${'x'.repeat(72)}\n${'x'.repeat(8)}`);
  assert.equal(lines.length, 2);
});

test('colours are the theme’s, the palette’s or exact; styles are seen', async () => {
  const { html } = await screen(
    '\x1b[31mred\x1b[0m \x1b[1;32mgreen\x1b[0m \x1b[38;5;51mcube\x1b[0m \x1b[38;5;250mgrey\x1b[0m ' +
      '\x1b[38;2;255;200;2mexact\x1b[0m \x1b[2mdim\x1b[0m \x1b[2;31mdim red\x1b[0m ' +
      '\x1b[4;9mgone\x1b[0m \x1b[3;53mover\x1b[0m\r\n',
  );
  assert.equal(
    html,
    '<span style="color:var(--ansi-1)">red</span> <span class="bold" style="color:var(--ansi-2)">green</span> ' +
      '<span style="color:#00ffff">cube</span> <span style="color:#bcbcbc">grey</span> ' +
      '<span style="color:#ffc802">exact</span> <span style="color:var(--pane-quiet)">dim</span> ' +
      '<span style="color:color-mix(in srgb,var(--ansi-1) 75%,var(--pane-background))">dim red</span> ' +
      '<span style="text-decoration:underline line-through">gone</span> ' +
      '<span class="italic" style="text-decoration:overline">over</span>',
  );
});

test('what is concealed is blank, and as wide', async () => {
  const { text, html } = await screen('[\x1b[8m\x1b[31m\u4f60 4\x1b[0m]\r\n');
  assert.equal(text, '[    ]');
  assert.doesNotMatch(html, /4|\u4f60/);
});

test('characters of other typefaces stand on the grid', async () => {
  const { html } = await screen('│\u4f60✓│\r\n');
  assert.equal(html, '│<span class="wide">\u4f60</span><span class="cell">✓</span>│');
});

const { screens } = JSON.parse(
  readFileSync(new URL('../../screens.json', import.meta.url), 'utf8'),
);
for (const [name, [printed, lines]] of Object.entries(screens)) {
  test(name, async () => {
    const shown = await screen(printed);
    assert.deepEqual(shown.text.split('\n'), lines);
    assert.deepEqual(await screen(...printed), shown);
    assert.equal(textOf(shown.html), lines.join('\n'));
  });
}

test('what is inverse has the colours of its pane, or its own, exchanged', async () => {
  const { html } = await screen('\x1b[7mplain\x1b[0m\x1b[7;31mred\x1b[0m\r\n');
  assert.equal(
    html,
    '<span style="color:var(--pane-background);background:var(--pane-foreground)">plain</span>' +
      '<span style="color:var(--pane-background);background:var(--ansi-1)">red</span>',
  );
});

test('blanks at the end of a line are there only if they are coloured', async () => {
  const { text, html } = await screen('a  \r\nb\x1b[44m  \x1b[0m \r\n');
  assert.equal(text, 'a\nb');
  assert.equal(
    html,
    'a\nb<span style="color:var(--pane-background);background:var(--ansi-4)">  </span>',
  );
});

test('nothing printed is an empty screen', async () => {
  assert.deepEqual(await screen(), { lines: [], text: '', html: '', pictures: [] });
});

const FULL = Array.from({ length: 24 }, (_, row) => `${row}\tx`.padEnd(60, '-')).join('\r\n');
const COUNTED = [...'LMSTbIZ@PXABCDEF', "'}", "'~", ' @', ' A'];

for (const code of COUNTED) {
  test(`CSI ${code} is done no oftener than the screen can show`, { timeout: 20_000 }, async () => {
    /** @param {number} count */
    const after = (count) => screen(`${FULL}\x1b[9;5H|\x1b[${count}${code}#`);
    assert.deepEqual(await after(99_999_999), await after(72 * 24));
  });
}

test('of thousands of accents on a letter as many are drawn as a text may have', async () => {
  const { text } = await screen(`e${'\u0301'.repeat(50_000)}|`);
  assert.equal(text, `e${'\u0301'.repeat(30)}|`);
});

/** @param {number} count */
const lines = (count) =>
  Array.from({ length: count }, (_, line) => `line ${line + 1}\r\n`).join('');

/** @type {[string, string[], number, string][]} */
const KEPT = [
  ['as many lines as are kept', [lines(2023)], 0, 'line 1'],
  ['one line more', [lines(2024)], 1, 'line 2'],
  ['many lines at once', [lines(5000)], 2977, 'line 2978'],
  ['many lines one by one', [...(lines(5000).match(/.*\r\n/g) ?? [])], 2977, 'line 2978'],
  ['one line that is wrapped', ['x'.repeat(72 * 2100)], 76, 'x'.repeat(72)],
  [
    'a screen that was cleared with all above',
    [lines(3000), '\x1b[3J\x1b[2J\x1b[H', lines(3)],
    0,
    'line 1',
  ],
  ['many lines after that', [lines(3000), '\x1b[3J\x1b[2J\x1b[H', lines(2500)], 477, 'line 478'],
  ['a full screen of its own', [lines(3000), '\x1b[?1049h\x1b[H', lines(3)], 0, 'line 1'],
  [
    'what is there after that',
    [lines(3000), '\x1b[?1049h', lines(99), '\x1b[?1049l'],
    977,
    'line 978',
  ],
  [
    'a scrolling part of the screen',
    [lines(3000), '\x1b[2;24r\x1b[24;1H', '\n'.repeat(99)],
    977,
    'line 978',
  ],
];

for (const [what, output, dropped, first] of KEPT) {
  test(`of ${what}, the lines that are lost above are counted`, async () => {
    const screen = new Screen(72, 24);
    const writes = output.map((text) => new Promise((done) => screen.write(text, () => done(0))));
    await Promise.all(writes);
    assert.equal(screen.dropped, dropped);
    assert.equal(screen.lines()[0].text, first);
  });
}

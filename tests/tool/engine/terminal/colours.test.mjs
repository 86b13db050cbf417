import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { renderScreen } from '../../../../engine/terminal/screen.mjs';
import { programs } from '../../../../engine/write/programs.mjs';
import { cast, render } from '../repository.mjs';

const read = (/** @type {string} */ path) =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

/** The colours of panes: the engine's, where the talk's theme has none of its own. */
const COLOURS = Object.fromEntries(
  [
    ...`${read('engine/terminal/screen.css')}${read('slides/theme.css')}`.matchAll(
      /(--\S+): (#\w{6});/g,
    ),
  ].map(([, name, value]) => [name, value]),
);

/** @param {string} hex @returns {number} relative luminance, as WCAG 2 defines it */
function luminance(hex) {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const part = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param {string} one @param {string} other */
function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** @param {string} one @param {string} other @param {number} share of the one */
function mixed(one, other, share) {
  const parts = [1, 3, 5].map((start) => {
    const [a, b] = [one, other].map((hex) => Number.parseInt(hex.slice(start, start + 2), 16));
    return Math.round(a * share + b * (1 - share));
  });
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

const INKS = [...Array(16).keys()].map((index) => `--ansi-${index}`);
for (const ink of [...INKS, '--pane-foreground', '--pane-quiet']) {
  test(`${ink} can be read on a pane`, () => {
    const ratio = contrast(COLOURS[ink], COLOURS['--pane-background']);
    assert.ok(ratio >= 4.5, `${COLOURS[ink]} has ${ratio.toFixed(2)}:1`);
  });
}

for (const ink of INKS) {
  test(`${ink} can be read when it is dimmed, and the pane's ground on it`, () => {
    const ground = COLOURS['--pane-background'];
    // As engine/look.mjs has them: greys stay as they are.
    const share = ['--ansi-0', '--ansi-8'].includes(ink) ? 1 : 0.75;
    const dimmed = mixed(COLOURS[ink], ground, share);
    assert.ok(contrast(dimmed, ground) >= 4.5, `${dimmed} has ${contrast(dimmed, ground)}:1`);
    assert.ok(contrast(ground, COLOURS[ink]) >= 4.5);
  });
}

test('the pane is no lighter than the one that exact colours are measured against', () => {
  assert.ok(luminance(COLOURS['--pane-background']) <= luminance('#161b26'));
});

test('every exact pair of colours can be read', async () => {
  const values = [0, 16, 22, 52, 88, 124, 160, 196, 208, 226, 231, 232, 238, 244, 250, 255];
  for (const ink of values.slice(1)) {
    for (const ground of values) {
      for (const style of ['', '2;']) {
        const printed = `\x1b[${style}38;5;${ink};48;5;${ground}m PASS \x1b[0m`;
        const { html } = await renderScreen({ cols: 72, rows: 24, events: [[0, 'o', printed]] });
        const [, one, other] = /color:(#\w{6});background:(#\w{6})/.exec(html) ?? [];
        assert.ok(contrast(one, other) >= 4.5, `${printed}: ${html}`);
      }
    }
  }
});

test('a picture that is painted with half blocks keeps its colours', async () => {
  for (const [codes, colours] of [
    ['38;5;16;48;5;16', 'color:#000000;background:#000000'],
    ['38;2;9;9;90;48;5;17', 'color:#09095a;background:#00005f'],
    ['34;41', 'color:var(--ansi-4);background:var(--ansi-1)'],
  ]) {
    const printed = `\x1b[${codes}m▄▀\x1b[0m`;
    const { html } = await renderScreen({ cols: 72, rows: 24, events: [[0, 'o', printed]] });
    assert.equal(html, `<span style="${colours}">▄▀</span>`);
  }
});

test('slides and the programs in print have these colours', async (t) => {
  const code = 'print(4)\n';
  const { css, deck } = await render(t, '# A\n\n>>> a.py\n', {
    'snippets/a.py': code,
    'snippets/a.py.cast': cast({ 'a.py': code }, ['\x1b[32m4\x1b[0m\r\n']),
  });
  assert.match(css, /section[^{]*\{[^}]*--ansi-2: ?#7ee2a0/);
  const html = (await programs(deck))(new Map());
  assert.match(html, /<style>@layer theme \{.*section ?\{[^}]*--ansi-2: ?#7ee2a0/s);
  assert.match(
    html,
    /<section><figure class="code".*<pre class="screen"><span style="color:var\(--ansi-2\)">4</s,
  );
});

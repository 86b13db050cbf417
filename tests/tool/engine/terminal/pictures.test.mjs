import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { renderScreen, Screen } from '../../../../engine/terminal/screen.mjs';

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
}

/** @param {number} width @param {number} height @returns {string} a PNG in base64, all black */
function png(width, height) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 0], 8);
  const pixels = deflateSync(Buffer.alloc((width + 1) * height));
  const parts = [chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]).toString('base64');
}

const DOT = png(280, 140);
const NAME = Buffer.from('two <dots>').toString('base64');

/** @param {string} [options] @param {string} [data] */
const picture = (options = 'inline=1', data = DOT) => `\x1b]1337;File=${options}:${data}\x07`;

/** @param {string[]} written */
const screen = (...written) =>
  renderScreen({ cols: 72, rows: 24, events: written.map((text) => [0, 'o', text]) });

/** As a run is shown, which comes in pieces. @param {string[]} pieces */
async function live(...pieces) {
  const screen = new Screen(72, 24);
  for (const piece of pieces) screen.write(piece);
  await new Promise((resolve) => screen.write('', () => resolve(undefined)));
  return screen.lines();
}

test('a picture that is printed is shown on its line', async () => {
  const { lines, pictures } = await screen(`a${picture(`name=${NAME};inline=1`)}b\r\nc\r\n`);
  assert.deepEqual(
    lines.map(({ text, rows }) => [text, rows]),
    [
      ['a[picture 280x140: two <dots>]b', 5],
      ['c', 1],
    ],
  );
  assert.equal(
    lines[0].html,
    `a<img class="picture" alt="two &lt;dots&gt;" style="height:calc(5 * 1lh)" src="data:image/png;base64,${DOT}">b`,
  );
  assert.deepEqual(pictures, [DOT]);
});

test('written in pieces, or ended by ST, it is the same', async () => {
  const whole = `a${picture()}b\r\n`;
  const ended = whole.replace('\x07', '\x1b\\');
  const expected = (await screen(whole)).lines;
  assert.match(expected[0].html, /<img/);
  assert.deepEqual(await live(...whole), expected);
  assert.deepEqual(await live(...ended), expected);
});

for (const [options, rows] of /** @type {[string, number][]} */ ([
  ['inline=1;height=3', 3],
  ['inline=1;height=56px', 2],
  ['inline=1;height=50%', 12],
  ['inline=1;width=560px', 10],
  ['inline=1;width=10', 2],
  ['inline=1;width=auto;height=auto', 5],
  ['inline=1;height=4000px', 40],
]))
  test(`with ${options} it takes ${rows} rows`, async () => {
    assert.equal((await screen(picture(options))).lines[0].rows, rows);
  });

test('it scrolls, is written over and erased as text is', async () => {
  const { text } = await screen(`${picture()}\r\n${'x\r\n'.repeat(30)}`);
  assert.match(text, /^\[picture 280x140\]\nx\n/);
  assert.equal((await screen(`${picture()}\rA`)).text, 'A');
  assert.equal((await screen(`${picture()}\x1b[2J\x1b[HB`)).text, 'B');
  assert.equal(
    (await screen(`${picture()}\r${picture('inline=1', png(1, 1))}`)).pictures.length,
    1,
  );
});

for (const [name, printed, text] of [
  ['a file that is to be saved', picture('name=YQ=='), 'ab'],
  ['what is no picture', picture('inline=1', 'bm8gcGljdHVyZQ=='), 'a[what is no picture]b'],
  ['what is no base64', picture('inline=1', '%%'), 'a[what is no picture]b'],
  [
    'a picture that is too large',
    picture('inline=1', 'A'.repeat(800_000)),
    'a[a picture of 600 kB; 500 are shown]b',
  ],
  [
    'SVG, which may hold a program',
    picture('inline=1', btoa('<svg width="1" height="1"/>')),
    'a[what is no picture]b',
  ],
  ['a sequence that never ends', `\x1b]1337;File=inline=1:${'A'.repeat(100)}`, 'a'],
  ['a character of private use', '\u{f0000}', 'a\u{f0000}b'],
])
  test(`${name} is told, or nothing`, async () => {
    const { lines, pictures } = await screen(`a${printed}b`);
    assert.equal(lines[0].text, text);
    assert.deepEqual(pictures, []);
    assert.doesNotMatch(lines[0].html, /<img/);
  });

const LARGE = 'A'.repeat(1_200_000);

for (const end of ['\x07', '\x1b\\'])
  test(`a picture that is too large is told in one word, however it comes: ${JSON.stringify(end)}`, async () => {
    const whole = picture('inline=1', LARGE).replace('\x07', end);
    const pieces = `a${whole}b${picture()}`.match(/.{1,65536}/gs) ?? [];
    // Its end may come in two.
    const parts = [`a${whole.slice(0, -1)}`, `${whole.slice(-1)}b${picture()}`];
    for (const written of [pieces, parts]) {
      const [line, ...more] = await live(...written);
      assert.equal(line.text, 'a[a picture of 900 kB; 500 are shown]b[picture 280x140]');
      assert.deepEqual(more, []);
    }
  });

/** As the runner says it (runner/processes/output.py). @param {string} text @param {string} [line] */
const notice = (text, line = '') => `\x1b[0m${line}\x1b[33m[${text}]\x1b[0m\r\n`;
const CUT = notice('output cut after 1,000,000 bytes; its end follows', '\r\n');

for (const [name, size, after, shown] of /** @type {[string, number, string, string[]][]} */ ([
  ['its own end', 1_000_000, `${LARGE.slice(0, 100_000)}\x07b\r\nc`, ['b', 'c']],
  ['its own end, by ST', 1_000_000, `${LARGE.slice(0, 100_000)}\x1b\\b\r\nc`, ['b', 'c']],
  ['no end', 400, LARGE.slice(0, 100_000), []],
  ['no end, and a notice', 1_000_000, LARGE.slice(0, 100_000) + notice('stopped'), ['[stopped]']],
  ['a word', 400, 'done', ['done']],
  ['another picture', 400, picture(), ['[picture 280x140]']],
  ['other lines', 400, 'Hello\r\nworld', ['Hello', 'world']],
]))
  test(`a picture that the runner cuts does not hide its notice, nor what comes: ${name}`, async () => {
    const begun = `a${picture('inline=1', LARGE).slice(0, size)}`;
    const left = notice('2,000 bytes are left out');
    for (const pieces of [[begun, CUT, left, after], [begun + CUT + left + after]])
      assert.deepEqual(
        (await live(...pieces)).map(({ text }) => text),
        [
          'a[a part of a picture]',
          '[output cut after 1,000,000 bytes; its end follows]',
          '[2,000 bytes are left out]',
          ...shown,
        ],
      );
  });

const OPEN = '\x1b]8;;https://example.org/?a=1&b="2"\x1b\\';
const CLOSE = '\x1b]8;;\x1b\\';

test('a link that is printed can be clicked', async () => {
  const { lines } = await screen(`see ${OPEN}the \x1b[32mdocs${CLOSE}\x1b[0m now`);
  assert.equal(lines[0].text, 'see the docs now');
  const href = 'href="https://example.org/?a=1&amp;b=&quot;2&quot;"';
  assert.ok(lines[0].html.startsWith(`see <a ${href} target="_blank" rel="noopener noreferrer">`));
  assert.match(lines[0].html, /docs<\/span><\/a> now$/);
  assert.ok(
    lines[0].runs.some(([text, look]) => text === 'docs' && look.includes(href)),
    'another address is another output',
  );
});

test('a link to anything but the web is text', async () => {
  for (const uri of ['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x'])
    assert.doesNotMatch((await screen(`\x1b]8;;${uri}\x07a${CLOSE}`)).html, /<a/);
});

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from '../../../engine/write/dist.mjs';
import { adopt, names, run, SVG } from './adopt/old.mjs';
import { repository, write } from './repository.mjs';

test('theme and formulas are those that there are', (t) => {
  const old = "---\ntheme: 'fancy' # mine\nmath: katex\n---\n\n# A\n";
  const { root, read, told } = adopt(t, old);
  assert.equal(
    read('slides/deck.md'),
    '---\ntheme: distributed # mine\nmath: mathjax\n---\n\n# A\n',
  );
  assert.deepEqual(told, [
    '2: no theme fancy, so it is now distributed; what it looked like goes into slides/theme.css',
    "3: 'math: katex' is now 'math: mathjax'; look at the formulas again",
  ]);
  const { stdout } = run(root, 'old/Talk.md', '--into', 'new');
  assert.match(stdout, /:2: no theme fancy; save it as slides\/theme\.css, or write default, gaia/);
  assert.match(stdout, /^- write slides\/theme\.css, which a build needs$/m);
  const kept = adopt(t, '<!-- theme: gaia\nmath: mathjax -->\n');
  assert.deepEqual(kept.told, []);
});

test('Windows line ends and a mark of byte order are handled', (t) => {
  const { read } = adopt(
    t,
    '\ufeff---\r\nmath: katex\r\n---\r\n\r\n# A\r\n\r\n```py\r\nx\r\ny\r\n```\r\n',
  );
  assert.equal(read('slides/deck.md'), '---\nmath: mathjax\n---\n\n# A\n\n<<< talk/a.py\n');
  assert.equal(read('snippets/talk/a.py'), 'x\ny\n');
});

test('a deck that is there is not overwritten', (t) => {
  const { root, read, stdout } = adopt(t, '# New\n', { 'slides/deck.md': '# Mine\n' });
  assert.equal(read('slides/deck.md'), '# Mine\n');
  assert.equal(read('slides/deck.imported.md.txt'), '# New\n');
  assert.match(stdout, /^The new deck is slides\/deck\.imported\.md\.txt;/m);
  assert.match(stdout, /^- slides\/deck\.md was there already: move the slides into it$/m);
  assert.equal(run(root, 'old/Talk.md').status, 0);
  assert.equal(read('slides/deck.imported_2.md.txt'), '# New\n');
});

test('--into makes its folder; an old deck in slides/ has to leave it', (t) => {
  const { root, stdout } = adopt(t, '# A\n\n```py\nx\n```\n');
  assert.match(stdout, /^1 fence moved, 0 left, 0 pictures copied$/m);
  const into = run(root, 'old/Talk.md', '--into', 'a/b');
  assert.match(into.stdout, /^The new deck is a\/b\/slides\/deck\.md; old\/Talk\.md is as it was/m);
  assert.match(into.stdout, /^- a\/b has no tool yet: make a talk with npm run new/m);
  assert.ok(existsSync(join(root, 'a/b/snippets/talk/a.py')));
  write(root, 'c/slides/install.md', '```sh\nls\n```\n');
  const beside = run(root, 'c/slides/install.md', '--into', 'c');
  assert.match(beside.stdout, /^- move c\/slides\/install\.md out of slides\//m);
  assert.deepEqual(names(root, 'c/snippets'), ['install_deck']);
});

test('a deck without a fence is fine, and says so', (t) => {
  for (const old of ['# A\n', '']) {
    const { stdout } = adopt(t, old);
    assert.match(stdout, /^No fence in old\/Talk\.md: no code to move\.$/m);
  }
});

test('bad input is told in one line, with the remedy', (t) => {
  const root = repository(t, { 'a.md': '# A\n', 'busy/snippets/a': '```py\nx\n```\n' });
  writeFileSync(join(root, 'latin.md'), Buffer.from([0x23, 0x20, 0xe9, 0x0a]));
  writeFileSync(join(root, 'utf16.md'), Buffer.from('\ufeff# A\n', 'utf16le'));
  mkdirSync(join(root, 'folder.md'));
  for (const [args, message] of [
    [['none.md'], 'no file none.md; correct its path'],
    [['folder.md'], 'folder.md is no file; name the deck itself, a .md'],
    [['latin.md'], 'latin.md is no text in UTF-8; save it as UTF-8'],
    [['utf16.md'], 'utf16.md is no text in UTF-8; save it as UTF-8'],
    [['a.md', '--into', 'a.md'], 'a.md is no folder; name another --into, or move that file'],
    [['busy/snippets/a', '--into', 'busy'], /^EEXIST: .*; mend that and import again$/],
  ])
    assert.deepEqual(
      ((found) => ({ ...found, stderr: typeof message === 'string' ? found.stderr : '' }))(
        run(root, .../** @type {string[]} */ (args)),
      ),
      { status: 1, stdout: '', stderr: typeof message === 'string' ? `${message}\n` : '' },
    );
  assert.deepEqual(existsSync(join(root, 'slides/deck.md')), false);
});

test('a call that is none ends with the help', (t) => {
  const root = repository(t, { 'a.md': '# A\n' });
  for (const [args, message] of [
    [[], 'which deck? Name its file'],
    [['a.md', 'b.md'], 'one deck at a time'],
    [['a.md', '--into'], "Option '--into <value>' argument missing"],
    [['a.md', '--into', ''], '--into needs a folder'],
    [['a.md', '--nito', 'x'], "Unknown option '--nito'"],
  ]) {
    const { status, stdout, stderr } = run(root, .../** @type {string[]} */ (args));
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.ok(stderr.startsWith(/** @type {string} */ (message)), stderr);
    assert.match(stderr, /\n\nnode engine\/adopt\.mjs OLD\.md \[--into DIR\]\n/);
  }
  assert.match(run(root, '--help').stdout, /^node engine\/adopt\.mjs/);
});

/** As they are written in the wild. */
const TEN = `---
marp: true
theme: company
paginate: true
math: katex
footer: '![h:20](img/logo.svg) A meetup'
style: |
  section { color: black; }
---

<style>
section { background: url(img/logo.svg) no-repeat; }
</style>

<!-- _paginate: false -->

# Python for the curious

A talk in ten slides

---

## Install it

\`\`\`bash
$ pip install requests
Successfully installed requests
\`\`\`

---

## JSON

\`\`\`python {1,3}
import json

print(json.dumps({"a": 1}))
\`\`\`

---

## In a list

- first

  \`\`\`python
  def f():
      return {{"x"}}
  \`\`\`

- second

---

## Two columns

<div class="columns">
<div>

\`\`\`js
const x = \`\${y}\`;
\`\`\`

</div>
<div>

\`\`\`rust
fn main() {}
\`\`\`

</div>
</div>

<style scoped>
.columns { display: flex; }
</style>

---

## A picture

![bg right:40%](img/logo.svg)

![w:100 The logo](<img/logo.svg>)

---

> \`\`\`yaml
> a: [1, 2]
> \`\`\`

---

## Formula

$$
    e^{i\\pi} = -1
$$

---

## Compose

\`\`\`yaml title="compose.yaml"
services: {}
\`\`\`

\`\`\`Dockerfile
FROM scratch
\`\`\`

\`\`\`
some output
\`\`\`

---

# Thanks

<!-- A note. -->
`;

test('a realistic deck of ten slides builds without a fault', async (t) => {
  const { root, stdout } = adopt(t, TEN, { 'old/img/logo.svg': SVG });
  assert.match(stdout, /^9 fences moved, 0 left, 1 picture copied$/m);
  const path = await build(root, { draft: true, 'html-only': true, watch: true });
  const html = readFileSync(path, 'utf8');
  assert.equal(html.split('<figure class="code"').length - 1, 9);
  assert.equal(html.match(/<section[^>]* data-line/g)?.length, 10);
  assert.match(html, /data-snippet="talk\/json_example\.py"/);
});

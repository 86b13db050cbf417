import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endingOf, LANGUAGES } from '../../../../engine/read/languages.mjs';
import { adopt, names } from './old.mjs';

test('each fence becomes a file of its language, named after its slide', (t) => {
  const old = `# Hello, *Wörld's* \`talk\`

\`\`\`python
print(1)
\`\`\`

~~~~sh
echo '~~~'
~~~~

---

\`\`\`yaml
a: 1
\`\`\`

---

\`\`\`Dockerfile
FROM scratch
\`\`\`

## Below it
`;
  const { root, read, told, stdout } = adopt(t, old);
  assert.equal(
    read('slides/deck.md'),
    `# Hello, *Wörld's* \`talk\`

<<< talk/hello_worlds_talk.py

<<< talk/hello_worlds_talk.sh

---

<<< talk/slide_2.yaml

---

<<< talk/below_it.dockerfile

## Below it
`,
  );
  assert.equal(read('snippets/talk/hello_worlds_talk.py'), 'print(1)\n');
  assert.equal(read('snippets/talk/hello_worlds_talk.sh'), "echo '~~~'\n");
  assert.equal(names(root, 'snippets/talk').length, 4);
  assert.deepEqual(told.slice(0, 2), [
    '3: moved to snippets/talk/hello_worlds_talk.py',
    '7: moved to snippets/talk/hello_worlds_talk.sh',
  ]);
  assert.match(stdout, /^4 fences moved, 0 left, 0 pictures copied$/m);
  assert.match(stdout, /^- npm run record /m);
  assert.match(stdout, /^- npm run build -- --draft /m);
  assert.match(stdout, /a check in snippets\/checks\.json$/m);
});

test('a name is used once, and no file is overwritten', (t) => {
  const fence = '```python\nprint(1)\n```\n\n';
  const { read } = adopt(t, `# A slide\n\n${fence}${fence}`, {
    'snippets/talk/a_slide_2.py': 'mine\n',
  });
  assert.equal(
    read('slides/deck.md'),
    '# A slide\n\n<<< talk/a_slide.py\n\n<<< talk/a_slide_3.py\n\n',
  );
  assert.equal(read('snippets/talk/a_slide_2.py'), 'mine\n');
});

test('names are short, and take the place of no module or kind of file', (t) => {
  const fence = (/** @type {string} */ language, code = 'import ray') =>
    `\n\`\`\`${language}\n${code}\n\`\`\`\n`;
  const { root } = adopt(
    t,
    `# A very long heading of which nobody wants to read all in a name\n${fence('py')}
---
# Random\n${fence('py')}
---
# Ray\n${fence('py')}${fence('yaml', 'a: 1')}
---
# Dockerfile\n${fence('py')}${fence('docker', 'FROM x')}
---
# 日本語\n${fence('py')}`,
  );
  assert.deepEqual(names(root, 'snippets/talk'), [
    'a_very_long_heading_of_which_nobody.py',
    'dockerfile.dockerfile',
    'dockerfile_example.py',
    'random_example.py',
    'ray.yaml',
    'ray_example.py',
    'slide_5.py',
  ]);
});

test('an import stands where its fence did in lists and quotes', (t) => {
  const old = `- one

  \`\`\`py
  if x:
      y
  \`\`\`
- \`\`\`js
  f()
  \`\`\`
  text
> 1. ~~~json
>    {}
>    ~~~
`;
  const { read } = adopt(t, old);
  assert.equal(
    read('slides/deck.md'),
    `- one

  <<< talk/slide_1.py
- <<< talk/slide_1.js
  text
> 1. <<< talk/slide_1.json
`,
  );
  assert.equal(read('snippets/talk/slide_1.py'), 'if x:\n    y\n');
  assert.equal(read('snippets/talk/slide_1.json'), '{}\n');
});

test('lines stay lit where they are valid', (t) => {
  const fence = (/** @type {string} */ info, code = 'a\nb\nc\nd') =>
    `\`\`\`${info}\n${code}\n\`\`\`\n`;
  const old = ['python {1,3-4}', 'python{2}', 'python {1|2-3|all}', 'python {3-9}', 'python {x}']
    .map((info) => fence(info))
    .join('');
  const { read, told } = adopt(t, old + fence('python {1} title="x"', '\n\na'));
  assert.equal(
    read('slides/deck.md'),
    `<<< talk/slide_1.py {1,3-4}
<<< talk/slide_1_2.py {2}
<<< talk/slide_1_3.py {1|2-3|all}
<<< talk/slide_1_4.py
<<< talk/slide_1_5.py
<<< talk/slide_1_6.py
`,
  );
  const left = told.filter((line) => line.includes('is left out'));
  assert.deepEqual(left, [
    '19: {3-9} is left out: line 9 of talk/slide_1_4.py does not exist; its lines are 1 to 4',
    "25: {x} is left out: 'x' is no line range; write lines as '2', '2-3', '2,5' or 'all', steps apart by '|'",
    '31: {1} is left out: its lines are not those of the fence; count them again',
    `31: 'title="x"' is left out; write it beside the import as text`,
  ]);
});

test('what an import of the whole file would hide is shown by a region', (t) => {
  const { read } = adopt(
    t,
    '```python {2}\n"""Docstring."""\nx = 1\n```\n\n```bash\n#!/bin/sh\nls\n```\n\n```js\n#!/usr/bin/env node\nf()\n```\n',
  );
  assert.match(
    read('slides/deck.md'),
    /^<<< talk\/slide_1.py#slide \{2\}\n\n<<< talk\/slide_1.sh#slide\n\n<<< talk\/slide_1.js\n$/,
  );
  assert.equal(
    read('snippets/talk/slide_1.py'),
    '# region slide\n"""Docstring."""\nx = 1\n# endregion slide\n',
  );
});

test('prompts and what was printed are no program', (t) => {
  const { read, told } = adopt(
    t,
    '```console\n$ ls \\\n  -l\ntotal 4\nfile\n\n$ pwd\n/tmp\n```\n\n```bash\n$ ls\n```\n\n```python\n>>> 1 + 1\n2\n```\n',
  );
  assert.equal(read('snippets/talk/slide_1.sh'), 'ls \\\n  -l\npwd\n');
  assert.equal(read('snippets/talk/slide_1_2.sh'), 'ls\n');
  assert.deepEqual(told, [
    '1: moved to snippets/talk/slide_1.sh',
    "1: 3 lines of output left out; record it and write '>>> talk/slide_1.sh' below its import",
    '11: moved to snippets/talk/slide_1_2.sh',
    '15: moved to snippets/talk/slide_1.py',
    "15: '>>>' in snippets/talk/slide_1.py is a prompt, not Python; take the prompts and outputs out",
  ]);
});

test('what is in no language that is known becomes text, and is told', (t) => {
  const { root, told } = adopt(
    t,
    '```\na\n```\n\n```rubyy\nb\n```\n\n```qqqqqqqq\nc\n```\n\n```text\nd\n```\n\n```{.python .numberLines}\ne\n```\n',
  );
  assert.deepEqual(names(root, 'snippets/talk'), [
    'slide_1.py',
    'slide_1.txt',
    'slide_1_2.txt',
    'slide_1_3.txt',
    'slide_1_4.txt',
  ]);
  const rename = 'and its import the ending of its language';
  assert.deepEqual(
    told.filter((line) => line.includes('became text')),
    [
      `1: a fence without a language became text; give snippets/talk/slide_1.txt ${rename}`,
      `5: the highlighter knows no 'rubyy', so it became text; did you mean 'ruby'? Then give snippets/talk/slide_1_2.txt ${rename}`,
      `9: the highlighter knows no 'qqqqqqqq', so it became text; give snippets/talk/slide_1_3.txt ${rename}`,
    ],
  );
});

test('the highlighter knows every ending that a language has', () => {
  for (const language of LANGUAGES) assert.ok(endingOf(language), language);
  assert.deepEqual(['Python', 'zsh', 'yml', 'c++', 'constructor', 'a/b', ''].map(endingOf), [
    'py',
    'zsh',
    'yml',
    'cpp',
    undefined,
    undefined,
    undefined,
  ]);
});

test('diagrams stay, and must have words', (t) => {
  const old =
    '```mermaid\ngraph LR\n  accDescr: two\n  a-->b\n```\n\n~~~mermaid\ngraph LR\n~~~\n\n```mermaid {theme: x}\ngraph LR\n```\n';
  const { read, told, stdout } = adopt(t, old);
  assert.equal(read('slides/deck.md'), old);
  assert.deepEqual(told, [
    '1: a diagram, which stays as it is',
    "7: a diagram without words for those who cannot see it; add 'accDescr: WORDS' below its first line",
    "11: left as it is: 'mermaid {theme: x}' is drawn only where it is 'mermaid' alone; cut it",
  ]);
  assert.match(stdout, /^0 fences moved, 3 left, 0 pictures copied$/m);
});

test('what cannot be moved stays, and is told with the remedy', (t) => {
  const old = `text

    indented

<pre><code>a
</code></pre>

<!--
\`\`\`py
hidden
\`\`\`
-->

<div>
\`\`\`js
text
\`\`\`
</div>

\`\`\`c
// #region open
\`\`\`

\`\`\`py

\`\`\`

a <code>b</code>

$$
    x^2
$$

\`\`\`py
unclosed
`;
  const { root, read, told, stdout } = adopt(t, old);
  assert.equal(read('slides/deck.md'), old);
  assert.deepEqual(names(root, 'snippets/talk'), []);
  const again = 'put it between two lines ``` and import again';
  assert.deepEqual(told, [
    `3: indented code is not moved; ${again}, or unindent the text`,
    `5: code in <pre> is not moved; ${again}`,
    '9: a fence inside a comment is left alone; take it out of the comment if it is to be shown',
    '15: a fence inside HTML is only text; leave a blank line above it and import again',
    "20: left as it is, since region 'open' at talk/slide_1.c:1 is never closed; add '// endregion open'",
    '24: left as it is: a fence without code; write the code, or remove it',
    `28: code in <code> is not moved; ${again}`,
    "34: left as it is: a fence that is not closed; end it with '```', import again",
  ]);
  assert.match(stdout, /^0 fences moved, 3 left, 0 pictures copied$/m);
});

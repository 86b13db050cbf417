import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Fault } from '../../../../engine/read/faults.mjs';
import { comment, commentLines } from '../../../../engine/read/languages.mjs';
import { readExcerpt, replaceExcerpts, snippetIds } from '../../../../engine/read/snippets.mjs';
import { repository, write } from '../repository.mjs';

const CLIENT = `"""Connect, then submit."""
from dask.distributed import Client

# region connect
client = Client("localhost:8786")
# endregion connect


def main():
    # region submit
    future = client.submit(pow, 2, 2)

    # region result
    print(future.result())  # 4
    # endregion result
    # endregion submit
`;

/**
 * @param {import('node:test').TestContext} t
 * @param {string} text
 * @param {string} [region]
 */
function read(t, text, region) {
  return readExcerpt(repository(t, { 'snippets/ray/client.py': text }), 'ray/client.py', region)
    .code;
}

/**
 * @param {string} message
 * @returns {{ message: string }}
 */
function fault(message) {
  return { message };
}

test('a region is its lines, dedented, without the markers of regions inside it', (t) => {
  assert.equal(
    read(t, CLIENT, 'submit'),
    'future = client.submit(pow, 2, 2)\n\nprint(future.result())  # 4',
  );
  assert.equal(read(t, CLIENT, 'result'), 'print(future.result())  # 4');
});

test('a whole file is shown without docstring, #! and markers', (t) => {
  const code = read(t, `#!/usr/bin/env python\n# Licence.\n${CLIENT}`);
  assert.match(code, /^# Licence\.\nfrom dask\.distributed import Client\n\nclient = /);
  assert.doesNotMatch(code, /region|Connect, then/);
});

test('docstrings of several lines, of single quotes and with quotes inside are left out', (t) => {
  assert.equal(read(t, '"""One.\n\nTwo "and" three.\n"""\n\nx = 1\n'), 'x = 1');
  assert.equal(read(t, "'''One \\''' two.'''\nx = 1\n"), 'x = 1');
  assert.equal(read(t, 'r"One."\nx = 1\n'), 'x = 1');
  assert.equal(read(t, '\ufeff"""One."""  # short\nx = 1\n'), 'x = 1');
});

test('a string that is no docstring stays', (t) => {
  assert.equal(read(t, 'x = """a"""\n'), 'x = """a"""');
  const unclosed = `"""${'\\d'.repeat(100)}`; // while it is being written
  assert.equal(read(t, unclosed), unclosed);
  assert.equal(read(t, '"a" + "b"\nx = 1\n'), '"a" + "b"\nx = 1');
});

test('a shell snippet keeps its first comment', (t) => {
  const root = repository(t, { 'snippets/install/ray.sh': '# Ray\npoetry add "ray[default]"\n' });
  assert.deepEqual(readExcerpt(root, 'install/ray.sh'), {
    id: 'install/ray.sh',
    region: undefined,
    language: 'bash',
    code: '# Ray\npoetry add "ray[default]"',
  });
});

test('line ends of Windows do not reach the slide', (t) => {
  assert.equal(read(t, '# region a\r\nx = 1\r\ny = 2\r\n# endregion a\r\n', 'a'), 'x = 1\ny = 2');
});

for (const id of [
  '/etc/passwd.py',
  '../setup.py',
  'ray/../../x.py',
  'C:\\x.py',
  'ray\\client.py',
]) {
  test(`${id} is outside snippets/`, (t) => {
    const root = repository(t, { 'setup.py': 'secret = 1\n' });
    assert.throws(
      () => readExcerpt(root, id),
      fault(
        `${id} is outside snippets/; move the file there and import it by its path under snippets/`,
      ),
    );
  });
}

test('a link that leads out of snippets/ is outside', (t) => {
  const root = repository(t, { 'secret.py': 'secret = 1\n' });
  symlinkSync(join(root, 'secret.py'), join(root, 'snippets/link.py'));
  assert.throws(() => readExcerpt(root, 'link.py'), /^Fault: link\.py is outside snippets\/; move/);
});

test('a missing file suggests the nearest name', (t) => {
  const root = repository(t, { 'snippets/dask/futures.py': 'x = 1\n', 'snippets/ray/put.py': '' });
  assert.throws(
    () => readExcerpt(root, 'dask/futurs.py'),
    fault("no snippet 'dask/futurs.py'; did you mean 'dask/futures.py'?"),
  );
  assert.throws(
    () => readExcerpt(root, 'zz.py'),
    fault("no snippet 'zz.py'; correct its path under snippets/"),
  );
});

test('the case of a name counts, on every system', (t) => {
  const root = repository(t, { 'snippets/ray/client.py': 'x = 1\n' });
  assert.throws(
    () => readExcerpt(root, 'Ray/client.py'),
    fault("no snippet 'Ray/client.py'; did you mean 'ray/client.py'?"),
  );
});

/** @type {[fault: string, text: string, region: string | undefined, message: string][]} */
const FAULTS = [
  [
    'a missing region lists those there are',
    CLIENT,
    'conect',
    "no region 'conect' in ray/client.py (has: connect, result, submit); did you mean 'connect'?",
  ],
  [
    'a missing region of a file without regions',
    'x = 1\n',
    'connect',
    "no region 'connect' in ray/client.py (it has none); add '# region connect' and '# endregion connect' to it",
  ],
  [
    'an empty region',
    '# region a\n\n# endregion a\n',
    'a',
    "region 'a' of ray/client.py is empty; write the code, or remove the import",
  ],
  [
    'an empty file',
    '"""Nothing yet."""\n',
    undefined,
    'ray/client.py has no code to show; write the code, or remove the import',
  ],
  [
    'an unclosed region, even when another is asked for',
    '# region a\nx = 1\n# endregion a\n# region b\ny = 2\n',
    'a',
    "region 'b' at ray/client.py:4 is never closed; add '# endregion b'",
  ],
  [
    'a duplicated region',
    '# region a\nx = 1\n# endregion a\n# region a\ny = 2\n# endregion a\n',
    'a',
    "region 'a' begins twice in ray/client.py, again at line 4; rename one of them",
  ],
  [
    'overlapping regions',
    '# region a\n# region b\nx = 1\n# endregion a\n# endregion b\n',
    'a',
    "'# endregion a' at ray/client.py:4 while region 'b' is open; close 'b' first: regions may nest but not overlap",
  ],
  [
    'an end without a beginning',
    'x = 1\n# endregion a\n',
    undefined,
    "'# endregion a' without a region at ray/client.py:2; add '# region a' above it",
  ],
  [
    'a marker without a name',
    '# region\nx = 1\n# endregion\n',
    undefined,
    "a region without a name at ray/client.py:1; write '# region NAME'",
  ],
];

for (const [name, text, region, message] of FAULTS) {
  test(`${name} is a fault`, (t) => {
    assert.throws(() => read(t, text, region), fault(message));
  });
}

test('what is no text is a fault', (t) => {
  const root = repository(t, {});
  writeFileSync(join(root, 'snippets/a.py'), Buffer.from('print("Jan\xedk")\n', 'latin1'));
  symlinkSync('nowhere.py', join(root, 'snippets/b.py'));
  mkdirSync(join(root, 'snippets/c.py'));
  assert.throws(
    () => readExcerpt(root, 'a.py'),
    fault('a.py is no file of UTF-8 text; save it as UTF-8'),
  );
  assert.throws(
    () => readExcerpt(root, 'b.py'),
    fault('b.py is a link to nothing; mend or remove it'),
  );
  assert.throws(() => readExcerpt(root, 'c.py'), fault("no snippet 'c.py'; did you mean 'a.py'?"));
});

const IN_STRINGS = {
  'a string': 'text = """\n# region eu\nhost = a\n# endregion eu\n"""',
  'a raw string': "text = r'''\n# endregion shown\n# region eu\n'''",
  'an f-string': 'text = f"""\n# region {1 + 1}\n# region eu\n"""',
  'a docstring': 'def f():\n    """Words.\n\n    # region eu\n    """',
};

for (const [name, text] of Object.entries(IN_STRINGS))
  test(`what looks like a marker in ${name} is code`, (t) => {
    assert.equal(read(t, `# region shown\n${text}\n# endregion shown\n`, 'shown'), text);
    assert.equal(read(t, `x = 1\n${text}\n`), `x = 1\n${text}`);
  });

test('what looks like a marker in a here-document is code', (t) => {
  const code =
    "cat <<EOF\n# region eu\nEOF\ncat <<-'E'\n\t# endregion eu\n\tE\necho '\n# region us\n'";
  const root = repository(t, {
    'snippets/a.sh': `# region shown\n${code}\n# endregion shown\n`,
  });
  assert.equal(readExcerpt(root, 'a.sh', 'shown').code, code);
});

test('a comment that merely begins like a marker is shown', (t) => {
  const code = '# region codes of the team\nx = 1  # region x\n# regional\n# endregion of it all';
  assert.equal(read(t, `# region a\n${code}\n# endregion a\n`, 'a'), code);
});

test('a closing marker without a name closes the innermost region', (t) => {
  const text = '# region a\nx = 1\n#region b\ny = 2\n#endregion\n# endregion\n';
  assert.equal(read(t, text, 'a'), 'x = 1\ny = 2');
  assert.equal(read(t, text, 'b'), 'y = 2');
});

test('what a snippet says to the runner is not shown', (t) => {
  assert.equal(read(t, '# snippet: exit 1, terminal 100x30\nx = 1\n'), 'x = 1');
});

test('snippets are found by the rule that the runner has', (t) => {
  const cases = JSON.parse(readFileSync(new URL('../../ids.json', import.meta.url), 'utf8'));
  const found = [...cases.programs, ...cases.files];
  const names = [...found, ...cases.others].map((name) => [`snippets/${name}`, '']);
  assert.deepEqual(snippetIds(repository(t, Object.fromEntries(names))), found.sort());
});

/** How editors write regions. @type {[id: string, begin: string, line: string, end: string, language?: string][]} */
const FOLDED = [
  ['a.py', '# region x', 'x = 1', '# endregion', 'python'],
  ['a.sh', '#region x', 'ls', '#endregion', 'bash'],
  ['a.yaml', '# region x', 'a: 1', '# endregion x'],
  ['a.toml', '# region x', 'a = 1', '# endregion'],
  ['a.json', '// #region x', '{ "a": 1 }', '// #endregion'],
  ['a.ini', '; #region x', 'a=1', '; #endregion'],
  ['a.sql', '-- #region x', 'select 1;', '-- #endregion x'],
  ['a.js', '// #region x', 'f();', '// #endregion'],
  ['a.ts', '//#region x', 'f();', '//#endregion'],
  ['a.rs', '// region x', 'f();', '// endregion'],
  ['a.go', '// #region x', 'func f() {}', '// #endregion'],
  ['a.c', '#pragma region x', 'int a;', '#pragma endregion', 'c'],
  ['a.h', '/* #region x */', 'int a;', '/* #endregion x */', 'c'],
  ['a.cpp', '// #region x', 'int a;', '// #endregion'],
  ['a.java', '//#region x', 'class A {}', '//#endregion'],
  ['a.cs', '#region x', 'class A {}', '#endregion'],
  ['a.rb', '#region x', 'puts 1', '#endregion'],
  ['a.R', '# region x', 'x <- 1', '# endregion', 'r'],
  ['a.html', '<!-- #region x -->', '<p>a</p>', '<!-- #endregion -->'],
  ['a.css', '/* #region x */', 'p { color: red; }', '/* #endregion */'],
  ['a.md', '<!-- #region x-->', '# A', '<!-- #endregion x -->'],
  ['Dockerfile', '# region x', 'FROM python', '# endregion', 'dockerfile'],
  ['ci/Dockerfile.dev', '# region x', 'FROM python', '# endregion', 'dockerfile'],
  ['Makefile', '# region x', 'a: b', '# endregion', 'makefile'],
  ['a.bat', '::#region x', 'dir', 'REM #endregion x'],
];
for (const [id, begin, code, end, language = id.split('.')[1]] of FOLDED)
  test(`a region in ${id} is marked by ${begin}`, (t) => {
    const text = `${begin}\n${code}\n${begin.replace(/x\b/, 'y')}\n${end.replace(/ ?x\b/, '')}\n${end}\n`;
    const root = repository(t, { [`snippets/${id}`]: text });
    assert.deepEqual(readExcerpt(root, id, 'x'), { id, region: 'x', language, code });
    const unclosed = comment('endregion x', id);
    const { message } = new Fault(`region 'x' at ${id}:1 is never closed`, `add '${unclosed}'`);
    write(root, `snippets/${id}`, `${begin}\n${code}\n`);
    assert.throws(() => readExcerpt(root, id), fault(message));
    write(root, `snippets/${id}`, `${comment('region x', id)}\n${code}\n${unclosed}\n`);
    assert.equal(readExcerpt(root, id, 'x').code, code);
  });

test('text without comments is shown whole, and has no regions', (t) => {
  const root = repository(t, { 'snippets/a.txt': '# region x\nHello\n', 'snippets/a.pyx': 'x' });
  assert.equal(readExcerpt(root, 'a.txt').code, '# region x\nHello');
  assert.throws(
    () => readExcerpt(root, 'a.txt', 'x'),
    fault(
      "no region 'x' in a.txt (it has none); it has no comments that could mark one; import the whole file",
    ),
  );
  assert.throws(
    () => readExcerpt(root, 'a.pyx'),
    fault(
      'a.pyx is in no language that the highlighter knows; give the file the ending of its language, or .txt',
    ),
  );
});

test('what is a comment does not hang on how busy the machine is', (t) => {
  let now = 0;
  t.mock.method(Date, 'now', () => {
    now += 1000;
    return now;
  });
  assert.deepEqual([...commentLines('x = 1\n# a comment\ny = "# none"\n', 'python')], [1]);
});

test('other text stands where the slide shows a region, indented as there, and nothing is written', (t) => {
  const root = repository(t, { 'snippets/dask/client.py': CLIENT });
  const texts = {
    'dask/client.py#connect': 'client = Client()\nprint(client)',
    'dask/client.py#submit': 'for n in 1, 2:\n    print(n)\n\nprint("done")',
  };
  assert.deepEqual(replaceExcerpts(root, texts), {
    'dask/client.py': `"""Connect, then submit."""
from dask.distributed import Client

# region connect
client = Client()
print(client)
# endregion connect


def main():
    # region submit
    for n in 1, 2:
        print(n)

    print("done")
    # endregion submit
`,
  });
  assert.equal(readFileSync(join(root, 'snippets/dask/client.py'), 'utf8'), CLIENT);
});

test('what a slide shows, put back as it is, changes nothing that runs', (t) => {
  const lines = CLIENT.replaceAll('\n', '\r\n');
  const root = repository(t, { 'snippets/dask/client.py': lines, 'snippets/whole.py': 'a = 1\n' });
  const { code } = readExcerpt(root, 'dask/client.py', 'connect');
  const texts = { 'dask/client.py#connect': code, 'whole.py': 'a = 2' };
  assert.deepEqual(replaceExcerpts(root, texts), {
    'dask/client.py': CLIENT,
    'whole.py': 'a = 2\n',
  });
});

for (const [reference, message] of Object.entries({
  'dask/client.py#conect': /no region 'conect' in dask\/client\.py .*did you mean 'connect'/,
  'dask/klient.py#connect': /no snippet 'dask\/klient\.py'; did you mean 'dask\/client\.py'/,
  '../poetry.lock': /outside snippets\//,
  '/etc/passwd': /outside snippets\//,
  'dask/client.py.cast': /no snippet/,
  '': /no snippet ''/,
})) {
  test(`nothing can stand in place of '${reference}'`, (t) => {
    const root = repository(t, { 'snippets/dask/client.py': CLIENT });
    write(root, 'snippets/dask/client.py.cast', '');
    assert.throws(() => replaceExcerpts(root, { [reference]: 'x' }), message);
  });
}

test('a region and one inside it cannot both be replaced', (t) => {
  const root = repository(t, { 'snippets/dask/client.py': CLIENT });
  const texts = { 'dask/client.py#submit': 'a', 'dask/client.py#result': 'b' };
  const message = /dask\/client\.py#result is part of dask\/client\.py#submit; change one/;
  assert.throws(() => replaceExcerpts(root, texts), message);
});

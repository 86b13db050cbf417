import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

const ENGINE = join(import.meta.dirname, '../../../engine');
const NAME = `test-${process.pid}`;
const FILE = join(ENGINE, `../node_modules/.cache/deck/${NAME}.json`);

/** @param {string} program that has `kept`, in a process of its own */
function run(program) {
  const kept = `import { Kept } from ${JSON.stringify(join(ENGINE, 'kept.mjs'))}; const kept = new Kept('${NAME}');`;
  const args = ['--input-type=module', '-e', `${kept} ${program}`];
  return execFileSync(process.execPath, args, { encoding: 'utf8' });
}

after(() => rmSync(FILE, { force: true }));

test('what one build derived the next one has, by all that it depends on', () => {
  run("kept.set('print(1)', ['coloured']);");
  assert.equal(
    run("console.log(kept.get('print(1)'), kept.get('print(2)'))"),
    "[ 'coloured' ] undefined\n",
  );
});

test('what other code made is not used', () => {
  run("kept.set('a', 1);");
  const kept = JSON.parse(readFileSync(FILE, 'utf8'));
  writeFileSync(FILE, JSON.stringify({ ...kept, maker: 'another engine' }));
  assert.equal(run("console.log(kept.get('a'))"), 'undefined\n');
});

test('a file that is cut off, or a folder that is gone, costs time alone', () => {
  writeFileSync(FILE, '{"maker": "');
  assert.equal(run("console.log(kept.get('a')); kept.set('a', 2);"), 'undefined\n');
  assert.equal(run("console.log(kept.get('a'))"), '2\n');
  rmSync(FILE);
  assert.equal(run("console.log(kept.get('a'))"), 'undefined\n');
});

test('of more than there may be, the oldest go', () => {
  run(`const few = new Kept('${NAME}', 2); for (const key of 'abc') few.set(key, key);`);
  assert.equal(run("console.log(...[...'abc'].map((key) => kept.get(key)))"), 'undefined b c\n');
});

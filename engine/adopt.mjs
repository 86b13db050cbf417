import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { adopt } from './adopt/deck.mjs';

const HELP = `node engine/adopt.mjs OLD.md [--into DIR]

Makes a Marp deck from elsewhere one of this kind: each fence becomes a file in
snippets/, which the new deck imports, and pictures are copied to assets/.
The new deck is slides/deck.md, or slides/deck.imported.md.txt where there is one.
OLD.md stays as it is, and no file is overwritten. Tells by line what was done,
and what could not be.

  --into DIR  put all that into this folder, which is made if it is missing
`;

/** @returns {{ old: string, into: string, help?: boolean }} */
function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      options: { into: { type: 'string' }, help: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (!values.help && positionals.length !== 1)
      throw new Error(
        positionals.length === 0 ? 'which deck? Name its file' : 'one deck at a time',
      );
    if (values.into === '') throw new Error('--into needs a folder');
    return { old: positionals[0], into: values.into ?? '.', help: values.help };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    process.exit(2);
  }
}

const { old, into, help } = readOptions();
if (help) process.stdout.write(HELP);
else
  try {
    process.stdout.write(adopt(old, relative('', resolve(into)) || '.'));
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    // What the disk refuses has no remedy of its own.
    process.stderr.write(`${code ? `${message}; mend that and import again` : message}\n`);
    process.exitCode = 1;
  }

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const HELP = `node engine/build.mjs [--html-only | --all | --short] [--draft | --proved]
                      [--pdf-notes] [--watch]

Builds slides/deck.md into dist/: index.html (one file), deck.pdf and deck.md.
Ends with what proves each code block; fails when one was not recorded as it is,
or when something does not fit its slide.

  --html-only  only the HTML
  --all        also deck.pptx, preview.png, on A4 handout.pdf (slides, what is said, terms) and
               programs.pdf (each whole, an index by slide), and the short version of HTML and PDFs
  --short      the short version instead: short.html and short.pdf, of the slides whose notes say
               'Short: yes'
  --draft      allow what is not recorded or does not fit; write draft.html and draft.pdf instead
  --proved     fail also when no run of the tests has found a recording to be true
  --pdf-notes  an icon on each page of the slides' PDF opens the speaker's notes
  --watch      build the HTML again on each change, until stdin closes;
               say so in a JSON line on stdout
`;

/** @returns {import('./write/dist.mjs').Options & { help?: boolean }} */
function readOptions() {
  const flag = /** @type {const} */ ({ type: 'boolean' });
  const options = {
    'html-only': flag,
    all: flag,
    short: flag,
    draft: flag,
    proved: flag,
    'pdf-notes': flag,
    watch: flag,
    help: flag,
  };
  try {
    const { values } = parseArgs({ options });
    if (values.all && values['html-only'])
      throw new Error('--html-only and --all exclude each other');
    if (values.short && (values.all || values.draft))
      throw new Error(`--short and --${values.all ? 'all' : 'draft'} exclude each other`);
    if (values.proved && values.draft) throw new Error('--proved and --draft exclude each other');
    if (values.all && values.draft)
      throw new Error('--all is for a proved deck, not for a --draft');
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    process.exit(2);
  }
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

const root = process.cwd();
const options = readOptions();
const missing = ['slides/deck.md', 'slides/theme.css'].find(
  (path) => !existsSync(join(root, path)),
);
process.once('SIGINT', () => process.exit(130));

if (options.help) process.stdout.write(HELP);
else if (missing) fail(`no ${missing} in ${root}; run this in the folder that has it`);
else await run();

async function run() {
  // Loaded only now: that takes a second or two, and wrong options are told before.
  const { build } = await import('./write/dist.mjs');
  if (options.watch) {
    const { watch } = await import('./write/watch.mjs');
    await watch(root, () => build(root, { ...options, 'html-only': true }));
    return;
  }
  process.once('SIGTERM', () => process.exit(143));
  try {
    await build(root, options);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

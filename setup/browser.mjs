import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, once, read, SetupError, step, which } from './steps.mjs';

const BROWSERS = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge',
];
const MAC_BROWSERS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

/**
 * A Chromium for PDF and tests. The one that npm brought comes first where it runs: it measures
 * alike on every machine, and it is a headless shell; a whole browser without a window takes three
 * times as much of the processor, since it draws its own bars for each page.
 *
 * @returns {Promise<string | undefined>} its path
 */
export async function findBrowser() {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH) {
    if (existsSync(CHROME_PATH)) return CHROME_PATH;
    throw new SetupError(
      `CHROME_PATH names ${CHROME_PATH}, which does not exist; correct or unset it.`,
    );
  }
  if (process.platform === 'linux' && process.arch === 'x64' && hasGlibc()) return bring();
  return which(...BROWSERS) ?? MAC_BROWSERS.find(existsSync);
}

function hasGlibc() {
  const { header } = /** @type {{ header: object }} */ (process.report.getReport());
  return 'glibcVersionRuntime' in header;
}

/** @returns {Promise<string>} path of the one that npm brought */
async function bring() {
  const folder = at('node_modules', '.browser');
  const wrapper = join(folder, 'chromium.sh');
  await once(
    join(folder, '.set-up'),
    () => [at(), read('package-lock.json'), read('setup/browser.mjs')],
    async () => {
      mkdirSync(folder, { recursive: true });
      // The package unpacks into TMPDIR, and its shared libraries only on what it takes for AWS Lambda.
      const env = { ...process.env, TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' };
      const unpack =
        "import('@sparticuz/chromium').then(async ({ default: chromium }) => { await chromium.executablePath() })";
      await step('Browser', [[process.execPath, ['-e', unpack]]], env);
      // A wrapper, since its libraries must be seen by the browser alone. It shows nothing but our own
      // deck, and the sandbox needs rights that containers do not give.
      const script = [
        '#!/bin/sh',
        'here=$(dirname "$0")',
        'export LD_LIBRARY_PATH="$here/al2023/lib" FONTCONFIG_FILE="$here/fonts.conf"',
        'exec "$here/chromium" --no-sandbox --headless=shell --font-render-hinting=none "$@"',
      ];
      writeFileSync(wrapper, `${script.join('\n')}\n`, { mode: 0o755 });
      // Its own settings look in /tmp/fonts; without any font to fall back on, Chromium crashes.
      const dirs = [join(folder, 'fonts'), '/usr/share/fonts'].map((dir) => `<dir>${dir}</dir>`);
      const theirs = '<dir prefix="xdg">fonts</dir>';
      const cache = `<cachedir>${join(folder, 'fonts-cache')}</cachedir>`;
      const settings = `<?xml version="1.0"?>\n<fontconfig>${dirs.join('')}${theirs}${cache}</fontconfig>\n`;
      writeFileSync(join(folder, 'fonts.conf'), settings);
    },
  );
  return wrapper;
}

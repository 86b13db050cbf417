import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { digest, Kept } from '../kept.mjs';

const MEASURE = readFileSync(join(import.meta.dirname, 'measure.js'), 'utf8')
  .trimEnd()
  .replace(/;$/, '');
const SLIDES = 'svg[data-marpit-svg]';

/** Slides of which a browser has found that all is in its place. */
const fitting = new Kept('fitting');

/**
 * Something on a slide that no speaker would want to show.
 *
 * @typedef {{check: string, element: string, detail: string, remedy: string, line: number}} Finding
 */

/**
 * Look at slides as the PDF shows them, where nothing scrolls: what is cut off, sticks out or
 * cannot be seen. A slide that was found to fit is not looked at again while it, its styles and
 * the browser are the same.
 *
 * @param {() => Promise<import('puppeteer-core').Browser | void>} launch
 *   called when there is a slide to look at; without a browser none is
 * @param {string} html path of the deck's HTML
 * @param {AbortSignal} [signal] nobody wants to know any more
 * @returns {Promise<string[]>} faults of its lines
 */
export async function misfits(launch, html, signal) {
  const keys = slideKeys(readFileSync(html, 'utf8'));
  const doubts = [...keys.keys()].filter((number) => !fitting.get(keys[number]));
  if (doubts.length === 0) return [];
  const browser = await launch();
  if (!browser || signal?.aborted) return [];
  const page = await browser.newPage();
  const stop = () => page.close().catch(() => {}); // it may close at this moment
  signal?.addEventListener('abort', stop);
  try {
    await page.emulateMediaType('print');
    await page.goto(pathToFileURL(html).href);
    // At the slide's own size a pixel of the page is one of the slide.
    const size = await page.$eval(SLIDES, (slide) => {
      const { width, height } = /** @type {SVGSVGElement} */ (slide).viewBox.baseVal;
      return { width, height };
    });
    await page.setViewport(size);
    await page.evaluate('document.fonts.ready.then(() => true)');
    await page.$$eval(
      SLIDES,
      (slides, doubts) => {
        for (const number of doubts) slides[number].toggleAttribute('data-doubt');
      },
      doubts,
    );
    const findings = /** @type {Finding[]} */ (
      await page.evaluate(`(${MEASURE})({ slides: '${SLIDES}[data-doubt]', smallest: 0 })`)
    );
    if (findings.length === 0) for (const number of doubts) fitting.set(keys[number], true);
    return findings.map(
      ({ line, element, detail, remedy }) =>
        `slides/deck.md:${line}: ${element} ${detail}; ${remedy}`,
    );
  } catch (error) {
    if (signal?.aborted) return [];
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await stop();
  }
}

/**
 * All that the look of each slide depends on, but for the engine's own code.
 *
 * @param {string} html
 * @returns {string[]}
 */
function slideKeys(html) {
  const { CHROME_PATH = '' } = process.env;
  const { mtimeMs, size } = statSync(CHROME_PATH, { throwIfNoEntry: false }) ?? {};
  const styles = html.match(/<style[\s\S]*?<\/style>/g) ?? [];
  const common = [CHROME_PATH, mtimeMs, size, digest(styles.join('\n'))].join('\n');
  const targets = digest((html.match(/\sid="[^"]*/g) ?? []).join('\n'));
  const [, ...slides] = html.split('<svg data-marpit-svg');
  return slides.map((slide) => {
    // Where it stands in the deck's file matters to faults alone, and those are not kept.
    const look = slide.replace(/ data-line="\d+"/g, '');
    return [common, /href="#/.test(look) ? targets : '', look].join('\n');
  });
}

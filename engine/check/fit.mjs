import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const MEASURE = readFileSync(join(import.meta.dirname, 'measure.js'), 'utf8')
  .trimEnd()
  .replace(/;$/, '');
const SLIDES = 'svg[data-marpit-svg]';

/**
 * Something on a slide that no speaker would want to show.
 *
 * @typedef {{check: string, element: string, detail: string, remedy: string, line: number}} Finding
 */

/**
 * Look at all slides as the PDF shows them, where nothing scrolls: what is cut off, sticks out or
 * cannot be seen.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} html path of the deck's HTML
 * @returns {Promise<string[]>} faults of its lines
 */
export async function misfits(browser, html) {
  const page = await browser.newPage();
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
    const findings = /** @type {Finding[]} */ (
      await page.evaluate(`(${MEASURE})({ slides: '${SLIDES}', smallest: 0 })`)
    );
    return findings.map(
      ({ line, element, detail, remedy }) =>
        `slides/deck.md:${line}: ${element} ${detail}; ${remedy}`,
    );
  } finally {
    await page.close();
  }
}

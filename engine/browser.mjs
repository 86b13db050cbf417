/**
 * Start the browser that `setup.mjs` found: it measures the slides and prints the handouts.
 *
 * @returns {Promise<import('puppeteer-core').Browser>} close it
 * @throws {Error} when there is none, or it does not start
 */
export async function launchBrowser() {
  const { CHROME_PATH } = process.env;
  if (!CHROME_PATH) throw new Error('no browser; name one: CHROME_PATH=/path/to/chromium');
  // Loaded only here: that takes half a second, and most builds and tests start no browser.
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({
    executablePath: CHROME_PATH,
    // Through a pipe it notices our end, whatever ends us.
    pipe: true,
    // As root it refuses to start in its sandbox.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

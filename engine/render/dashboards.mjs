import { Fault } from '../read/faults.mjs';

/** Where clusters serve their dashboards; of these the runner lets the page frame its own. */
const HERE = /^http:\/\/(127\.0\.0\.1|localhost):\d+$/;
const EXAMPLE =
  '![dashboard What it shows](../assets/dashboards/task_stream.png "http://127.0.0.1:8787/individual-task-stream")';

/**
 * A picture described as `dashboard …`, its title the address of a dashboard: the page shows the
 * dashboard itself in its place while the deck is live.
 *
 * @param {import('./marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function dashboardsPlugin(md, deck) {
  md.core.ruler.after('inline', 'deck_dashboards', (state) => {
    for (const [index, token] of state.tokens.entries()) {
      const images = token.children?.filter(isDashboard) ?? [];
      if (images.length === 0) continue;
      deck.guard((token.map?.[0] ?? 0) + 1, () => {
        const [open, close] = [state.tokens[index - 1], state.tokens[index + 1]];
        if (token.children?.length !== 1 || open.type !== 'paragraph_open') {
          throw new Fault('a dashboard beside something else', 'give it a paragraph of its own');
        }
        const [image] = images;
        const address = addressOf(image);
        deck.dashboards.push({ line: (token.map?.[0] ?? 0) + 1, address });
        // Marpit takes an option that was consumed out of the alternative text.
        image.meta.marpitImage.options[0].consumed = true;
        image.attrs = image.attrs?.filter(([name]) => name !== 'title') ?? null;
        open.tag = 'figure';
        open.attrs = [
          ['class', 'dashboard'],
          ['data-src', address],
        ];
        close.tag = 'figure';
      });
    }
  });
}

/** @param {import('./marpit.mjs').Token} token */
function isDashboard({ type, content }) {
  return type === 'image' && /^dashboard(\s|$)/.test(content);
}

/**
 * @param {import('./marpit.mjs').Token} image
 * @returns {string}
 * @throws {Fault}
 */
function addressOf(image) {
  if (image.content.trim() === 'dashboard')
    throw new Fault('a dashboard without a description', `say what it shows: ${EXAMPLE}`);
  const address = image.attrGet('title');
  if (!address)
    throw new Fault('a dashboard without an address', `add it as the title: ${EXAMPLE}`);
  if (!URL.canParse(address) || !HERE.test(new URL(address).origin)) {
    throw new Fault(
      `no dashboard of this machine is at ${address}`,
      'use that of a cluster, as in http://127.0.0.1:8787/status',
    );
  }
  return address;
}

import { element } from './dom.mjs';

/** @typedef {import('./run/messages.d.ts').Cluster} Cluster */

/**
 * Where the deck is live, a dashboard's picture gives way to the dashboard itself, while its slide
 * is shown and its cluster is up.
 *
 * @param {() => Cluster[]} clusters
 * @returns {() => void} call it when a slide or a cluster has changed
 */
export function dashboards(clusters) {
  const figures = /** @type {HTMLElement[]} */ ([
    ...document.querySelectorAll('figure.dashboard[data-src]'),
  ]);
  return () => {
    for (const figure of figures) {
      const source = figure.dataset.src ?? '';
      const { port } = new URL(source);
      const cluster = clusters().find(({ dashboard }) => new URL(dashboard).port === port);
      const shown = figure.closest('.bespoke-marp-active') && cluster?.state === 'ready';
      const frame = figure.querySelector('iframe');
      if (shown && !frame) figure.append(toFrame(source, figure));
      if (!shown) frame?.remove();
    }
  };
}

/**
 * As large as the picture shows it, which was taken at two pixels to one. Seen, not touched: a click
 * into another page would take the keys from the deck.
 *
 * @param {string} source
 * @param {HTMLElement} figure
 */
function toFrame(source, figure) {
  const image = /** @type {HTMLImageElement} */ (figure.querySelector('img'));
  const width = image.naturalWidth / 2;
  const zoom = image.clientWidth / width;
  const frame = element('iframe', { src: source, title: image.alt, tabindex: '-1' });
  frame.style.width = `${width}px`;
  frame.style.height = `${image.clientHeight / zoom}px`;
  // Not a transform: the other page draws its plots at the size at which they are seen.
  frame.style.zoom = String(zoom);
  return frame;
}

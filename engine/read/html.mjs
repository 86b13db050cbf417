import { Parser } from 'htmlparser2';
import { escapeHtml } from '../terminal/escape.mjs';

/**
 * An opening tag, and the text of what it opens, where that is a script or a style.
 *
 * @typedef {{ name: string, attributes: Record<string, string>, start: number, end: number, text: string }} Tag
 */

/**
 * @param {string} html of a page, or a part of one
 * @returns {Tag[]} in their order, with their places in it
 */
export function tagsOf(html) {
  /** @type {Tag[]} */
  const tags = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      tags.push({ name, attributes, start: parser.startIndex, end: parser.endIndex + 1, text: '' });
    },
    ontext(text) {
      const last = tags.at(-1);
      if (last && /^(script|style)$/.test(last.name)) last.text += text;
    },
  });
  parser.end(html);
  return tags;
}

/**
 * @param {string} html
 * @param {(tag: Tag) => Record<string, string> | undefined} change gives other attributes
 * @returns {string} the same with tags changed
 */
export function changeTags(html, change) {
  let [changed, end] = ['', 0];
  for (const tag of tagsOf(html)) {
    const attributes = change(tag);
    if (!attributes) continue;
    const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeHtml(value)}"`);
    changed += `${html.slice(end, tag.start)}<${tag.name}${list.join('')}>`;
    end = tag.end;
  }
  return changed + html.slice(end);
}

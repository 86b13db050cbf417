import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Marp } from '@marp-team/marp-core';
import shiki from '@marp-team/marp-core/plugins/shiki';
import { fencesPlugin } from '../check/fences.mjs';
import { checkClasses, checkFolder, readFrontMatter, unmeantPlugin } from '../check/unmeant.mjs';
import { emojiPlugin } from '../embed/emoji.mjs';
import { fontCss } from '../embed/fonts.mjs';
import { embedCss, imagesPlugin } from '../embed/images.mjs';
import { loadMath, mathPlugin } from '../embed/math.mjs';
import { Kept } from '../kept.mjs';
import { Deck } from '../read/deck.mjs';
import { DeckFaults } from '../read/faults.mjs';
import { patient } from '../read/languages.mjs';
import { dashboardsPlugin } from './dashboards.mjs';
import { factsPlugin } from './facts.mjs';
import { importPlugin } from './import.mjs';
import { outputPlugin } from './output.mjs';
import { PAGES_CSS, pagesPlugin } from './pages.mjs';
import { shortPlugin } from './short.mjs';
import { slidesPlugin } from './slides.mjs';
import { stepCss } from './steps.mjs';

const css = ['../terminal/screen.css', 'slides.css']
  .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
  .join('\n');
const fonts = fontCss();
/** @type {Kept<string>} */
const styles = new Kept('styles', 8);

/** Marp with this project's plugins; rendering throws all faults at once. */
export class DeckMarp extends Marp {
  /**
   * @param {import('@marp-team/marp-core').MarpOptions} options
   * @param {Deck} deck
   */
  constructor(options, deck) {
    super({ ...options, emoji: { shortcode: false, unicode: false }, math: false });
    this.deck = deck;
    this.use(shiki());
    this.shikiTransformers.push(patient);
    this.use(factsPlugin, deck)
      .use(importPlugin, deck)
      .use(outputPlugin, deck)
      .use(mathPlugin, deck)
      .use(fencesPlugin, deck)
      .use(dashboardsPlugin, deck)
      .use(imagesPlugin, deck)
      .use(emojiPlugin)
      .use(pagesPlugin, deck)
      .use(shortPlugin, deck)
      .use(slidesPlugin, deck)
      .use(unmeantPlugin, deck)
      // Marpit's types know plugins of markdown-it only.
      .use(/** @type {any} */ (embedCss(deck)));
  }

  /**
   * Load what this deck needs, and make its Marp.
   *
   * @param {import('@marp-team/marp-core').MarpOptions} options
   * @param {Deck} deck
   */
  static async open(options, deck) {
    const markdown = deck.read();
    await loadMath(markdown);
    const marp = new DeckMarp(options, deck);
    // Which diagrams there are is known when it was read; the rendering is the second reading. Who
    // shares a deck renders it again if need be, which is seldom.
    if (deck !== shared && /mermaid|\.mmd|\.dot|\.gv/i.test(markdown)) {
      marp.markdown.parse(markdown, {});
      await deck.diagrams.draw();
    }
    return marp;
  }

  /**
   * @param {string} markdown
   * @param {object} [env]
   * @returns {any} what Marp renders
   * @throws {DeckFaults} unless the deck is shared
   */
  render(markdown, env) {
    this.deck.clear();
    this.deck.themes = [...this.themeSet.themes()].map(({ name }) => name);
    // An editor's mark of byte order would hide the front matter from Marp.
    const source = markdown.replace(/^\ufeff/, '');
    this.deck.frontMatter = readFrontMatter(source, this.deck);
    checkFolder(this.deck);
    const rendered = super.render(source, env);
    checkClasses(rendered.css, this.deck);
    // Whoever shares a deck with Marp CLI looks at its faults; others must not take what is wrong.
    if (this.deck.faults.length > 0 && this.deck !== shared) throw new DeckFaults(this.deck.faults);
    this.deck.comments = rendered.comments;
    return rendered;
  }

  /** @param {string} theme */
  renderStyle(theme) {
    // At the end, since half a megabyte of fonts would go through each of Marpit's passes.
    return `${this.#style(theme)}\n${fonts}`;
  }

  /** @param {string} theme */
  #style(theme) {
    const themes = [...this.themeSet.themes()].map(({ css }) => css);
    const key = JSON.stringify([theme, themes, this.themeSetPackOptions()]);
    const kept = styles.get(key);
    if (kept) return kept;
    const style = super.renderStyle(theme);
    // Files that it refers to are embedded, and may be others tomorrow.
    if (!/url\((?![\s\\"']*(data:|#))/.test(key)) styles.set(key, style);
    return style;
  }

  themeSetPackOptions() {
    const options = super.themeSetPackOptions();
    return {
      ...options,
      before: [
        options.before,
        css,
        stepCss(this.deck.mostSteps, this.deck.pages ? 'all' : 'screen'),
        this.deck.pages && PAGES_CSS,
      ]
        .filter(Boolean)
        .join('\n'),
    };
  }
}

/**
 * What `marp.config.mjs` gives Marp CLI.
 *
 * @param {string} root the repository
 */
export function marpConfig(root) {
  return {
    html: true,
    lang: 'en',
    pdfOutlines: { pages: false, headings: true },
    themeSet: join(root, 'slides/theme.css'),
    /** @param {import('@marp-team/marp-core').MarpOptions} options */
    engine: async (options) => DeckMarp.open(options, shared ?? (await Deck.open(root))),
  };
}

/** @type {Deck | undefined} */
let shared;

/**
 * Have Marp CLI, which makes an engine of its own for each file, render this deck; its faults are
 * then for the caller to look at.
 *
 * @param {Deck | undefined} deck
 */
export function share(deck) {
  shared = deck;
}

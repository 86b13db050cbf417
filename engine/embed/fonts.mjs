import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * Style sheets of the font packages, and which of their files the talk writes in. Inter has a file for
 * each weight: of the variable one a PDF gets outlines (fonts of Type 3), not letters.
 */
const SHEETS = [
  ...[400, 600, 700, 800].map((weight) => ({
    sheet: `@fontsource/inter/${weight}.css`,
    files: /-(latin|latin-ext|greek)-\d/,
  })),
  ...[400, 700].map((weight) => ({
    sheet: `@fontsource/inter/${weight}-italic.css`,
    files: /-latin-\d/,
  })),
  // Pi has the arrows, boxes and blocks that programs print.
  {
    sheet: '@ibm/plex-mono/css/ibm-plex-mono-all.css',
    files: /Mono-(Regular|SemiBold)-(Latin1|Latin2|Pi)\./,
  },
];

/** What a picture is lettered in. */
export const PICTURE_SHEETS = [400, 700].map((weight) => ({
  sheet: `@fontsource/inter/${weight}.css`,
  files: /-latin-\d/,
}));

/**
 * `@font-face` rules for 'Inter' and 'IBM Plex Mono', the files embedded.
 *
 * @param {{ sheet: string, files: RegExp }[]} sheets
 * @returns {string}
 */
export function fontCss(sheets = SHEETS) {
  return sheets
    .flatMap(({ sheet, files }) => {
      const path = require.resolve(sheet);
      const faces = readFileSync(path, 'utf8').match(/@font-face\s*\{[^}]*\}/g) ?? [];
      return faces.filter((face) => files.test(face)).map((face) => embedFile(face, dirname(path)));
    })
    .join('\n');
}

/**
 * @param {string} face
 * @param {string} folder
 */
function embedFile(face, folder) {
  return face.replace(/src:[^;]*?url\(["']?([^)"']+\.woff2)["']?\)[^;]*;/, (_whole, file) => {
    const data = readFileSync(join(folder, file)).toString('base64');
    return `src: url(data:font/woff2;base64,${data}) format('woff2');`;
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fontCss } from '../../../../engine/embed/fonts.mjs';

test('the families that the theme names are embedded, each for its alphabet', () => {
  const faces = fontCss().match(/@font-face\s*\{[^}]*\}/g) ?? [];
  const families = new Set(faces.map((face) => /font-family: ['"]([^'"]+)/.exec(face)?.[1]));
  assert.deepEqual([...families], ['Inter', 'IBM Plex Mono']);
  for (const face of faces) {
    assert.match(face, /src: url\(data:font\/woff2;base64,[\w+/=]{1000,}\) format\('woff2'\);/);
    assert.match(face, /unicode-range:/);
  }
});

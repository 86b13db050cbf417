import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cast, render } from '../repository.mjs';

test('emoji are embedded pictures that read as themselves', async (t) => {
  const { html } = await render(t, '# 😊 and 👩‍💻\n\n- ✔️ done 🇨🇿 1️⃣ ☝🏽\n');
  const pictures = [
    ...html.matchAll(
      /<img class="emoji"[^>]* alt="([^"]*)" src="data:image\/svg\+xml;base64,[^"]+">/g,
    ),
  ];
  assert.deepEqual(
    pictures.map(([, alt]) => alt),
    ['😊', '👩‍💻', '✔️', '🇨🇿', '1️⃣', '☝🏽'],
  );
});

test('digits, arrows and signs of text are no emoji', async (t) => {
  const { html } = await render(t, 'Python™ 3 → 4 © π\n');
  assert.match(html, /<p>Python™ 3 → 4 © π<\/p>/);
});

test('emoji that a program prints are such pictures, each in its columns', async (t) => {
  const { html } = await render(t, '>>> a.py\n', {
    'snippets/a.py': 'print()\n',
    'snippets/a.py.cast': cast({ 'a.py': 'print()\n' }, ['你 ✅👩‍💻 ok ✔\r\n']),
  });
  const [, screen] = /<pre class="screen">(.*?)<\/pre>/.exec(html) ?? [];
  assert.equal(
    screen.replace(/<img class="emoji" alt="([^"]+)" src="data:image[^"]+">/g, '($1)'),
    '<span class="wide">你</span> <span class="wide">(✅)</span><span class="wide">(👩‍💻)</span> ok <span class="cell">✔</span>',
  );
});

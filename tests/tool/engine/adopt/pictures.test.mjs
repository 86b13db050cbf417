import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adopt, names, SVG } from './old.mjs';

test('pictures beside the old deck are copied, and their addresses changed', (t) => {
  const old = `---
header: '![h:20](img/a.svg)'
backgroundImage: url("img/a.svg")
---

![bg left](img/a.svg) ![w:10 x](<img/b c(1).svg> "t") \`](img/a.svg)\` ![r][ref]
<img src="img/a.svg" alt="](img/a.svg)"> ![n](no.png) ![](https://example.org/a.png)

| a |
|---|
| [![x](img/a.svg)](img/a.svg) |

![bg](img/a.svg)
![bg fit](img/a.svg)

<!-- _backgroundImage: url(other/a.svg) -->

<style scoped>
section { background: url(img/a.svg); }
</style>

[ref]: img/a.svg

![](data:image/gif;base64,R0lGODlhAQABAAAAACw=) ![](/root.png)
`;
  const { root, read, told, stdout } = adopt(t, old, {
    'old/img/a.svg': SVG,
    'old/img/b c(1).svg': SVG,
    'old/other/a.svg': `${SVG}<!-- another -->`,
    'assets/a.svg': 'mine',
  });
  assert.equal(
    read('slides/deck.md'),
    `---
header: '![h:20](../assets/a_2.svg)'
backgroundImage: url("../assets/a_2.svg")
---

![bg left](../assets/a_2.svg) ![w:10 x](../assets/b%20c%281%29.svg "t") \`](img/a.svg)\` ![r][ref]
<img src="../assets/a_2.svg" alt="](img/a.svg)"> ![n](no.png) ![](https://example.org/a.png)

| a |
|---|
| [![x](../assets/a_2.svg)](img/a.svg) |

![bg](../assets/a_2.svg)
![bg fit](../assets/a_2.svg)

<!-- _backgroundImage: url(../assets/a_3.svg) -->

<style scoped>
section { background: url(../assets/a_2.svg); }
</style>

[ref]: ../assets/a_2.svg

![](data:image/gif;base64,R0lGODlhAQABAAAAACw=) ![](/root.png)
`,
  );
  assert.deepEqual(names(root, 'assets'), ['a.svg', 'a_2.svg', 'a_3.svg', 'b c(1).svg']);
  assert.equal(read('assets/a.svg'), 'mine');
  const remedy = 'save it in assets/ and write ../assets/NAME';
  assert.deepEqual(
    told.filter((line) => !line.includes(' is now ')),
    [
      `7: no picture no.png beside the deck; ${remedy}`,
      '7: https://example.org/a.png is fetched from a network; save it in assets/ with its licence and write ../assets/NAME',
      `24: /root.png is no address beside the deck; ${remedy}`,
    ],
  );
  assert.ok(told.includes('2: img/a.svg is now ../assets/a_2.svg'));
  assert.match(stdout, /^0 fences moved, 0 left, 3 pictures copied$/m);
});

test('a picture in the style of the front matter is told', (t) => {
  const { read, told } = adopt(t, '---\nstyle: |\n  a { background: url(a.svg); }\n---\n', {
    'old/a.svg': SVG,
  });
  assert.match(read('slides/deck.md'), /url\(\.\.\/assets\/a\.svg\)/);
  assert.deepEqual(told, [
    "3: a picture in the front matter's style is not embedded; move its rule into a <style> below the front matter",
    '3: a.svg is now ../assets/a.svg',
  ]);
});

test('a picture that is in assets/ already stays there', (t) => {
  const { root, read, told, stdout } = adopt(t, '![x](../assets/sub/a.svg) ![y](b.svg)\n', {
    'assets/sub/a.svg': SVG,
    'assets/b.svg': SVG,
    'old/b.svg': SVG,
  });
  assert.equal(read('slides/deck.md'), '![x](../assets/sub/a.svg) ![y](../assets/b.svg)\n');
  assert.deepEqual(names(root, 'assets'), ['b.svg', 'sub']);
  assert.deepEqual(told, ['1: b.svg is now ../assets/b.svg']);
  assert.match(stdout, /0 pictures copied/);
});

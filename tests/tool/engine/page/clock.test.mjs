import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Clock, minutesAndSeconds } from '../../../../engine/page/presenter/clock.mjs';

const MINUTE = 60_000;
let now = 0;
/** @type {Map<string, string>} */
const kept = new Map();
globalThis.localStorage = /** @type {any} */ ({
  getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
  setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
});

beforeEach(() => {
  now = 0;
  kept.clear();
});

const clock = (minutes = [1, 2, 0.5]) => new Clock('talk', minutes, () => now);

test('the first turn begins the talk, a later one does not', () => {
  const first = clock();
  first.turned(2);
  assert.equal(first.runs, true);
  kept.clear();
  const jumped = clock();
  jumped.turned(3);
  jumped.turned(4);
  assert.equal(jumped.runs, false);
});

test('before the talk it is on the slide at which a page was opened, wherever it was left', () => {
  clock().turned(3);
  const talk = clock();
  talk.opened(1);
  talk.turned(2);
  assert.equal(talk.runs, true);
  talk.opened(3);
  assert.equal(talk.plan.slide, 2 * MINUTE);
  kept.clear();
  const late = clock();
  late.opened(3);
  assert.equal(late.plan.slide, 0.5 * MINUTE);
  assert.equal(late.runs, false);
});

test('breaks are no part of the talk', () => {
  const talk = clock();
  talk.toggle();
  now += MINUTE;
  talk.toggle();
  now += 10 * MINUTE;
  assert.equal(talk.talk, MINUTE);
  talk.toggle();
  now += MINUTE;
  assert.equal(talk.talk, 2 * MINUTE);
});

test('a slide is in its time from the end of those before to its own', () => {
  const talk = clock();
  talk.toggle();
  talk.turned(2);
  assert.equal(talk.behind, -MINUTE);
  now = MINUTE;
  assert.equal(talk.behind, 0);
  now = 3 * MINUTE;
  assert.equal(talk.behind, 0);
  now = 4 * MINUTE;
  assert.equal(talk.behind, MINUTE);
  assert.equal(talk.onSlide, 4 * MINUTE);
  assert.deepEqual(talk.plan, { slide: 2 * MINUTE, talk: 3.5 * MINUTE });
});

test('another window and the next reload find it going', () => {
  clock().toggle();
  now = 5000;
  assert.equal(clock().talk, 5000);
  assert.equal(clock().runs, true);
});

test('one that was forgotten is set back', () => {
  clock().toggle();
  now = 13 * 60 * MINUTE;
  assert.equal(clock().talk, 0);
  assert.equal(clock().runs, false);
});

test('what somebody else left under its name does no harm', () => {
  kept.set('talk', '{broken');
  assert.equal(clock().talk, 0);
});

test('minutes and seconds', () => {
  assert.equal(minutesAndSeconds(0), '0:00');
  assert.equal(minutesAndSeconds(245_900), '4:05');
  assert.equal(minutesAndSeconds(3_845_000), '1:04:05');
});

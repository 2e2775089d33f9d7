import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hourMs, minuteMs } from '#base/time.ts';
import { beginWatch, hear, pathState, summarise } from '#exchange/path-watch.ts';

const fromMs = Date.parse('2026-03-01T12:00:00.000Z');

test('a path is alive until three of our intervals have passed without a heartbeat', () => {
  const watch = beginWatch('next', fromMs);
  assert.equal(pathState(watch, { nowMs: fromMs, intervalMs: minuteMs }), 'never-heard');
  const heard = hear(watch, { nowMs: fromMs, statedMs: fromMs });
  assert.equal(pathState(heard, { nowMs: fromMs + 3 * minuteMs - 1, intervalMs: minuteMs }), 'alive');
  assert.equal(pathState(heard, { nowMs: fromMs + 3 * minuteMs, intervalMs: minuteMs }), 'silent');
});

test('an hour is summed up with its longest gap, the last one counted to the end, and the next hour begins', () => {
  let watch = beginWatch('next', fromMs);
  for (const minute of [1, 2, 30]) {
    const nowMs = fromMs + minute * minuteMs;
    watch = hear(watch, { nowMs, statedMs: nowMs - 250 });
  }
  const { entry, next } = summarise(watch, { nowMs: fromMs + hourMs, intervalMs: minuteMs });
  assert.deepEqual(entry, { path: 'next', expected: 60, verified: 3, longestGapMs: 30 * minuteMs, clockOffsetMs: -250 });
  assert.deepEqual(next, { ...watch, sinceMs: fromMs + hourMs, verified: 0, longestGapMs: 0 });
});

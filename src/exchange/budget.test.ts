import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dayMs, hourMs, minuteMs } from '#base/time.ts';
import { flashSounds, nothingSpent, overBudget, spend, spendingAt } from '#exchange/budget.ts';

const budget = { bytesPerDay: 1_000, recordsPerDay: 10, flashPerHour: 2 };
const noonMs = Date.parse('2026-03-01T12:00:00.000Z');

test('a budget is spent at its limit, in bytes or in records, and begins anew at 00:00Z', () => {
  const begun = spendingAt(nothingSpent, noonMs);
  assert.equal(overBudget(budget, spend(begun, { bytes: 999, records: 9, flashes: 0 })), false);
  const spent = spend(begun, { bytes: 1_000, records: 1, flashes: 0 });
  assert.equal(overBudget(budget, spent), true);
  assert.equal(overBudget(budget, spend(begun, { bytes: 1, records: 10, flashes: 0 })), true);
  assert.equal(overBudget(budget, spendingAt(spent, noonMs + 12 * hourMs - 1)), true);
  assert.equal(overBudget(budget, spendingAt(spent, noonMs + 12 * hourMs)), false);
});

test('a FLASH sounds up to the number of its hour, and again from the next full hour on', () => {
  const spent = spend(spendingAt(nothingSpent, noonMs + 59 * minuteMs), { bytes: 0, records: 2, flashes: 2 });
  assert.equal(flashSounds(budget, { ...spent, flashes: 1 }), true);
  assert.equal(flashSounds(budget, spent), false);
  assert.equal(flashSounds(budget, spendingAt(spent, noonMs + hourMs)), true);
});

test('a clock that steps back gives nothing again', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3 * dayMs, max: 3 * dayMs }), { maxLength: 20 }), (steps) => {
      let spending = spend(spendingAt(nothingSpent, noonMs), { bytes: 7, records: 3, flashes: 1 });
      for (const step of steps) {
        const next = spendingAt(spending, noonMs + step);
        if (next.dayFromMs === spending.dayFromMs) assert.equal(next.bytes, spending.bytes);
        assert.ok(next.dayFromMs >= spending.dayFromMs && next.hourFromMs >= spending.hourFromMs);
        spending = next;
      }
    }),
  );
});

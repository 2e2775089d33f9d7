import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededChance } from '#base/chance.ts';
import { backOffMs } from '#exchange/back-off.ts';

test('waits double from 250 ms to 8 s at most, and chance takes off up to half', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(), (attempt, seed) => {
      const bound = Math.min(8_000, 250 * 2 ** Math.min(attempt, 20));
      const waitMs = backOffMs(attempt, new SeededChance(seed));
      assert.ok(bound / 2 <= waitMs && waitMs <= bound);
    }),
  );
});

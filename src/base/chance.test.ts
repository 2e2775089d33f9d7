import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededChance } from '#base/chance.ts';

test('a seed gives the published sequence of mulberry32', () => {
  const chance = new SeededChance(1);
  const drawn = Array.from({ length: 4 }, () => chance.below(2 ** 32));
  assert.deepEqual(drawn, [2693262067, 11749833, 2265367787, 4213581821]);
});

test('what is drawn lies below the bound, and the seed alone decides it', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(40), (seed, bound, length) => {
      const [one, other] = [new SeededChance(seed), new SeededChance(seed)];
      const drawn = one.below(bound);
      assert.ok(Number.isInteger(drawn) && drawn >= 0 && drawn < bound);
      assert.equal(other.below(bound), drawn);
      assert.deepEqual(one.bytes(length), other.bytes(length));
    }),
  );
});

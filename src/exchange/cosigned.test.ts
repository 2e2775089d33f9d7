import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cover, emptyCoverage, firstCovering } from '#exchange/cosigned.ts';

const facts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 10 }), timeMs: fc.integer({ min: 1, max: 20 }) }), {
  maxLength: 30,
});

test('the first cosignature over a leaf is the earliest of those that reach it, in whatever order they came', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const coverage = emptyCoverage();
      for (const fact of given) cover(coverage, { log: 'cn.example/us-cn/test', witness: 'US', ...fact });
      for (let index = 0; index < 11; index += 1) {
        const reaching = given.filter(({ size }) => size > index);
        const earliest = reaching.length === 0 ? undefined : Math.min(...reaching.map(({ timeMs }) => timeMs));
        assert.equal(firstCovering(coverage, index)?.timeMs, earliest);
      }
      const reversed = emptyCoverage();
      for (const fact of given.toReversed()) cover(reversed, { log: 'cn.example/us-cn/test', witness: 'US', ...fact });
      assert.deepEqual(reversed, coverage);
    }),
  );
});

test('nothing is covered before the first cosignature', () => {
  assert.equal(firstCovering(undefined, 0), undefined);
});

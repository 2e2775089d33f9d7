import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Coverage, cover, coveredTo, firstCovering } from '#exchange/cosigned.ts';
import { MemoryShelf } from '#exchange/memory-shelf.ts';
import { allKeys } from '#exchange/shelf.ts';

const of = { log: 'cn.example/us-cn/test', witness: 'US' };

function rowsOf(coverage: Coverage) {
  return coverage.rows({ ...allKeys, limit: 100, order: 'up' });
}

const facts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 10 }), timeMs: fc.integer({ min: 1, max: 20 }) }), {
  maxLength: 30,
});

test('the first cosignature over a leaf is the earliest of those that reach it, in whatever order they came', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const coverage = new MemoryShelf<number>();
      for (const fact of given) cover(coverage, { ...of, ...fact });
      for (let index = 0; index < 11; index += 1) {
        const reaching = given.filter(({ size }) => size > index);
        const earliest = reaching.length === 0 ? undefined : Math.min(...reaching.map(({ timeMs }) => timeMs));
        assert.equal(firstCovering(coverage, { ...of, index })?.timeMs, earliest);
      }
      const reversed = new MemoryShelf<number>();
      for (const fact of given.toReversed()) cover(reversed, { ...of, ...fact });
      assert.deepEqual(rowsOf(reversed), rowsOf(coverage));
      assert.equal(coveredTo(coverage, of), Math.max(0, ...given.map(({ size }) => size)));
    }),
  );
});

test('nothing is covered before the first cosignature', () => {
  assert.equal(firstCovering(new MemoryShelf<number>(), { ...of, index: 0 }), undefined);
});

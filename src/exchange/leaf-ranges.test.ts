import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addRange, type LeafRange, rangeOf } from '#exchange/leaf-ranges.ts';
import { MemoryShelf } from '#exchange/memory-shelf.ts';
import { allKeys } from '#exchange/shelf.ts';

const log = 'cn.example/us-cn/test';

function all(ranges: MemoryShelf<LeafRange>): readonly LeafRange[] {
  return ranges.rows({ ...allKeys, limit: 100, order: 'up' }).map(({ value }) => value);
}

test('ranges that overlap become one under the first of their indices, and those that adjoin stay apart', () => {
  const ranges = new MemoryShelf<LeafRange>();
  for (const [index, [from, to]] of (
    [
      [4, 6],
      [0, 2],
      [2, 4],
      [5, 9],
      [20, 30],
    ] as const
  ).entries())
    addRange(ranges, log, { index, from, to });
  assert.deepEqual(all(ranges), [
    { index: 1, from: 0, to: 2 },
    { index: 2, from: 2, to: 4 },
    { index: 0, from: 4, to: 9 },
    { index: 4, from: 20, to: 30 },
  ]);
});

test('of any ranges, a leaf is in the list if one of them holds it, and the list is ascending without overlaps', () => {
  const pairs = fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 12 })), { maxLength: 30 });
  fc.assert(
    fc.property(pairs, (given) => {
      const ranges = new MemoryShelf<LeafRange>();
      for (const [index, [from, length]] of given.entries()) addRange(ranges, log, { index, from, to: from + length });
      for (const [position, { from, to }] of all(ranges).entries())
        assert.ok(from < to && (all(ranges)[position - 1]?.to ?? 0) <= from);
      for (let leaf = 0; leaf < 60; leaf += 1) {
        const isHeld = given.some(([from, length]) => from <= leaf && leaf < from + length);
        assert.equal(rangeOf(ranges, log, leaf) !== undefined, isHeld, `leaf ${leaf}`);
      }
    }),
  );
});

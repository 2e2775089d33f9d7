import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryShelf } from '#exchange/memory-shelf.ts';
import {
  checkRange,
  enterReceipt,
  type FirstReceipt,
  firstReceiptOf,
  type ReceiptBook,
  receiptedTo,
} from '#exchange/receipt-book.ts';

const log = 'us.example/us-cn/test';

function emptyBook(): ReceiptBook {
  return { next: new MemoryShelf<FirstReceipt>(), urgent: new MemoryShelf<FirstReceipt>() };
}

const claims = fc.array(
  fc.record({
    from: fc.nat({ max: 12 }),
    length: fc.nat({ max: 5 }),
    room: fc.integer({ min: -1, max: 3 }),
    lane: fc.constantFrom('next', 'urgent'),
    isVoid: fc.boolean(),
  }),
  { maxLength: 60 },
);

test('of any receipts offered, the accepted ones give each leaf exactly one first receipt, and ranges adjoin', () => {
  fc.assert(
    fc.property(claims, (offered) => {
      const book = emptyBook();
      const first = new Map<number, number>();
      const urgent = new Set<number>();
      let end = 0;
      for (const [at, { from, length, room, lane }] of offered.entries()) {
        const to = from + length;
        const claim = { log, from, to, size: to + room, root: '', receivedAt: '', lane };
        const fits =
          length > 0 && room >= 0 && (lane === 'next' ? from === end : length === 1 && from >= end && !urgent.has(from));
        assert.equal(checkRange(book, claim).ok, fits);
        if (!fits) continue;
        enterReceipt(
          book,
          { log, from, to },
          { at, receivedAtMs: at, scenarioAtMs: null, lane: lane === 'urgent' ? 'urgent' : 'next' },
        );
        if (lane === 'next') end = to;
        else urgent.add(from);
        for (let index = from; index < to; index += 1) if (!first.has(index)) first.set(index, at);
      }
      assert.equal(receiptedTo(book, log), end);
      for (let index = 0; index < 20; index += 1)
        assert.equal(firstReceiptOf(book, { log, index }, () => false)?.at, first.get(index));
    }),
  );
});

test('a receipt that is void gives its leaf no receipt, and an older urgent one is not lost with it', () => {
  const book = emptyBook();
  enterReceipt(book, { log, from: 1, to: 2 }, { at: 4, receivedAtMs: 10, scenarioAtMs: null, lane: 'urgent' });
  enterReceipt(book, { log, from: 0, to: 3 }, { at: 5, receivedAtMs: 20, scenarioAtMs: null, lane: 'next' });
  const isVoid = (at: number): boolean => at === 5;
  assert.deepEqual(
    [0, 1, 2].map((index) => firstReceiptOf(book, { log, index }, isVoid)?.at),
    [undefined, 4, undefined],
  );
  assert.equal(firstReceiptOf(undefined, { log, index: 0 }, isVoid), undefined);
});

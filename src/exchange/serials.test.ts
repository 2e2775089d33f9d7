import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryShelf } from '#exchange/memory-shelf.ts';
import { countNumber, type SerialsSeen } from '#exchange/serials.ts';
import { numberText } from '#record/number.ts';

function nothingSeen(): SerialsSeen {
  return { greatest: new MemoryShelf<number>(), gaps: new MemoryShelf<number>() };
}

function numberOf(serial: number): string {
  return numberText({ series: { agreement: 'BMLN', centre: 'CN', year: '24' }, serial, format: 'NOTIFY' });
}

function count(serials: readonly number[]): readonly string[] {
  const seen = nothingSeen();
  return serials.map((serial) => {
    const counted = countNumber(seen, numberOf(serial));
    return counted.ok ? 'next' : counted.refusal.code.replace('record.number-', '');
  });
}

test('serials follow one another; a gap is out of order and the next goes on from it', () => {
  assert.deepEqual(count([1, 2, 5, 6, 4, 4, 3, 7, 7, 1]), [
    'next',
    'next',
    'order',
    'next',
    'order',
    'taken',
    'order',
    'next',
    'taken',
    'taken',
  ]);
});

test('for any serials: taken if seen before, next if one more than the greatest, out of order otherwise', () => {
  const serials = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 });
  fc.assert(
    fc.property(serials, (given) => {
      const expected = given.map((serial, position) => {
        const before = given.slice(0, position);
        if (before.includes(serial)) return 'taken';
        return serial === Math.max(0, ...before) + 1 ? 'next' : 'order';
      });
      assert.deepEqual(count(given), expected);
    }),
  );
});

test('each agreement, centre and year has a series of its own', () => {
  const seen = nothingSeen();
  const numbers = ['BMLN/CN/24/000001/NOTIFY', 'BMLN/CN/25/000001/NOTIFY', 'MMA/CN/24/000001/NOTIFY', 'BMLN/US/24/000001/NOTIFY'];
  for (const number of numbers) assert.equal(countNumber(seen, number).ok, true, number);
});

test('a log that skips every other serial costs no more for each number that comes again', () => {
  const seen = nothingSeen();
  const gaps = 100_000;
  for (let serial = 2; serial <= 2 * gaps; serial += 2) countNumber(seen, numberOf(serial));
  const startMs = performance.now();
  for (let serial = 2 * gaps; serial > 2 * gaps - 8_192; serial -= 2) assert.equal(countNumber(seen, numberOf(serial)).ok, false);
  assert.ok(performance.now() - startMs < 1_000, 'one by one through the gaps it takes ten seconds');
});

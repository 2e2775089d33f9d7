import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accept } from '#base/refusal.ts';
import { numberText, parseNumber, seriesKey } from '#record/number.ts';

const names = fc.stringMatching(/^[A-Z][A-Z0-9-]{1,23}$/);

test('a number reads back as it was written', () => {
  fc.assert(
    fc.property(
      fc.record(
        {
          series: fc.record(
            { agreement: names, centre: fc.stringMatching(/^[A-Z]{2,8}$/), year: fc.stringMatching(/^[0-9]{2}$/) },
            { noNullPrototype: true },
          ),
          serial: fc.integer({ min: 1, max: 999_999_999 }),
          format: names,
        },
        { noNullPrototype: true },
      ),
      (number) => assert.deepEqual(parseNumber(numberText(number)), accept(number)),
    ),
  );
});

test('a number of another form is refused', () => {
  for (const text of [
    '',
    'BMLN/CN/24/000001',
    'BMLN/CN/24/000001/NOTIFY/',
    'bmln/CN/24/000001/NOTIFY',
    'B/CN/24/000001/NOTIFY',
    '1BMLN/CN/24/000001/NOTIFY',
    'BMLN/C/24/000001/NOTIFY',
    'BMLN/CHINAPEOPLE/24/000001/NOTIFY',
    'BMLN/CN/2024/000001/NOTIFY',
    'BMLN/CN/24/1/NOTIFY',
    'BMLN/CN/24/000000/NOTIFY',
    'BMLN/CN/24/0000001/NOTIFY',
    'BMLN/CN/24/1000000000/NOTIFY',
    'BMLN/CN/24/-00001/NOTIFY',
    'BMLN/CN/24/００0001/NOTIFY',
    'BMLN/CN/24/000001/NOTIFY\n',
    ' BMLN/CN/24/000001/NOTIFY',
  ]) {
    const number = parseNumber(text);
    assert.equal(number.ok ? 'accepted' : number.refusal.code, 'record.number-form', JSON.stringify(text));
  }
});

test('a series is one agreement, one originator and one year', () => {
  assert.equal(seriesKey({ agreement: 'BMLN', centre: 'CN', year: '24' }), 'BMLN/CN/24');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refusalDetailMax } from '#base/limits.ts';
import { accept, assert as assertOwn, mustAccept, refuse } from '#base/refusal.ts';
import { clauseOf, refusalCodes } from '#base/refusal-codes.ts';
import { checkText } from '#base/text.ts';

test('a refusal carries its code, the clause it rests on, what happened and the evidence', () => {
  assert.deepEqual(refuse('record.size', 'too long', { bytes: 20_000 }), {
    ok: false,
    refusal: { code: 'record.size', clause: 'record 1', detail: 'too long', evidence: { bytes: 20_000 } },
  });
});

test('whatever a refusal quotes, its detail is one short line that a record can hold', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '\n', '\t', '\u202e', '\ud83d', '\udc00', '😀', '\uffff'), maxLength: 900 }),
      (quoted) => {
        const { detail } = refuse('record.json', quoted).refusal;
        assert.deepEqual(checkText(detail), accept(detail));
        assert.ok(detail.length <= refusalDetailMax && !detail.includes('\n'));
      },
    ),
  );
});

test('a long detail is cut between characters', () => {
  assert.equal(refuse('record.json', 'x'.repeat(400)).refusal.detail, 'x'.repeat(400));
  assert.equal(refuse('record.json', 'x'.repeat(401)).refusal.detail, `${'x'.repeat(399)}…`);
  assert.equal(refuse('record.json', `${'x'.repeat(398)}😀😀`).refusal.detail, `${'x'.repeat(398)}\ufffd…`);
});

test('every code names a clause', () => {
  for (const code of refusalCodes) {
    assert.match(code, /^[a-z]+\.[a-z0-9-]+$/);
    assert.match(clauseOf(code), /^[a-z-]+ [1-9][0-9]?$/);
  }
});

test('a mistake of our own is thrown, not refused', () => {
  assert.throws(() => assertOwn(false, 'two is one'), /assertion failed: two is one/);
  assert.equal(assertOwn(true, 'one is one'), undefined);
  assert.throws(() => mustAccept(refuse('record.json', 'not JSON')), /refused \(record\.json\): not JSON/);
  assert.equal(mustAccept(accept(1)), 1);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { accept } from '#base/refusal.ts';
import { checkText, runsOf } from '#base/text.ts';

const vectors: readonly { readonly text: string; readonly runs: number }[] = JSON.parse(
  readFileSync(new URL('../../spec/vectors/base/text.json', import.meta.url), 'utf8'),
);

test('runs are counted alike in each language', () => {
  for (const { text, runs } of vectors) {
    assert.deepEqual(checkText(text), accept(text));
    assert.equal(runsOf(text), runs, JSON.stringify(text));
  }
});

test('200 runs are 200 runs in English, Chinese and Japanese, whatever the space between them', () => {
  for (const [word, space] of [
    ['launch', ' '],
    ['发射', ' '],
    ['发射', '\u3000'],
    ['発射', '\u3000'],
    ['発射', '\n'],
  ] as const) {
    assert.equal(runsOf(Array.from({ length: 200 }, () => word).join(space)), 200);
  }
});

test('of all code points, exactly the controls but line feed, the noncharacters and the bidirectional controls are forbidden', () => {
  const forbidden = /^(?:(?!\n)\p{Cc}|\p{Bidi_Control}|\p{Noncharacter_Code_Point})$/u;
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
    if (codePoint === 0xd800) codePoint = 0xe000;
    const text = String.fromCodePoint(codePoint);
    const checked = checkText(text);
    if (checked.ok === forbidden.test(text)) assert.fail(`U+${codePoint.toString(16)}`);
    if (!checked.ok) assert.equal(checked.refusal.code, 'text.forbidden');
  }
});

test('a refusal names the code point and where it stands', () => {
  assert.deepEqual(checkText('ab\u202ec'), {
    ok: false,
    refusal: {
      code: 'text.forbidden',
      clause: 'record 2',
      detail: 'the text holds U+202E, which the record does not allow',
      evidence: { position: 2 },
    },
  });
});

test('half of a surrogate pair is refused wherever it stands', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff'), fc.string(), (before, half, after) => {
      const checked = checkText(`${before} ${half} ${after}`);
      assert.equal(checked.ok ? 'accepted' : checked.refusal.code, 'text.ill-formed');
    }),
  );
});

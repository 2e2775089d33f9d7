import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText, textOfBytes } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { formatInclusion, parseInclusion } from '#log/inclusion-file.ts';

const hash = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';

test('an inclusion comes back from its bytes', () => {
  const count = fc.maxSafeNat();
  const paths = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 104 });
  fc.assert(
    fc.property(count, count, paths, (index, size, hashes) => {
      const inclusion = { index, size, hashes };
      const bytes = formatInclusion(inclusion);
      assert.deepEqual(mustAccept(parseInclusion(bytes)), inclusion);
    }),
  );
  assert.equal(
    mustAccept(textOfBytes(formatInclusion({ index: 0, size: 1, hashes: [] }))),
    'anshin-inclusion/1\nindex 0\nsize 1\n',
  );
});

test('what is not an inclusion is refused by its form', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['', 'proof.form'],
    ['anshin-inclusion/2\nindex 0\nsize 1\n', 'proof.form'],
    ['anshin-inclusion/1\nsize 1\nindex 0\n', 'proof.form'],
    ['anshin-inclusion/1\nindex 00\nsize 1\n', 'proof.form'],
    ['anshin-inclusion/1\nindex 0\nsize 9007199254740992\n', 'proof.form'],
    ['anshin-inclusion/1\nindex 0\nsize 1', 'proof.form'],
    ['anshin-inclusion/1\nindex 0\nsize 1\n\n', 'proof.form'],
    [`anshin-inclusion/1\nindex 0\nsize 1\n${hash}`, 'proof.form'],
    ['anshin-inclusion/1\nindex 0\nsize 1\nAAAA\n', 'proof.form'],
    ['anshin-inclusion/1\nindex 0\nsize 1\n!!!!\n', 'bytes.base64'],
    [`anshin-inclusion/1\nindex 0\nsize 1\n${`${hash}\n`.repeat(105)}`, 'proof.form'],
    ['x'.repeat(131_073), 'proof.form'],
  ];
  for (const [text, code] of wrong) {
    const parsed = parseInclusion(bytesOfText(text));
    assert.equal(parsed.ok ? 'accepted' : parsed.refusal.code, code, JSON.stringify(text.slice(0, 60)));
  }
  const illFormed = parseInclusion(Uint8Array.of(0xff));
  assert.equal(illFormed.ok ? 'accepted' : illFormed.refusal.code, 'text.utf8');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  base64Of,
  bytesOfBase64,
  bytesOfHex,
  bytesOfText,
  concatBytes,
  equalBytes,
  hexOf,
  textOfBytes,
  uint64Of,
} from '#base/bytes.ts';
import { accept } from '#base/refusal.ts';

const codeOf = (result: ReturnType<typeof textOfBytes> | ReturnType<typeof bytesOfHex>) =>
  result.ok ? 'accepted' : result.refusal.code;

test('joined bytes hold each part in turn', () => {
  assert.deepEqual(concatBytes(Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)), Uint8Array.of(1, 2, 3));
  assert.deepEqual(concatBytes(), new Uint8Array());
});

test('bytes are equal when each is', () => {
  assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true);
  assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false);
  assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0)), false);
});

test('hexadecimal, base64 and UTF-8 read back what they wrote', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary' }), (bytes, text) => {
      assert.deepEqual(bytesOfHex(hexOf(bytes), bytes.length), accept(bytes));
      assert.deepEqual(bytesOfBase64(base64Of(bytes)), accept(bytes));
      if (!text.startsWith('\ufeff')) assert.deepEqual(textOfBytes(bytesOfText(text)), accept(text));
    }),
  );
});

test('any text that is read as hexadecimal or base64 is the one that would be written', () => {
  const nearBase64 = fc.string({ unit: fc.constantFrom('A', 'Q', 'g', 'w', 'Z', '+', '/', '=', '-', ' ', '\n') });
  const nearHex = fc.string({ unit: fc.constantFrom('0', '9', 'a', 'f', 'A', 'g', ' ', '\n'), maxLength: 4 });
  fc.assert(
    fc.property(nearBase64, nearHex, (base64, hex) => {
      const fromBase64 = bytesOfBase64(base64);
      if (fromBase64.ok) assert.equal(base64Of(fromBase64.value), base64);
      const fromHex = bytesOfHex(hex, 2);
      if (fromHex.ok) assert.equal(hexOf(fromHex.value), hex);
    }),
    { numRuns: 2_000 },
  );
});

test('hexadecimal of another length, in capitals or with anything else in it is refused', () => {
  for (const hex of ['', '0a0', '0a0b0c', '0A0B', '0a0g', '0x0a', ' 0a0', '0a0b\n', '0a0\n', '０a0b']) {
    assert.equal(codeOf(bytesOfHex(hex, 2)), 'bytes.hex', JSON.stringify(hex));
  }
});

test('base64 without padding, of the URL alphabet, with white space or with spare bits is refused', () => {
  for (const text of [
    'QQ',
    'QQ=',
    'QQ===',
    'Q',
    '=',
    '====',
    'QQ==QQ==',
    'QR==',
    'QUJ=',
    '-_-_',
    'QU JD',
    'QUJD\n',
    'QUI=\n',
    'Q=Q=',
  ]) {
    assert.equal(codeOf(bytesOfBase64(text)), 'bytes.base64', JSON.stringify(text));
  }
});

test('a byte order mark and every ill-formed sequence of UTF-8 is refused', () => {
  assert.equal(codeOf(textOfBytes(Uint8Array.fromHex('efbbbf41'))), 'text.byte-order-mark');
  for (const hex of [
    '80',
    'c0af',
    'c181',
    'e080af',
    'eda080',
    'edbfbf',
    'f08080af',
    'f4908080',
    'f8888080',
    'fe',
    'ff',
    'c3',
    'e282',
    'c328',
  ]) {
    assert.equal(codeOf(textOfBytes(Uint8Array.fromHex(hex))), 'text.utf8', hex);
  }
});

test('a byte order mark inside a text stays', () => {
  assert.deepEqual(textOfBytes(bytesOfText('a\ufeffb')), accept('a\ufeffb'));
});

test('an unsigned integer of 64 bits is written with its largest byte first', () => {
  assert.equal(hexOf(uint64Of(0)), '0000000000000000');
  assert.equal(hexOf(uint64Of(258)), '0000000000000102');
  assert.equal(hexOf(uint64Of(Number.MAX_SAFE_INTEGER)), '001fffffffffffff');
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) assert.throws(() => uint64Of(value), /assertion failed/);
});

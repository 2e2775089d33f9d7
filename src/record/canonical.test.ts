import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText } from '#base/bytes.ts';
import { recordBytesMax, recordDepthMax, recordValuesMax } from '#base/limits.ts';
import { accept } from '#base/refusal.ts';
import { checkText } from '#base/text.ts';
import { canonicalBytes, canonicalText, type JsonValue, parseCanonical } from '#record/canonical.ts';

const codeOf = (result: ReturnType<typeof parseCanonical>) => (result.ok ? 'accepted' : result.refusal.code);
const read = (text: string) => parseCanonical(bytesOfText(text), 100_000);

const texts = fc.string({ unit: 'grapheme' }).filter((text) => checkText(text).ok);
const { value: values } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    texts,
    fc.maxSafeInteger().map((integer) => integer + 0),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      texts.filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

test('what is written reads back as the same value', () => {
  fc.assert(fc.property(values, (value) => assert.deepEqual(parseCanonical(canonicalBytes(value), 1_000_000), accept(value))));
});

test('whatever is read writes back byte for byte', () => {
  const nearJson = fc.array(
    fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"b"', '""', '0', '-', '1', '.', 'e', 'true', ' ', '\n'),
  );
  fc.assert(
    fc.property(nearJson, (parts) => {
      const text = parts.join('');
      const value = read(text);
      if (value.ok) assert.deepEqual(canonicalText(value.value), accept(text));
    }),
    { numRuns: 5_000 },
  );
});

test('one value has one text, in whatever order its members were made', () => {
  fc.assert(
    fc.property(fc.uniqueArray(texts.filter((key) => key !== '__proto__')), (keys) => {
      const forwards = Object.fromEntries(keys.map((key) => [key, key]));
      const backwards = Object.fromEntries(keys.toReversed().map((key) => [key, key]));
      assert.deepEqual(canonicalText(forwards), canonicalText(backwards));
    }),
  );
});

test('any white space put between two tokens is refused', () => {
  const text = '{"a":[1,true,"b"],"c":{}}';
  const gaps = [0, 1, 4, 5, 6, 7, 8, 12, 13, 16, 17, 18, 21, 22, 23, 24, 25];
  for (const gap of gaps) {
    for (const space of [' ', '\t', '\n', '\r']) {
      assert.equal(codeOf(read(text.slice(0, gap) + space + text.slice(gap))), 'record.canonical', `at ${gap}`);
    }
  }
});

test('the sorting example of RFC 8785, without its controls', () => {
  const example = {
    '€': 'Euro Sign',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    1: 'One',
    '😀': 'Emoji',
    ö: 'Latin Small Letter O With Diaeresis',
  };
  assert.deepEqual(
    canonicalText(example),
    accept(
      '{"1":"One","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    ),
  );
});

test('the text example of RFC 8785, without its control', () => {
  const example: unknown = JSON.parse(String.raw`{"string":"\u20ac$\u000aA'\u0042\u0022\u005c\\\"\/","literals":[true,false]}`);
  assert.deepEqual(canonicalText(example), accept(String.raw`{"literals":[true,false],"string":"€$\nA'B\"\\\\\"/"}`));
});

test('of the number examples of RFC 8785 only the integers within ±(2^53−1) are written', () => {
  const bits = (hex: string) => new DataView(Uint8Array.fromHex(hex).buffer).getFloat64(0);
  const written = ['0000000000000000', '8000000000000000', '433fffffffffffff', 'c33fffffffffffff'].map((hex) =>
    canonicalText(bits(hex)),
  );
  assert.deepEqual(written, ['0', '0', '9007199254740991', '-9007199254740991'].map(accept));
  const beyond = [
    '0000000000000001',
    '7fefffffffffffff',
    '4340000000000000',
    'c340000000000000',
    '4430000000000000',
    '44b52d02c7e14af5',
  ];
  const unlike = [
    '7fffffffffffffff',
    '7ff0000000000000',
    '444b1ae4d6e2ef4f',
    '3eb0c6f7a0b5ed8d',
    '41b3de4355555553',
    'becbf647612f3696',
  ];
  for (const hex of [...beyond, ...unlike]) assert.equal(codeOf(canonicalText(bits(hex))), 'record.number-range', hex);
});

test('what a record cannot hold is not written', () => {
  const forbidden: readonly (readonly [unknown, string])[] = [
    [null, 'record.json'],
    [undefined, 'record.json'],
    [1n, 'record.json'],
    [Symbol('a'), 'record.json'],
    [() => 1, 'record.json'],
    [[null], 'record.json'],
    [Array(2), 'record.json'],
    [{ a: null }, 'record.json'],
    [new Date(0), 'record.json'],
    [new Map([['a', 1]]), 'record.json'],
    [Uint8Array.of(1), 'record.json'],
    [JSON.parse('{"__proto__":1}'), 'record.json'],
    [0.1, 'record.number-range'],
    ['\ud800', 'text.ill-formed'],
    [{ '\udc00': 1 }, 'text.ill-formed'],
    ['\t', 'text.forbidden'],
    [{ '\u2067': 1 }, 'text.forbidden'],
  ];
  for (const [value, code] of forbidden) assert.equal(codeOf(canonicalText(value)), code, String(value));
});

test('a member without a value is left out, and an object without a prototype is an object', () => {
  assert.deepEqual(canonicalText({ b: undefined, a: 1 }), accept('{"a":1}'));
  assert.deepEqual(canonicalText(Object.assign(Object.create(null), { a: 1 })), accept('{"a":1}'));
});

test('every code point is written as JSON writes it, or refused as text', () => {
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
    const text = String.fromCodePoint(codePoint);
    const checked = checkText(text);
    const expected = checked.ok ? accept(JSON.stringify(text)) : checked;
    const written = canonicalText(text);
    const alike = written.ok && expected.ok ? written.value === expected.value : codeOf(written) === codeOf(expected);
    if (!alike) assert.fail(`U+${codePoint.toString(16)}`);
  }
});

test('our own code does not get bytes of what a record cannot hold', () => {
  assert.throws(() => canonicalBytes('\u0000'), /text\.forbidden/);
});

test('nesting stops at the limit, and bytes nested without end are refused', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  assert.equal(codeOf(read(nested(recordDepthMax))), 'accepted');
  assert.equal(codeOf(read(nested(recordDepthMax + 1))), 'record.json');
  assert.equal(codeOf(read(nested(50_000))), 'record.json');
  assert.equal(codeOf(read('{"a":'.repeat(15_000))), 'record.json');
});

test('bytes beyond the limit that was given are not read', () => {
  assert.equal(codeOf(parseCanonical(bytesOfText('[1]'), 3)), 'accepted');
  assert.equal(codeOf(parseCanonical(bytesOfText('[1]'), 2)), 'record.size');
});

test('a refusal of bytes that are not canonical says where they differ', () => {
  const refused = read('{"b":1,"a":2}');
  assert.deepEqual(refused.ok ? undefined : refused.refusal.evidence, { position: 2 });
});

test('a record holds so many values and no more, however small they are; the outermost is the first', () => {
  const zeros = (count: number) => read(JSON.stringify(Array.from({ length: count }, () => 0)));
  assert.equal(codeOf(zeros(recordValuesMax - 1)), 'accepted');
  assert.equal(codeOf(zeros(recordValuesMax)), 'record.json');
  assert.equal(codeOf(read(JSON.stringify(Array.from({ length: recordValuesMax }, () => ({}))))), 'record.json');
});

test('as many corners of areas as the bytes of a record take are not too many values', () => {
  const vertex = { latE6: 1_000_000, lonE6: 1_000_000 };
  const count = Math.floor(recordBytesMax / (canonicalBytes(vertex).length + 1));
  const areas = Array.from({ length: Math.ceil(count / 64) }, () => ({
    kind: 'polygon',
    vertices: Array.from({ length: 64 }, () => vertex),
  }));
  assert.equal(canonicalText(areas).ok, true);
});

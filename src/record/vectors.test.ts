import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesOfText, hexOf } from '#base/bytes.ts';
import { accept, mustAccept } from '#base/refusal.ts';
import { canonicalText } from '#record/canonical.ts';
import { coreFormats } from '#record/core-formats.ts';
import { draftHash, draftOf, parseRecord, sealRecord } from '#record/envelope.ts';
import { parseNumber } from '#record/number.ts';
import { faultsOf } from '#record/schema.ts';
import { checkSchema } from '#record/schema-check.ts';

interface Valid {
  readonly name: string;
  readonly text: string;
  readonly id: string;
  readonly approved: string;
}
type Refused = { readonly name: string; readonly code: string } & ({ readonly text: string } | { readonly base64: string });

const vectorsOf = (name: string) => readFileSync(new URL(`../../spec/vectors/record/${name}.json`, import.meta.url), 'utf8');
const page = (name: string) => readFileSync(new URL(`../../spec/${name}.md`, import.meta.url), 'utf8');
const valid: readonly Valid[] = JSON.parse(vectorsOf('valid'));
const refused: readonly Refused[] = JSON.parse(vectorsOf('refused'));

for (const { name, text, id, approved } of valid) {
  test(`a record is read, and sealed again from its draft: ${name}`, () => {
    const bytes = bytesOfText(text);
    const read = parseRecord(bytes);
    assert.ok(read.ok, read.ok ? '' : read.refusal.detail);
    assert.deepEqual(read.value, { record: JSON.parse(text), bytes, id });
    const draft = draftOf(read.value.record);
    assert.equal(draftHash(draft), approved);
    const number = parseNumber(read.value.record.number);
    assert.ok(number.ok);
    const filing = { serial: number.value.serial, filedAtMs: Date.parse(read.value.record.filedAt) };
    assert.deepEqual(sealRecord(draft, filing), read);
  });
}

for (const vector of refused) {
  test(`a record is refused with ${vector.code}: ${vector.name}`, () => {
    const bytes = 'text' in vector ? bytesOfText(vector.text) : Uint8Array.fromBase64(vector.base64);
    const read = parseRecord(bytes);
    assert.equal(read.ok ? 'accepted' : read.refusal.code, vector.code);
  });
}

test('the example of spec/record.md is the first of the vectors', () => {
  const [, example = ''] = /```json\n([^`]*)```/.exec(page('record')) ?? [];
  assert.deepEqual(canonicalText(JSON.parse(example)), accept(valid[0]?.text));
});

test('spec/record.md 11 lists each core format with its class and the fields of its content', () => {
  for (const [format, { class: recordClass, schema }] of Object.entries(coreFormats)) {
    const row = page('record')
      .split('\n')
      .find((line) => line.startsWith(`| \`${format}\` | ${recordClass} |`));
    assert.ok(row !== undefined, format);
    for (const field of Object.keys(schema.properties)) assert.ok(row.includes(`\`${field}\``), `${format} ${field}`);
  }
});

test('the example of spec/schema.md is in the subset and judges as the page says', () => {
  const [, example = ''] = /```json\n([^`]*)```/.exec(page('schema')) ?? [];
  const schema = mustAccept(checkSchema(JSON.parse(example)));
  assert.deepEqual(faultsOf(schema, { vehicle: 'ICBM', windowFrom: '2024-09-25T00:00:00.000Z' }), []);
  const paths = faultsOf(schema, { vehicle: 'icbm', launches: 0 }).map(({ path }) => path);
  assert.deepEqual(paths, ['/windowFrom', '/vehicle', '/launches']);
});

test('no byte of a record can be changed, left out or doubled without a refusal or another identity', () => {
  const [{ text, id }] = valid as readonly [Valid];
  const bytes = bytesOfText(text);
  for (let position = 0; position < bytes.length; position += 1) {
    const before = bytes.subarray(0, position);
    const after = bytes.subarray(position + 1);
    const here = bytes[position] ?? 0;
    for (const changed of [[], [here, here], [here ^ 1], [here ^ 0x20], [here ^ 0x80]]) {
      const read = parseRecord(Uint8Array.of(...before, ...changed, ...after));
      if (read.ok) assert.notEqual(read.value.id, id, `${hexOf(Uint8Array.from(changed))} at ${position}`);
    }
  }
});

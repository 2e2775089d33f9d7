import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { accept, mustAccept, type Result } from '#base/refusal.ts';
import {
  awaitsReceipt,
  type CoreContent,
  type CoreFormat,
  coreFormats,
  coreVersion,
  isCoreFormat,
  parseCore,
} from '#record/core-formats.ts';
import { parseRecord } from '#record/envelope.ts';
import type { RecordEnvelope } from '#record/envelope-schema.ts';

const [{ text }] = JSON.parse(readFileSync(new URL('../../spec/vectors/record/valid.json', import.meta.url), 'utf8')) as [
  { text: string },
];
const notification = mustAccept(parseRecord(bytesOfText(text))).record;
const log = 'us.anshin.example/us-cn/actual';
const hash = 'a'.repeat(64);
const time = '2024-09-25T00:44:00.000Z';

const samples: { readonly [F in CoreFormat]: CoreContent<F> } = {
  RECEIPT: { log, from: 0, to: 2, size: 2, root: hash, receivedAt: time, lane: 'next' },
  'NOT-DELIVERED': { log, from: 0, to: 2, reason: 'the store is full' },
  REFUSAL: { log, index: 0, code: 'record.schema', clause: 'record 4', detail: '/salt is missing' },
  'REFUSAL-COUNT': { log, from: 0, to: 2, refused: 2 },
  ACK: { rung: 'A4', log, index: 0, outcome: 'declined' },
  ADOPT: { agreement: 'BMLN', version: hash, inForceFrom: time },
  PATHS: {
    from: time,
    to: time,
    paths: [{ path: 'terrestrial', expected: 60, verified: 59, longestGapMs: 120_000, clockOffsetMs: -3 }],
  },
  'CONFIRM-STORE': { log, size: 2, root: hash, reason: 'the newest copy' },
  SUCCEED: { log, size: 2, root: hash, successor: log, reason: 'a lost key' },
  ORDERWIRE: {},
  TEST: { text: 'The quick brown fox.' },
};
const formats = Object.keys(coreFormats).filter(isCoreFormat);

function core(format: CoreFormat, change: Partial<RecordEnvelope> = {}): RecordEnvelope {
  const basis = { agreement: 'CORE', version: coreVersion, article: '1', format };
  return { ...notification, class: coreFormats[format].class, basis, content: samples[format], ...change };
}
const codeOf = (result: Result<unknown>): string => (result.ok ? 'accepted' : result.refusal.code);

test('the content of each core format is read', () => {
  for (const format of formats) assert.deepEqual(parseCore(core(format), format), accept(samples[format]), format);
});

test('each field of a core format is required, but the reason of an acknowledgement', () => {
  for (const format of formats) {
    for (const field of Object.keys(samples[format])) {
      const content = Object.fromEntries(Object.entries(samples[format]).filter(([key]) => key !== field));
      assert.equal(codeOf(parseCore(core(format, { content }), format)), 'agreement.content', `${format} ${field}`);
    }
    assert.equal(
      codeOf(parseCore(core(format, { content: { ...samples[format], more: 1 } }), format)),
      'agreement.content',
      format,
    );
  }
  const reasoned = { ...samples.ACK, reason: 'under study' };
  assert.deepEqual(parseCore(core('ACK', { content: reasoned }), 'ACK'), accept(reasoned));
});

test('a core record of another version, class, agreement or format is refused', () => {
  const basis = core('TEST').basis;
  assert.equal(codeOf(parseCore(core('TEST', { basis: { ...basis, version: hash } }), 'TEST')), 'agreement.unknown');
  assert.equal(codeOf(parseCore(core('TEST', { class: 'query' }), 'TEST')), 'agreement.format');
  assert.equal(codeOf(parseCore(core('TEST', { basis: { ...basis, agreement: 'BMLN' } }), 'TEST')), 'agreement.format');
  assert.equal(codeOf(parseCore(core('TEST'), 'ORDERWIRE')), 'agreement.format');
});

test('a format is a core format by its own name only', () => {
  assert.deepEqual(['RECEIPT', 'NOTIFY', 'toString', '__proto__'].map(isCoreFormat), [true, false, false, false]);
});

test('receipts, and what answers for them, await no receipt; every other record does', () => {
  const awaiting = formats.filter((format) => awaitsReceipt(core(format)));
  assert.deepEqual(awaiting, ['REFUSAL', 'ACK', 'ADOPT', 'CONFIRM-STORE', 'SUCCEED', 'ORDERWIRE', 'TEST']);
  assert.equal(awaitsReceipt(notification), true);
  assert.equal(awaitsReceipt({ ...notification, basis: { ...notification.basis, format: 'RECEIPT' } }), true);
});

test('a refusal of a receipt awaits no receipt', () => {
  const refusalOf = (code: unknown) => core('REFUSAL', { content: { ...samples.REFUSAL, code } });
  assert.equal(awaitsReceipt(refusalOf('receipt.range')), false);
  assert.equal(awaitsReceipt(refusalOf('record.schema')), true);
  assert.equal(awaitsReceipt(refusalOf(1)), true);
});

test('what cannot be read awaits a receipt', () => {
  assert.equal(awaitsReceipt(undefined), true);
});

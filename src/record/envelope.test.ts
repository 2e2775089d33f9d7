import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { draftHash, draftOf, idOf, parseRecord, sealRecord } from '#record/envelope.ts';
import type { DraftRecord } from '#record/envelope-schema.ts';

const [{ text }] = JSON.parse(readFileSync(new URL('../../spec/vectors/record/valid.json', import.meta.url), 'utf8')) as [
  { text: string },
];
const known = mustAccept(parseRecord(bytesOfText(text)));
const draft = draftOf(known.record);
const filing = { serial: 1, filedAtMs: Date.parse('2024-09-23T12:00:00.000Z') };
const codeOf = (result: ReturnType<typeof parseRecord>) => (result.ok ? 'accepted' : result.refusal.code);

test('a draft is its record without number, filing time and approval', () => {
  const { number: _number, filedAt: _filedAt, approved: _approved, ...rest } = known.record;
  assert.deepEqual(draft, rest);
});

test('any change of what the officers saw changes the hash that they approve', () => {
  const reference = { relation: 'answers', log: 'us.anshin.example/us-cn/actual', index: 1, id: 'a'.repeat(64) } as const;
  const changes: readonly Partial<DraftRecord>[] = [
    { status: 'test' },
    { class: 'update' },
    { precedence: { action: 'O', info: 'R' } },
    { precedence: { action: 'P', info: 'P' } },
    { originator: { centre: 'US', role: 'releaser' } },
    { originator: { centre: 'CN', role: 'watch-officer' } },
    { action: [] },
    { action: ['US', 'RU'] },
    { info: ['RU'] },
    { basis: { ...draft.basis, agreement: 'CORE' } },
    { basis: { ...draft.basis, version: 'a'.repeat(64) } },
    { basis: { ...draft.basis, article: '3' } },
    { basis: { ...draft.basis, format: 'CANCEL' } },
    { effectiveAt: '2024-09-25T00:00:00.001Z' },
    { replyBy: '2024-09-25T00:00:00.001Z' },
    { exercise: { name: 'Quiet Harbour', scenarioAt: '2024-09-25T00:00:00.000Z' } },
    { references: [reference] },
    { references: [{ ...reference, relation: 'rejects' }] },
    { references: [{ ...reference, index: 2 }] },
    { content: {} },
    { content: { ...draft.content, launches: 2 } },
    { content: { ...draft.content, more: true } },
    { narrative: { language: 'en', text: 'a' } },
    { narrative: { language: 'fr', text: 'a' } },
    { releasability: 'public' },
    { salt: 'f'.repeat(32) },
  ];
  const hashes = [draft, ...changes.map((change) => ({ ...draft, ...change }))].map(draftHash);
  assert.equal(new Set(hashes).size, changes.length + 1);
});

test('number and filing time do not change the hash that the officers approve', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999 }),
      fc.integer({ min: 0, max: 253_402_300_799_999 }),
      (serial, filedAtMs) => {
        const sealed = mustAccept(sealRecord(draft, { serial, filedAtMs }));
        assert.equal(sealed.record.approved, known.record.approved);
        assert.equal(sealed.id, idOf(sealed.bytes));
        assert.deepEqual(parseRecord(sealed.bytes), { ok: true, value: sealed });
      },
    ),
  );
});

test('what the officers approved is found in a record that imitates its own members', () => {
  const member = fc.constantFrom('approved', 'filedAt', 'number', '"approved":"', 'salt');
  const imitated = fc.constantFrom(known.record.approved, known.record.filedAt, known.record.number, '"number":"x",', 'a');
  const content = fc.dictionary(member, fc.oneof(imitated, fc.dictionary(member, imitated), fc.array(imitated)), { maxKeys: 5 });
  const said = fc.tuple(member, imitated).map(([name, value]) => ({ language: 'en', text: `"${name}":"${value}",` }));
  fc.assert(
    fc.property(content, said, (content, narrative) => {
      const { bytes, record } = mustAccept(sealRecord({ ...draft, content, narrative }, filing));
      assert.equal(record.approved, draftHash(draftOf(record)));
      assert.equal(codeOf(parseRecord(bytes)), 'accepted');
    }),
  );
});

test('the year of a number is the year of filing in UTC', () => {
  const numberAt = (time: string) => mustAccept(sealRecord(draft, { serial: 7, filedAtMs: Date.parse(time) })).record.number;
  assert.equal(numberAt('2024-12-31T23:59:59.999Z'), 'BMLN/CN/24/000007/NOTIFY');
  assert.equal(numberAt('2025-01-01T00:00:00.000Z'), 'BMLN/CN/25/000007/NOTIFY');
});

test('a draft that breaks a rule is refused before it is filed', () => {
  const cases: readonly (readonly [Partial<DraftRecord>, string])[] = [
    [{ action: [] }, 'record.addressee'],
    [{ status: 'exercise' }, 'record.scenario'],
    [{ salt: '' }, 'record.schema'],
    [{ narrative: { language: 'en', text: 'a tab\there' } }, 'text.forbidden'],
    [{ narrative: { language: 'en', text: 'Windows\r\nline' } }, 'text.forbidden'],
    [{ narrative: { language: 'en', text: 'half \ud83d' } }, 'text.ill-formed'],
    [{ content: { latitude: 19.523 } }, 'record.number-range'],
    [{ content: { latitude: null } }, 'record.json'],
    [{ content: { filler: 'x'.repeat(16_384) } }, 'record.size'],
  ];
  for (const [change, code] of cases) assert.equal(codeOf(sealRecord({ ...draft, ...change }, filing)), code, code);
  assert.equal(codeOf(sealRecord(draft, { ...filing, serial: 0 })), 'record.number-form');
  assert.equal(codeOf(sealRecord(draft, { ...filing, serial: 1_000_000_000 })), 'record.number-form');
});

test('a draft that already carries a number or an approval is not filed under them', () => {
  assert.equal(codeOf(sealRecord(Object.assign({ number: 'BMLN/CN/24/000009/NOTIFY' }, draft), filing)), 'record.approval');
  assert.equal(codeOf(sealRecord(Object.assign({ approved: 'a'.repeat(64) }, draft), filing)), 'record.approval');
});

test('the hash of a draft that no record can hold is our own mistake', () => {
  assert.throws(() => draftHash({ ...draft, content: { tab: '\t' } }), /text\.forbidden/);
});

test('whatever bytes arrive, the answer is a record or a refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(text.length), fc.jsonValue(), (bytes, position, json) => {
      const spliced = bytesOfText(text.slice(0, position) + JSON.stringify(json) + text.slice(position));
      for (const input of [bytes, spliced, bytesOfText(JSON.stringify(json))])
        assert.equal(typeof parseRecord(input).ok, 'boolean');
    }),
    { numRuns: 500 },
  );
});

test('any JSON in place of any field is a record or a refusal', () => {
  // Without these two no number can be made; a program that hands in a draft has them by its type.
  const fields = Object.keys(draft).filter((field) => field !== 'basis' && field !== 'originator');
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, value) => {
      const changed = { ...draft, [field]: value } as unknown as DraftRecord;
      assert.equal(typeof sealRecord(changed, filing).ok, 'boolean');
    }),
    { numRuns: 1_000 },
  );
});

test('a refusal by the schema names the first field and counts the others', () => {
  const refused = sealRecord({ ...draft, salt: '', releasability: 'national' as 'public' }, filing);
  assert.ok(!refused.ok);
  assert.deepEqual(refused.refusal.evidence, { path: '/releasability', faults: 2 });
});

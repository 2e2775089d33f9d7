import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { languages, renderCore, renderRecord } from '#agreement/render.ts';
import { launchCases, publishedInstrument, sampleRecord } from '#agreement/sample-cases.ts';
import { coreVersion } from '#record/core-formats.ts';
import type { RecordEnvelope } from '#record/envelope-schema.ts';

const cases = launchCases(readFileSync);
const instruments = {
  full: publishedInstrument(readFileSync, 'full'),
  '1988-minimal': publishedInstrument(readFileSync, '1988-minimal'),
};
const banners = { en: 'EXERCISE EXERCISE EXERCISE', zh: 'EXERCISE 演习 EXERCISE', ja: 'EXERCISE 演習 EXERCISE' };

/** Compares with the golden file; `ANSHIN_GOLDEN=write` writes it anew, to be reviewed in the diff. */
function golden(name: string, text: string): void {
  const path = `test/golden/agreement/${name}.txt`;
  if (process.env['ANSHIN_GOLDEN'] === 'write') writeFileSync(path, text);
  assert.ok(existsSync(path), `${path} is missing: run with ANSHIN_GOLDEN=write and review it`);
  assert.equal(text, readFileSync(path, 'utf8'));
}

for (const [name, given] of Object.entries(cases)) {
  for (const language of languages) {
    test(`${name} reads in ${language} as its golden file`, () => {
      const instrument = instruments[given.profile];
      const text = renderRecord({ record: stable(sampleRecord(instrument, given)), instrument, language });
      golden(`${name}.${language}`, text);
      const lines = text.trimEnd().split('\n');
      assert.equal(lines[0], banners[language]);
      assert.equal(lines.at(-1), banners[language]);
      assert.doesNotMatch(text, /⟨/, 'a text is missing');
    });
  }
}

test('every time in a rendering is UTC with its Z', () => {
  for (const given of Object.values(cases)) {
    const instrument = instruments[given.profile];
    for (const language of languages) {
      const text = renderRecord({ record: sampleRecord(instrument, given), instrument, language });
      const times = text.match(/\d{2}:\d{2}(?::\d{2})?.?/g) ?? [];
      assert.ok(times.length > 0);
      assert.deepEqual(
        times.filter((time) => !time.endsWith('Z')),
        [],
      );
    }
  }
});

test('actual traffic has no banner, and a draft says that it has no number', () => {
  const instrument = instruments.full;
  const given = cases['gt-251'];
  assert.ok(given);
  const { invented: _invented, ...content } = given.content;
  const {
    number: _number,
    filedAt: _filedAt,
    exercise: _exercise,
    ...draft
  } = sampleRecord(instrument, given, { status: 'actual', content });
  const text = renderRecord({ record: draft, instrument, language: 'en' });
  assert.match(text, /^NOTIFICATION OF A BALLISTIC MISSILE LAUNCH\n/);
  assert.match(text, /Number: not yet numbered\n/);
  assert.doesNotMatch(text, /EXERCISE|\[invented\]/);
});

test('free text is shown in its own language and never translated', () => {
  const given = cases['gt-251'];
  assert.ok(given);
  const instrument = instruments.full;
  const record = sampleRecord(instrument, given, { narrative: { language: 'zh', text: '一切按计划进行。' } });
  assert.match(
    renderRecord({ record, instrument, language: 'en' }),
    /Text in its own language \(zh\), not translated here:\n一切按计划进行。\n/,
  );
});

for (const language of languages) {
  test(`an acknowledgement and a receipt read in ${language} as their golden files`, () => {
    const given = cases['df-31ag'];
    assert.ok(given);
    const base = sampleRecord(instruments.full, given);
    const core = (format: string, content: RecordEnvelope['content']): RecordEnvelope => ({
      ...base,
      number: `CORE/US/26/000004/${format}`,
      class: 'acknowledgement',
      precedence: { action: 'R', info: 'R' },
      originator: { centre: 'US', role: format === 'ACK' ? 'watch-officer' : 'machine' },
      action: ['CN'],
      basis: { agreement: 'CORE', version: coreVersion, article: '1', format },
      content,
    });
    const log = 'cn.anshin.example/us-cn/exercise';
    golden(`ack.${language}`, renderCore(stable(core('ACK', { rung: 'A1', log, index: 7, outcome: 'received' })), language));
    const receipt = { log, from: 0, to: 8, size: 8, root: 'ab'.repeat(32), receivedAt: '2026-11-22T06:00:02.125Z', lane: 'next' };
    golden(`receipt.${language}`, renderCore(stable(core('RECEIPT', receipt)), language));
  });
}

/** A version's hash follows every change of an agreement's words; the golden files show one that stays. */
function stable(record: RecordEnvelope): RecordEnvelope {
  return { ...record, basis: { ...record.basis, version: '0123456789abcdef'.repeat(4) } };
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkInstrument } from '#agreement/check.ts';
import { loadInstrument } from '#agreement/instrument.ts';
import { publishedFiles, publishedInstrument } from '#agreement/sample-cases.ts';
import { bytesOfText } from '#base/bytes.ts';

for (const profile of ['full', '1988-minimal'] as const) {
  test(`${profile}: the published folder has no problem, and every file counts in its hash`, () => {
    const files = publishedFiles(readFileSync, profile);
    assert.deepEqual(checkInstrument(files), []);
    const { hash } = publishedInstrument(readFileSync, profile);
    for (const [path, bytes] of files) {
      const changed = loadInstrument(new Map([...files, [path, new Uint8Array([...bytes, 0x0a])]]));
      assert.ok(changed.ok && changed.value.hash !== hash, path);
    }
  });
}

test('the two profiles are two versions of one agreement', () => {
  const full = publishedInstrument(readFileSync, 'full');
  const minimal = publishedInstrument(readFileSync, '1988-minimal');
  assert.equal(full.shortName, minimal.shortName);
  assert.notEqual(full.hash, minimal.hash);
  assert.deepEqual([...minimal.formats.keys()], ['NOTIFY']);
  assert.equal(full.formats.get('ANOMALY')?.preAuthorised, true);
  assert.deepEqual([...full.title.keys()], ['en', 'zh', 'ja']);
  for (const fact of [...full.facts, ...minimal.facts])
    assert.ok(['treaty-or-report', 'general-knowledge', 'proposal'].includes(fact.certainty));
});

/** The problems of the full profile after one replacement in one file; the replacement must be found. */
function problemsAfter(path: string, from: string, to: string): readonly string[] {
  const files = publishedFiles(readFileSync, 'full');
  const text = new TextDecoder().decode(files.get(path));
  assert.ok(text.includes(from), `${path} has ${from}`);
  files.set(path, bytesOfText(text.replace(from, to)));
  assert.ok(!loadInstrument(files).ok);
  return checkInstrument(files).map(({ file, reason }) => `${file}: ${reason}`);
}

const main = 'instrument.json';
const broken: readonly (readonly [string, string, string, string, RegExp])[] = [
  ['a fact without a source', main, '"source": "Proposal"', '"source": " - "', /fact before-the-window has no source/],
  ['a certainty that is none', main, '"certainty": "proposal"', '"certainty": "likely"', /certainty expected one of/],
  [
    'a choice that rests on no fact',
    main,
    '"facts": ["whole-life"]',
    '"facts": ["hearsay"]',
    /rests on hearsay, which is not a fact/,
  ],
  [
    'an expression outside the subset',
    main,
    'content.ordinal <= prior.content.count',
    'content.ordinal / 2 <= 1',
    /rule ordinal-in-count: the operator \//,
  ],
  ['a name that expressions do not have', main, 'content.ordinal <= prior.content.count', 'ordinal <= 1', /the name ordinal/],
  [
    'a transition missing',
    main,
    '{ "outcome": "moves", "from": "none", "on": "NOTIFY", "to": "notified" },',
    '',
    /no transition for none × NOTIFY/,
  ],
  ['a duration that is none', main, '"minimum": "PT24H"', '"minimum": "1 day"', /expected a duration/],
  [
    'a pointer that leads nowhere',
    main,
    '"at": "/missileClass"',
    '"at": "/missileKind"',
    /\/missileKind is not a field of NOTIFY/,
  ],
  [
    'a field that no line shows',
    main,
    '{ "label": "count", "at": "/count", "as": "integer" },',
    '',
    /NOTIFY: no line of the layout shows count/,
  ],
  ['a way of showing that is none', main, '"as": "km"', '"as": "miles"', /miles is not a way of showing/],
  [
    'a schema keyword outside the subset',
    'formats/CANCEL.json',
    '"type": "object"',
    '"type": "object", "not": {}',
    /formats\/CANCEL.json: schema/,
  ],
  ['a list without end', 'formats/UPDATE.json', '"maxItems": 64', '"maxItems": 65', /at most 64 are allowed/],
  ['a code without words', 'texts/zh.json', '"SLBM"', '"SLB"', /texts\/zh.json: .*code.missileClass.SLBM is missing/],
  [
    'a language missing',
    main,
    '"languages": ["en", "zh", "ja"]',
    '"languages": ["en", "zh"]',
    /texts\/ja.json: is used by nothing/,
  ],
  ['a template that hides a field', 'texts/ja.json', '、{telephone}', '', /template.contact does not show telephone/],
  [
    'a template that needs what may be absent',
    'texts/en.json',
    '[[, {radioKHz:integer} kHz]]',
    ', {radioKHz:integer} kHz',
    /\{radioKHz\} may be absent/,
  ],
  ['a file that is not JSON', 'texts/en.json', '{', '', /texts\/en.json: is not JSON/],
];

for (const [name, path, from, to, expected] of broken) {
  test(`${name} is found by the check`, () => {
    const problems = problemsAfter(path, from, to);
    assert.ok(
      problems.some((problem) => expected.test(problem)),
      problems.join('\n'),
    );
  });
}

test('a missing file, a stranger and a folder of nothing are refused', () => {
  const files = publishedFiles(readFileSync, 'full');
  files.set('formats/SECRET.json', bytesOfText('{}'));
  assert.deepEqual(checkInstrument(files), [{ file: 'formats/SECRET.json', reason: 'is used by nothing in instrument.json' }]);
  files.delete('formats/SECRET.json');
  files.delete('texts/ja.json');
  assert.deepEqual(checkInstrument(files), [{ file: 'texts/ja.json', reason: 'is missing' }]);
  const empty = loadInstrument(new Map());
  assert.equal(empty.ok ? 'loaded' : empty.refusal.code, 'agreement.form');
});

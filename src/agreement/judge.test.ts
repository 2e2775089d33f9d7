import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { computedOf } from '#agreement/geometry.ts';
import { judgeContent, leastPrecedence } from '#agreement/judge.ts';
import type { Matter } from '#agreement/matter.ts';
import { launchCases, matterOfRecords, publishedInstrument, sampleRecord } from '#agreement/sample-cases.ts';
import type { RecordEnvelope } from '#record/envelope-schema.ts';

const instrument = publishedInstrument(readFileSync, 'full');
const minimal = publishedInstrument(readFileSync, '1988-minimal');
const cases = launchCases(readFileSync);

function record(name: string, change: Partial<RecordEnvelope> = {}): RecordEnvelope {
  const given = cases[name];
  assert.ok(given, name);
  return sampleRecord(given.profile === 'full' ? instrument : minimal, given, change);
}
/** The record of a case with parts of its content replaced; undefined takes a part out. */
function withContent(
  name: string,
  change: Readonly<Record<string, unknown>>,
  others: Partial<RecordEnvelope> = {},
): RecordEnvelope {
  const whole = record(name, others);
  const content = Object.fromEntries(Object.entries({ ...whole.content, ...change }).filter(([, value]) => value !== undefined));
  return { ...whole, content };
}
function at(scenarioAt: string): Pick<RecordEnvelope, 'exercise'> & { exercise: NonNullable<RecordEnvelope['exercise']> } {
  return { exercise: { name: 'Quiet Window', scenarioAt } };
}
const notified = matterOfRecords(instrument, [record('df-31ag')]);
const judge = (each: RecordEnvelope, prior: Matter | null) =>
  judgeContent({ record: each, instrument: each.basis.version === minimal.hash ? minimal : instrument, prior });

test('both launches are accepted from notice to report', () => {
  const china = matterOfRecords(instrument, [record('df-31ag'), record('df-31ag-update'), record('df-31ag-launched')]);
  assert.deepEqual([china.state, china.steps.map(({ format }) => format)], ['launched', ['NOTIFY', 'UPDATE', 'LAUNCHED']]);
  const american = matterOfRecords(instrument, [
    record('gt-251'),
    record('gt-251-anomaly', { originator: { centre: 'US', role: 'watch-officer' } }),
  ]);
  assert.equal(american.state, 'anomalous');
  assert.equal(matterOfRecords(minimal, [record('submarine-1988')]).state, 'notified');
});

test('a postponement moves the window and leaves the other terms', () => {
  const matter = matterOfRecords(instrument, [record('df-31ag'), record('df-31ag-postpone')]);
  assert.equal(matter.state, 'postponed');
  assert.deepEqual(matter.terms, { ...record('df-31ag').content, window: record('df-31ag-postpone').content['window'] });
  assert.deepEqual(
    matter.clocks.filter(({ startedBy }) => startedBy.endsWith('POSTPONE')).map(({ aspect }) => aspect),
    ['window'],
  );
});

test('an update restarts the clock of what it widens or moves, and of nothing else', () => {
  const restarted = (change: Readonly<Record<string, unknown>>): readonly string[] => {
    const update = withContent('df-31ag-update', {
      impactAreas: record('df-31ag').content['impactAreas'],
      changes: Object.keys(change),
      ...change,
    });
    const judged = judge(update, notified);
    assert.ok(judged.ok, judged.ok ? '' : judged.refusal.detail);
    return judged.value.matter.clocks.filter(({ startedBy }) => startedBy === update.number).map(({ aspect }) => aspect);
  };
  const circle = (radiusM: number, lonE6 = -146_500_000): unknown => [
    { kind: 'circle', centre: { latE6: -10_500_000, lonE6 }, radiusM },
  ];
  assert.deepEqual(restarted({ impactAreas: circle(90_000) }), ['impact-areas']);
  assert.deepEqual(restarted({ impactAreas: circle(30_000) }), []);
  const moved = { rangeKm: 11_708, azimuth: { kind: 'bearing', tenths: 958 } };
  assert.deepEqual(restarted({ impactAreas: circle(60_000, -146_400_000), trajectory: moved }), ['trajectory', 'impact-areas']);
  assert.deepEqual(restarted({ window: { opens: '2024-09-25T00:10:00.000Z', closes: '2024-09-25T02:30:00.000Z' } }), ['window']);
  assert.deepEqual(restarted({ window: { opens: '2024-09-25T00:20:00.000Z', closes: '2024-09-25T02:31:00.000Z' } }), ['window']);
  assert.deepEqual(restarted({ window: { opens: '2024-09-25T00:30:00.000Z', closes: '2024-09-25T02:20:00.000Z' } }), []);
  assert.deepEqual(restarted({ count: 2 }), ['count']);
});

interface RefusedCase {
  readonly name: string;
  readonly record: RecordEnvelope;
  readonly prior: Matter | null;
  readonly code: string;
}
const long = { opens: '2024-09-25T00:20:00.000Z', closes: '2024-09-30T00:20:00.001Z' };
const backwards = { opens: '2024-09-25T02:30:00.000Z', closes: '2024-09-25T00:20:00.000Z' };
const bowTie = [
  [0, 0],
  [10, 10],
  [0, 10],
  [10, 0],
].map(([lat, lon]) => ({ latE6: (lat ?? 0) * 1_000_000, lonE6: (lon ?? 0) * 1_000_000 }));
const actual = { status: 'actual' } as const;
const short = { missileClass: 'SRBM', trajectory: record('df-31ag').content['trajectory'] };
const refused: readonly RefusedCase[] = [
  {
    name: 'another version',
    record: { ...record('df-31ag'), basis: { ...record('df-31ag').basis, version: '11'.repeat(32) } },
    prior: null,
    code: 'agreement.unknown',
  },
  {
    name: 'a format that is not there',
    record: { ...record('df-31ag'), basis: { ...record('df-31ag').basis, format: 'RECALL' } },
    prior: null,
    code: 'agreement.format',
  },
  { name: 'another class', record: record('df-31ag', { class: 'goodwill' }), prior: null, code: 'agreement.format' },
  {
    name: 'another article',
    record: { ...record('df-31ag'), basis: { ...record('df-31ag').basis, article: '9' } },
    prior: null,
    code: 'agreement.format',
  },
  {
    name: 'a notice by a watch officer alone',
    record: record('df-31ag', { originator: { centre: 'CN', role: 'watch-officer' } }),
    prior: null,
    code: 'agreement.format',
  },
  { name: 'a missing field', record: withContent('df-31ag', { count: undefined }), prior: null, code: 'agreement.content' },
  { name: 'invented fields in actual traffic', record: record('df-31ag', actual), prior: null, code: 'agreement.content' },
  {
    name: 'an invented field that is not there',
    record: withContent('df-31ag', { dropZones: undefined, invented: ['dropZones'] }),
    prior: null,
    code: 'agreement.content',
  },
  {
    name: 'a window that closes before it opens',
    record: withContent('df-31ag', { window: backwards }),
    prior: null,
    code: 'agreement.content',
  },
  {
    name: 'a window of more than five days',
    record: withContent('df-31ag', { window: long }),
    prior: null,
    code: 'agreement.content',
  },
  {
    name: 'an area that crosses itself',
    record: withContent('df-31ag', { dropZones: [{ kind: 'polygon', vertices: bowTie }] }),
    prior: null,
    code: 'agreement.area',
  },
  {
    name: 'a range two kilometres off',
    record: withContent('df-31ag', { trajectory: { rangeKm: 11_699, azimuth: { kind: 'bearing', tenths: 959 } } }),
    prior: null,
    code: 'agreement.area',
  },
  {
    name: 'an azimuth two tenths off',
    record: withContent('df-31ag', { trajectory: { rangeKm: 11_697, azimuth: { kind: 'bearing', tenths: 957 } } }),
    prior: null,
    code: 'agreement.area',
  },
  {
    name: 'a sector that leaves the azimuth out',
    record: withContent('df-31ag', {
      trajectory: { rangeKm: 11_697, azimuth: { kind: 'sector', fromTenths: 3500, toTenths: 900 } },
    }),
    prior: null,
    code: 'agreement.area',
  },
  { name: 'a class out of scope', record: withContent('df-31ag', short), prior: null, code: 'agreement.scope' },
  {
    name: 'an update of nothing',
    record: record('df-31ag-update', { references: [] }),
    prior: null,
    code: 'agreement.life-cycle',
  },
  { name: 'an update of a matter unknown here', record: record('df-31ag-update'), prior: null, code: 'agreement.reference' },
  {
    name: 'an update without its reference',
    record: record('df-31ag-update', { references: [] }),
    prior: notified,
    code: 'agreement.reference',
  },
  {
    name: 'another state’s matter',
    record: record('df-31ag-cancel', { originator: { centre: 'US', role: 'releaser' } }),
    prior: notified,
    code: 'agreement.reference',
  },
  {
    name: 'a matter of another status',
    record: record('df-31ag-cancel', { status: 'test' }),
    prior: { ...notified, status: 'test' },
    code: 'agreement.content',
  },
  {
    name: 'an exercise about an actual matter',
    record: record('df-31ag-cancel'),
    prior: { ...notified, status: 'actual' },
    code: 'agreement.reference',
  },
  { name: 'a second notice of one matter', record: record('df-31ag'), prior: notified, code: 'agreement.life-cycle' },
  {
    name: 'a cancellation after the window',
    record: record('df-31ag-cancel', at('2024-09-25T02:30:00.001Z')),
    prior: notified,
    code: 'agreement.life-cycle',
  },
  {
    name: 'changes that are not the changes',
    record: withContent('df-31ag-update', { changes: ['window'] }),
    prior: notified,
    code: 'agreement.content',
  },
  {
    name: 'a postponement to an earlier time',
    record: withContent(
      'df-31ag-postpone',
      { window: { opens: '2024-09-25T00:19:00.000Z', closes: '2024-09-25T02:00:00.000Z' } },
      { precedence: { action: 'O', info: 'R' } },
    ),
    prior: notified,
    code: 'agreement.content',
  },
  {
    name: 'more launches than notified',
    record: withContent('df-31ag-launched', { ordinal: 2 }),
    prior: notified,
    code: 'agreement.content',
  },
  {
    name: 'a launch in the future',
    record: withContent('df-31ag-launched', { launchedAt: '2024-09-25T01:21:00.000Z' }),
    prior: notified,
    code: 'agreement.content',
  },
  {
    name: 'too low a precedence',
    record: record('df-31ag', { precedence: { action: 'P', info: 'R' } }),
    prior: null,
    code: 'agreement.precedence',
  },
  {
    name: 'FLASH for a notice',
    record: record('df-31ag', { precedence: { action: 'Z', info: 'R' } }),
    prior: null,
    code: 'agreement.precedence',
  },
  {
    name: 'information above action',
    record: record('df-31ag', { precedence: { action: 'O', info: 'Z' } }),
    prior: null,
    code: 'agreement.precedence',
  },
  {
    name: 'a day that does not exist',
    record: withContent('submarine-1988', { plannedDate: '2024-06-31' }),
    prior: null,
    code: 'agreement.content',
  },
  {
    name: 'an ICBM from the sea',
    record: withContent('submarine-1988', { missileClass: 'ICBM' }),
    prior: null,
    code: 'agreement.content',
  },
];

for (const { name, record: each, prior, code } of refused) {
  test(`${name} is refused with ${code}`, () => {
    const judged = judge(each, prior);
    assert.equal(judged.ok ? 'accepted' : judged.refusal.code, code, judged.ok ? '' : judged.refusal.detail);
  });
}

test('a precedence that was right an hour before filing stands', () => {
  const filed = (scenarioAt: string) =>
    judge(record('df-31ag', { precedence: { action: 'P', info: 'R' }, ...at(scenarioAt) }), null);
  assert.ok(filed('2024-09-23T19:19:59.999Z').ok);
  assert.ok(!filed('2024-09-23T19:20:00.001Z').ok);
  assert.ok(judge(record('gt-251', { precedence: { action: 'O', info: 'P' } }), null).ok);
});

test('an anomaly needs no notice, and may be released by the watch officer alone', () => {
  const alone = record('gt-251-anomaly', { references: [], originator: { centre: 'US', role: 'watch-officer' } });
  const judged = judge(alone, null);
  assert.equal(judged.ok ? judged.value.matter.state : judged.refusal.detail, 'anomalous');
});

test('a launch of a shorter class is in scope by range and sector', () => {
  assert.ok(judge(withContent('df-31ag', { missileClass: 'IRBM' }), null).ok);
  const near = { latE6: 19_900_000, lonE6: 120_000_000 };
  const short = {
    missileClass: 'IRBM',
    impactAreas: [{ kind: 'circle', centre: near, radiusM: 1_000 }],
    trajectory: { rangeKm: 941, azimuth: { kind: 'bearing', tenths: 885 } },
  };
  const judged = judge(withContent('df-31ag', short), null);
  assert.equal(judged.ok ? 'accepted' : judged.refusal.code, 'agreement.scope');
});

test('a condition that cannot be decided refuses nothing, and is named', () => {
  const first = { ...record('gt-251-anomaly', { references: [] }), originator: { centre: 'CN', role: 'watch-officer' } } as const;
  const open = judge(first, null);
  assert.ok(open.ok);
  const { references } = record('df-31ag-launched');
  const judged = judge(record('df-31ag-launched', { references }), open.value.matter);
  assert.deepEqual(judged.ok ? judged.value.undecided.map(({ id }) => id) : judged.refusal.detail, ['ordinal-in-count']);
});

test('a form is told the precedence asked for, and the range and bearing from the places drafted', () => {
  const asked = (name: string, prior: Matter | null) => leastPrecedence({ record: record(name), instrument, prior });
  assert.deepEqual([asked('df-31ag', null), asked('gt-251', null), asked('df-31ag-postpone', notified)], ['O', 'P', 'P']);
  assert.deepEqual(computedOf(instrument.text.geometry, record('gt-251').content), { rangeKm: 7743, bearingTenths: 2669 });
  assert.equal(computedOf(instrument.text.geometry, { launchArea: { kind: 'water' } }), undefined);
});

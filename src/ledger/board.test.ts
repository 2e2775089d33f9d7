import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldBoard, type HeldLog, type RecordFact, type RecordStatus, type Standing } from '#ledger/board.ts';
import type { Catalogue } from '#ledger/catalogue-file.ts';
import type { Actor, Measure } from '#ledger/measure.ts';

const blank = { en: '-', zh: '-', ja: '-' };
const catalogue: Catalogue = {
  measures: [
    measureOf('A2.CN.1', 'CN', { formats: ['BMLN/*'], agreements: [] }),
    measureOf('B1', 'both', { formats: ['BMLN/*'], agreements: ['BMLN'] }),
    measureOf('B2', 'both', { formats: ['*/*'], agreements: [] }),
    measureOf('B3.2', 'P5', { formats: [], agreements: [] }),
  ],
  challenges: [],
  reading: blank,
  papers: [],
  views: [],
  notes: [],
  terms: [],
};

interface Links {
  readonly formats: readonly string[];
  readonly agreements: readonly string[];
}

function measureOf(id: string, actor: Actor, linked: Links): Measure {
  return {
    id,
    step: 'N',
    actor,
    title: blank,
    text: blank,
    authoritative: 'en',
    way: 'institutions',
    domains: [],
    hotspots: [],
    source: { paper: 'B', section: 'bilateral' },
    views: [],
    legalStatus: 'political',
    kind: 'notify',
    verifiability: 'exchanged-records',
    linkedFormats: linked.formats,
    linkedAgreements: linked.agreements,
    terms: [],
    indicators: { kept: [blank], broken: [blank] },
  };
}

function factOf(owner: string, index: number, change: Partial<RecordFact>): RecordFact {
  const status = change.status ?? 'actual';
  return {
    origin: `${owner.toLowerCase()}.example/us-cn/${status}`,
    owner,
    index,
    number: `BMLN/${owner}/26/00000${index}/NOTIFY`,
    status,
    agreement: 'BMLN',
    format: 'NOTIFY',
    adopts: null,
    filedAtMs: 1_000,
    receivedAtMs: null,
    scenarioAtMs: null,
    ...change,
  };
}

function held(size: number): readonly HeldLog[] {
  const statuses: readonly RecordStatus[] = ['actual', 'exercise', 'test'];
  return ['CN', 'US'].flatMap((owner) =>
    statuses.map((status) => ({ origin: `${owner.toLowerCase()}.example/us-cn/${status}`, owner, status, size, urgent: [] })),
  );
}

function standings(facts: readonly RecordFact[], logs: readonly HeldLog[], timeMs: number): Readonly<Record<string, Standing>> {
  const { entries } = foldBoard({ catalogue, facts, held: logs, timeMs });
  return Object.fromEntries(entries.map(({ measure, actual }) => [measure.id, actual]));
}

const nothing: Standing = { kind: 'nothing-on-record' };
const adoption = { agreement: 'CORE', format: 'ADOPT', adopts: 'BMLN' };

test('with no records every measure has nothing on record', () => {
  const board = foldBoard({ catalogue, facts: [], held: [], timeMs: 5_000 });
  assert.deepEqual(
    board.entries.map(({ actual, exercise }) => [actual, exercise]),
    catalogue.measures.map(() => [nothing, nothing]),
  );
  assert.equal(board.exerciseShown, false);
});

test('an adoption moves the measure of its agreement, one side at a time', () => {
  const ours = factOf('CN', 0, adoption);
  const theirs = factOf('US', 0, { ...adoption, receivedAtMs: 3_000 });
  const sidesAt = (timeMs: number) => {
    const standing = standings([ours, theirs], held(1), timeMs)['B1'];
    return standing?.kind === 'on-record' ? standing.sides : undefined;
  };
  assert.deepEqual(sidesAt(2_999), [
    { centre: 'CN', adopted: true, records: 1 },
    { centre: 'US', adopted: false, records: 0 },
  ]);
  assert.deepEqual(sidesAt(3_000), [
    { centre: 'CN', adopted: true, records: 1 },
    { centre: 'US', adopted: true, records: 1 },
  ]);
});

test('adopting another agreement moves the centre’s own measure only', () => {
  const moved = standings([factOf('CN', 0, { ...adoption, adopts: 'MMA' })], held(1), 5_000);
  assert.deepEqual([moved['B1'], moved['B2']?.kind], [nothing, 'on-record']);
});

test('nobody’s record moves what another alone is asked to do', () => {
  assert.deepEqual(standings([factOf('US', 0, {})], held(1), 5_000)['A2.CN.1'], nothing);
  assert.equal(standings([factOf('CN', 0, {})], held(1), 5_000)['A2.CN.1']?.kind, 'on-record');
});

test('what is not held yet does not count, unless it came ahead as urgent', () => {
  const fact = factOf('CN', 7, {});
  assert.deepEqual(standings([fact], held(7), 5_000)['B1'], nothing);
  const urgent = held(3).map((log) => ({ ...log, urgent: [7] }));
  assert.equal(standings([fact], urgent, 5_000)['B1']?.kind, 'on-record');
});

test('a record whose status or owner is not its log’s does not count', () => {
  const strayStatus = factOf('CN', 0, { origin: 'cn.example/us-cn/actual', status: 'exercise' });
  const strayOwner = factOf('US', 0, { origin: 'cn.example/us-cn/actual' });
  assert.deepEqual(standings([strayStatus, strayOwner], held(9), 5_000)['B2'], nothing);
});

const anyFact = fc
  .record({
    owner: fc.constantFrom('CN', 'US'),
    index: fc.nat(9),
    status: fc.constantFrom<RecordStatus>('actual', 'exercise', 'test'),
    adopts: fc.constantFrom(null, 'BMLN'),
    filedAtMs: fc.nat(4_000),
  })
  .map(({ owner, index, ...change }) => factOf(owner, index, change));
const anyFacts = fc.uniqueArray(anyFact, { selector: ({ origin, index }) => `${origin} ${index}`, maxLength: 30 });

test('property: the order in which facts are handed in does not matter', () => {
  fc.assert(
    fc.property(anyFacts, fc.nat(10), fc.nat(4_000), (facts, size, timeMs) => {
      const question = { catalogue, held: held(size), timeMs };
      assert.deepEqual(foldBoard({ ...question, facts }), foldBoard({ ...question, facts: facts.toReversed() }));
    }),
  );
});

test('property: exercises and tests never change what is actual, and tests change nothing', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const fold = (statuses: readonly RecordStatus[]) =>
        foldBoard({ catalogue, facts: facts.filter(({ status }) => statuses.includes(status)), held: held(10), timeMs: 5_000 });
      const all = fold(['actual', 'exercise', 'test']);
      assert.deepEqual(
        all.entries.map(({ actual }) => actual),
        fold(['actual']).entries.map(({ actual }) => actual),
      );
      assert.deepEqual(
        all.entries.map(({ exercise }) => exercise),
        fold(['exercise']).entries.map(({ exercise }) => exercise),
      );
      assert.equal(
        all.exerciseShown,
        facts.some(({ status }) => status === 'exercise'),
      );
    }),
  );
});

test('property: holding more, later, never loses evidence', () => {
  fc.assert(
    fc.property(anyFacts, fc.nat(9), fc.nat(3_999), (facts, size, timeMs) => {
      const evidence = (held: readonly HeldLog[], at: number) =>
        foldBoard({ catalogue, facts, held, timeMs: at }).entries.flatMap(({ measure, actual }) =>
          actual.kind === 'on-record' ? actual.evidence.map((fact) => `${measure.id} ${fact.origin} ${fact.index}`) : [],
        );
      const later = new Set(evidence(held(size + 1), timeMs + 1));
      assert.ok(evidence(held(size), timeMs).every((each) => later.has(each)));
    }),
  );
});

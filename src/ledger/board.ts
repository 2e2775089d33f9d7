import type { TimeMs } from '#base/time.ts';
import type { Catalogue } from '#ledger/catalogue-file.ts';
import { coversFormat } from '#ledger/linked-format.ts';
import type { Actor, Measure } from '#ledger/measure.ts';

export type RecordStatus = 'actual' | 'exercise' | 'test';

/** What the board needs of one acceptable record. What is void by the rules of acceptance is never handed in. */
export interface RecordFact {
  readonly origin: string;
  readonly owner: string;
  readonly index: number;
  readonly number: string;
  readonly status: RecordStatus;
  readonly agreement: string;
  readonly format: string;
  /** Short name of the agreement that the record adopts; null when it adopts none. */
  readonly adopts: string | null;
  readonly filedAtMs: TimeMs;
  /** When this centre had it; null for this centre's own statements. */
  readonly receivedAtMs: TimeMs | null;
  /** The scenario's time in an exercise; null otherwise. */
  readonly scenarioAtMs: TimeMs | null;
}

/** How much of one log is here: every leaf below `size`, and the urgent ones beyond it. */
export interface HeldLog {
  readonly origin: string;
  readonly owner: string;
  readonly status: RecordStatus;
  readonly size: number;
  readonly urgent: readonly number[];
}

/** One party of a measure: what its own log says, and no more. */
export interface SideStanding {
  readonly centre: string;
  readonly adopted: boolean;
  readonly records: number;
}

/** Absence of records is its own answer: neither compliance nor breach. */
export type Standing =
  | { readonly kind: 'nothing-on-record' }
  | { readonly kind: 'on-record'; readonly sides: readonly SideStanding[]; readonly evidence: readonly RecordFact[] };

export interface BoardEntry {
  readonly measure: Measure;
  readonly actual: Standing;
  /** What exercises say, which never touches `actual`. */
  readonly exercise: Standing;
}

export interface Board {
  readonly timeMs: TimeMs;
  /** The held sizes that the answer rests on, exercise and test logs among them. */
  readonly restsOn: readonly HeldLog[];
  readonly entries: readonly BoardEntry[];
  readonly exerciseShown: boolean;
}

export interface BoardQuestion {
  readonly catalogue: Catalogue;
  readonly facts: readonly RecordFact[];
  readonly held: readonly HeldLog[];
  readonly timeMs: TimeMs;
}

/** Folds the records held at a time into the board. Test records move nothing. */
export function foldBoard({ catalogue, facts, held, timeMs }: BoardQuestion): Board {
  const known = knownFacts(facts, held, timeMs);
  const entries = catalogue.measures.map((measure) => ({
    measure,
    actual: standingOf(measure, known, 'actual'),
    exercise: standingOf(measure, known, 'exercise'),
  }));
  const exerciseShown = entries.some(({ exercise }) => exercise.kind === 'on-record');
  return { timeMs, restsOn: held.toSorted(byOrigin), entries, exerciseShown };
}

/** The centres whose statements can bear on a measure: its actors', since nobody speaks for another. */
function partiesOf(actor: Actor): readonly string[] {
  switch (actor) {
    case 'US':
      return ['US'];
    case 'CN':
      return ['CN'];
    case 'both':
      return ['CN', 'US'];
    case 'P5':
      return ['CN', 'FR', 'GB', 'RU', 'US'];
  }
}

function knownFacts(facts: readonly RecordFact[], held: readonly HeldLog[], timeMs: TimeMs): readonly RecordFact[] {
  const logs = new Map(held.map((log) => [log.origin, { ...log, urgent: new Set(log.urgent) }]));
  const seen = new Map<string, RecordFact>();
  for (const fact of facts) {
    const log = logs.get(fact.origin);
    if (log === undefined || log.owner !== fact.owner || log.status !== fact.status) continue;
    if (fact.index >= log.size && !log.urgent.has(fact.index)) continue;
    if ((fact.receivedAtMs ?? fact.filedAtMs) > timeMs) continue;
    seen.set(`${fact.index} ${fact.origin}`, fact);
  }
  return [...seen.values()].toSorted(byPlace);
}

function standingOf(measure: Measure, known: readonly RecordFact[], status: RecordStatus): Standing {
  const parties = partiesOf(measure.actor);
  const evidence = known.filter((fact) => fact.status === status && parties.includes(fact.owner) && bearsOn(measure, fact));
  if (evidence.length === 0) return { kind: 'nothing-on-record' };
  const sides = parties.map((centre) => {
    const own = evidence.filter((fact) => fact.owner === centre);
    return { centre, adopted: own.some((fact) => adoptsFor(measure, fact)), records: own.length };
  });
  return { kind: 'on-record', sides, evidence };
}

function bearsOn(measure: Measure, fact: RecordFact): boolean {
  return adoptsFor(measure, fact) || measure.linkedFormats.some((pattern) => coversFormat(pattern, fact));
}

function adoptsFor(measure: Measure, fact: RecordFact): boolean {
  return fact.adopts !== null && measure.linkedAgreements.includes(fact.adopts);
}

/** Inside a log the index orders; between logs only the name does: no two clocks are compared. */
function byPlace(a: RecordFact, b: RecordFact): number {
  return byOrigin(a, b) || a.index - b.index;
}

function byOrigin(a: { readonly origin: string }, b: { readonly origin: string }): number {
  if (a.origin === b.origin) return 0;
  return a.origin < b.origin ? -1 : 1;
}

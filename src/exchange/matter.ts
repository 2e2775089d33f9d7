import { stateAt } from '#agreement/judge.ts';
import { type Margin, marginsOf, worstOf } from '#agreement/margin.ts';
import type { MarginState } from '#agreement/margin-state.ts';
import type { Matter } from '#agreement/matter.ts';
import type { Provision } from '#agreement/provision.ts';
import { pageMax } from '#base/limits.ts';
import { type AddresseeReading, addresseesOf, type Moment, type PlacedRecord, provisionOf } from '#exchange/addressee.ts';
import { type Folds, type HeldLog, saidOf } from '#exchange/folds.ts';
import { type Entry, type Judgement, type Place, placeKey, type RefusalMade, recordKey } from '#exchange/log-view.ts';
import { refold } from '#exchange/matter-step.ts';
import { indexKey, indexOfKey, keysUnder, type Shelf } from '#exchange/shelf.ts';
import { standingOf } from '#exchange/standing.ts';
import { entryOf, type LogReader, matterOf } from '#exchange/verdict.ts';
import { coreAgreement } from '#record/core-formats.ts';
import type { RecordEnvelope } from '#record/envelope-schema.ts';

/** What the logs of others say of a record; of each list at most `pageMax`, the first, and how many there are. */
export interface SaidAbroad {
  /** Refusals of it that other parties logged. */
  readonly refusals: readonly (RefusalMade & { readonly log: string; readonly centre: string })[];
  readonly refusalCount: number;
  /** Records of other logs that refer to it: answers, evidence. */
  readonly citedBy: readonly Place[];
  readonly citedByCount: number;
}

/** One record of a matter: how it stands by the rules, and with each addressee. */
interface RecordReading extends PlacedRecord, SaidAbroad {
  readonly standing: Judgement;
  /** Conditions of its agreement that could not be decided, and so refused nothing. */
  readonly undecided: Entry['undecided'];
  readonly addressees: readonly AddresseeReading[];
}

/** The deadlines of a matter toward one action addressee. */
interface Due {
  readonly centre: string;
  readonly margins: readonly Margin[];
  /** The state that matters most; null where no deadline applies. */
  readonly worst: MarginState | null;
}

/**
 * A notification with everything that refers to it, at the time asked about. Both sides read the same at equal held sizes, equal
 * cosignatures and one time; `restsOn` says which sizes those are.
 */
export interface MatterReading {
  readonly place: Place;
  readonly standing: Judgement;
  /** What its agreement makes of the records that stand; null for an orderwire, or where the agreement is not known. */
  readonly matter: Matter | null;
  /** Its state in the agreement's life cycle at that time. */
  readonly state: string | null;
  /** In the order of their log; the first begins the matter. */
  readonly records: readonly RecordReading[];
  readonly due: readonly Due[];
  /** Whether a record of it is a FLASH that sounds the alarm. */
  readonly alarm: boolean;
  readonly at: Moment;
  readonly restsOn: readonly HeldLog[];
}

/** Reads the matter that a record belongs to; undefined if there is no such record here. Throws nothing, changes nothing. */
export function readMatter(folds: Folds, place: Place, at: Moment): MatterReading | undefined {
  const log = folds.log(place.log);
  const entry = log === undefined ? undefined : entryOf(log, place.index);
  if (log === undefined || entry === undefined) return undefined;
  const records = entriesOf(log, entry.root).map((each) => readRecord(folds, each, { log: place.log, at }));
  const [first] = records;
  if (first === undefined) return undefined;
  const standing = records.filter((each) => each.standing.kind !== 'void');
  const matter = matterStanding(folds, { log, records, standing });
  return {
    place: first.place,
    standing: first.standing,
    matter,
    state: stateNow(folds, first.record, { matter, at }),
    records,
    due: matter === null ? [] : dueOf(folds, { matter, standing, at }),
    alarm: standing.some(({ place: each, record }) => record.precedence.action === 'Z' && folds.sounds(each)),
    at,
    restsOn: folds.held(),
  };
}

interface ReadEntry extends Entry {
  readonly record: RecordEnvelope;
}

function entriesOf(log: LogReader, root: number): readonly ReadEntry[] {
  const key = indexKey(root);
  const indices = [root, ...(log.held.followers.get(key) ?? []), ...(log.urgent?.followers.get(key) ?? [])];
  return indices.flatMap((index) => {
    const entry = entryOf(log, index);
    return entry === undefined || entry.record === null ? [] : [{ ...entry, record: entry.record }];
  });
}

function readRecord(folds: Folds, entry: ReadEntry, { log, at }: { log: string; at: Moment }): RecordReading {
  const place = { log, index: entry.index };
  const placed = { place, id: entry.id, record: entry.record };
  return {
    ...placed,
    standing: standingOf(folds, place) ?? entry.judgement,
    undecided: entry.undecided,
    addressees: addresseesOf(folds, placed, at),
    ...saidAbroad(folds, placed),
  };
}

/** What the logs of others say of a record, void ones included: those are what refusals are for. */
export function saidAbroad(folds: Folds, { place, id }: { readonly place: Place; readonly id: string }): SaidAbroad {
  const [cited, refused] = [placeKey(place), recordKey(place, id)];
  const first = <T>(shelf: Shelf<T>, key: string) => shelf.rows({ ...keysUnder(key), limit: pageMax, order: 'up' });
  const refusals = saidOf(folds, place, (view) => first(view.refusals, refused).map(({ value }) => value));
  const citations = saidOf(folds, place, (view) => first(view.citations, cited).map(({ key }) => ({ index: indexOfKey(key) })));
  const count = (key: string): number =>
    saidOf(folds, place, (view) => [{ count: view.tallies.get(key) ?? 0 }]).reduce((sum, said) => sum + said.count, 0);
  return {
    refusals: refusals.slice(0, pageMax),
    refusalCount: count(refused),
    citedBy: citations.slice(0, pageMax).map(({ log, index }) => ({ log, index })),
    citedByCount: count(cited),
  };
}

/** The matter as stage 1 left it, or made again without the records that the other logs make void. */
function matterStanding(
  folds: Folds,
  of: { readonly log: LogReader; readonly records: readonly RecordReading[]; readonly standing: readonly RecordReading[] },
): Matter | null {
  const [first] = of.records;
  if (first === undefined || first.record.basis.agreement === coreAgreement) return null;
  if (of.standing.length === of.records.length) return matterOf(of.log, first.place.index) ?? null;
  const instrument = folds.instruments(first.record.basis);
  return instrument === undefined
    ? null
    : refold(
        of.standing.map(({ record }) => record),
        instrument,
      );
}

function stateNow(folds: Folds, first: RecordEnvelope, { matter, at }: { matter: Matter | null; at: Moment }): string | null {
  const instrument = folds.instruments(first.basis);
  return matter === null || instrument === undefined ? null : stateAt(instrument, matter, countedNow(first, at));
}

/** Deadlines toward each action addressee; information addressees have no claim on one. */
function dueOf(
  folds: Folds,
  of: { readonly matter: Matter; readonly standing: readonly RecordReading[]; readonly at: Moment },
): readonly Due[] {
  const [first] = of.standing;
  const instrument = first === undefined ? undefined : folds.instruments(first.record.basis);
  if (first === undefined || instrument === undefined) return [];
  const nowMs = countedNow(first.record, of.at);
  return first.record.action.map((centre) => {
    const provisions = provisionsOf(folds, of.standing, centre);
    const margins = marginsOf({ instrument, matter: of.matter, provisions, nowMs });
    return { centre, margins, worst: worstOf(margins) ?? null };
  });
}

function provisionsOf(folds: Folds, records: readonly RecordReading[], centre: string): ReadonlyMap<string, Provision> {
  return new Map(
    records.flatMap((of) => {
      const addressee = of.addressees.find((each) => each.centre === centre);
      return addressee === undefined ? [] : [[of.record.number, provisionOf(folds, of, addressee)] as const];
    }),
  );
}

function countedNow(record: RecordEnvelope, at: Moment): number {
  return record.exercise === undefined ? at.realMs : at.scenarioMs;
}

import { type Refusal, refuse } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import { countedMs, knownTime } from '#exchange/core-acceptance.ts';
import { type Folds, type GivenReceipt, logsAbroad, receiptBy } from '#exchange/folds.ts';
import { basisKey, isSameCircle, type Judgement, type Place } from '#exchange/log-view.ts';
import { entryOf } from '#exchange/verdict.ts';
import { coreAgreement } from '#record/core-formats.ts';
import type { RecordEnvelope, Reference } from '#record/envelope-schema.ts';

const accepted: Judgement = { kind: 'accepted' };

/**
 * What the rules make of a leaf by all logs here (`spec/exchange.md` 3): stage 1, then its references into the logs of others,
 * then whether its agreement was in force when it was received. Undefined if the leaf is not here.
 */
export function standingOf(folds: Folds, place: Place): Judgement | undefined {
  const reader = folds.log(place.log);
  if (reader === undefined) return undefined;
  const wrongRoot = folds.wrongRoot(place);
  if (wrongRoot !== undefined) return isVoid(wrongRoot);
  const entry = entryOf(reader, place.index);
  if (entry === undefined) return place.index < reader.held.size || isUrgent(folds, place) ? accepted : undefined;
  if (entry.judgement.kind !== 'accepted') return entry.judgement;
  for (const reference of entry.abroad) {
    const judged = judgeAbroad(folds, reference);
    if (judged.kind !== 'accepted') return judged;
  }
  const { record } = entry;
  return record === null || record.basis.agreement === coreAgreement ? accepted : judgeForce(folds, place, record);
}

/**
 * From when an agreement's version is in force between the parties of a log's circle, on the time line that its deadlines count:
 * the later of the halves, each the earliest that a party's adoption states. Undefined while a half is missing.
 */
export function inForceFromMs(
  folds: Folds,
  origin: string,
  basis: { readonly agreement: string; readonly version: string },
): TimeMs | undefined {
  const logs = folds.identities.filter((identity) => isSameCircle(identity.origin, origin));
  const parties = logs.find((identity) => identity.origin === origin)?.parties ?? [];
  const halves = parties.map((party) => {
    const stated = logs.filter(({ owner }) => owner === party).flatMap((log) => adoptionsIn(folds, log.origin, basisKey(basis)));
    return stated.length === 0 ? undefined : Math.min(...stated);
  });
  const known = halves.filter((half) => half !== undefined);
  return known.length === 0 || known.length < halves.length ? undefined : Math.max(...known);
}

/** The earliest in what is held, and the earliest in what is beyond. */
function adoptionsIn(folds: Folds, origin: string, key: string): readonly TimeMs[] {
  const reader = folds.log(origin);
  return [reader?.held.adoptions.get(key), reader?.urgent?.adoptions.get(key)].filter((fromMs) => fromMs !== undefined);
}

/** The first A0 of a record by each other party that gave one, earliest counted time first. */
export function receiptsOf(folds: Folds, place: Place): readonly GivenReceipt[] {
  const centres = [...new Set(logsAbroad(folds, place.log).map(({ owner }) => owner))];
  return centres
    .map((centre) => receiptBy(folds, place, centre))
    .filter((receipt) => receipt !== undefined)
    .toSorted((a, b) => countedReceiptMs(a) - countedReceiptMs(b));
}

/** The time of a receipt that deadlines count: the scenario's in an exercise, else the receiver's own word. */
export function countedReceiptMs(receipt: GivenReceipt): TimeMs {
  return receipt.scenarioAtMs ?? receipt.receivedAtMs;
}

function judgeAbroad(folds: Folds, reference: Reference): Judgement {
  const { log, index, id } = reference;
  const reader = folds.log(log);
  const entry = reader === undefined ? undefined : entryOf(reader, index);
  if (entry === undefined) {
    // Traffic of passage is not kept: that it stands there is checked here, its id by whoever opens it.
    if (reader !== undefined && index < reader.held.size) return accepted;
    return { kind: 'pending', awaits: { what: 'record', log, index, id } };
  }
  if (entry.id === id) return accepted;
  const evidence = { log, index, id, found: entry.id };
  return isVoid(refuse('record.reference', `leaf ${index} of ${log} is not the record that is referred to`, evidence).refusal);
}

function judgeForce(folds: Folds, place: Place, record: RecordEnvelope): Judgement {
  const fromMs = inForceFromMs(folds, place.log, record.basis);
  const filedMs = countedMs(record, knownTime(record.filedAt));
  if (fromMs !== undefined && fromMs <= filedMs) return accepted;
  const [receipt] = receiptsOf(folds, place);
  if (receipt === undefined) return { kind: 'pending', awaits: { what: 'receipt', log: place.log, index: place.index } };
  if (fromMs !== undefined && fromMs <= countedReceiptMs(receipt)) return accepted;
  const { agreement, version } = record.basis;
  const evidence = { agreement, version, receivedAtMs: countedReceiptMs(receipt), ...(fromMs === undefined ? {} : { fromMs }) };
  return isVoid(refuse('agreement.not-in-force', `${agreement} was not in force when the record was received`, evidence).refusal);
}

function isUrgent(folds: Folds, place: Place): boolean {
  return folds.held().some(({ origin, urgent }) => origin === place.log && urgent.includes(place.index));
}

function isVoid(refusal: Refusal): Judgement {
  return { kind: 'void', refusal };
}

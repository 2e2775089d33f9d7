import type { Provision } from '#agreement/provision.ts';
import { receiptWithinMs } from '#base/limits.ts';
import type { TimeMs } from '#base/time.ts';
import { countedMs, knownTime } from '#exchange/core-acceptance.ts';
import type { CosignatureFact } from '#exchange/cosigned.ts';
import { type Folds, type GivenReceipt, receiptBy, saidOf } from '#exchange/folds.ts';
import { type LeafRange, rangeOf } from '#exchange/leaf-ranges.ts';
import { type Acknowledgement, type Place, precedenceFor, recordKey } from '#exchange/log-view.ts';
import { acknowledgeWithinMs, type Objective, objectiveAfterReceipt, objectiveBy } from '#exchange/precedence.ts';
import { countedReceiptMs } from '#exchange/standing.ts';
import { awaitsReceipt } from '#record/core-formats.ts';
import type { Precedence, RecordEnvelope } from '#record/envelope-schema.ts';

/** The time that is asked about: the real one, and the scenario's for records of an exercise (the real one again where none runs). */
export interface Moment {
  readonly realMs: TimeMs;
  readonly scenarioMs: TimeMs;
}

/** A record with the place where it stands. */
export interface PlacedRecord {
  readonly place: Place;
  readonly id: string;
  readonly record: RecordEnvelope;
}

/** An acknowledgement and the log that says it. */
interface GivenAcknowledgement extends Acknowledgement {
  readonly log: string;
  readonly centre: string;
}

/** A rung as `RungSaid` has it, with the log that says it. */
interface RungReading {
  readonly rung: Acknowledgement['rung'];
  readonly first: GivenAcknowledgement;
  readonly last: GivenAcknowledgement;
}

/**
 * The receiver's cosignature covers the record, a minute has passed, and its log here holds neither a receipt nor *not delivered*
 * (`spec/exchange.md` 7). The cosignature is the evidence.
 */
interface WithheldReceipt {
  readonly cosignature: CosignatureFact;
  readonly dueMs: TimeMs;
}

/** How one record stands with one of its addressees. */
export interface AddresseeReading {
  readonly centre: string;
  readonly precedence: Precedence;
  /** A0. */
  readonly receipt: GivenReceipt | null;
  readonly notDelivered: LeafRange | null;
  readonly withheld: WithheldReceipt | null;
  /** A1 to A4, each that was said. */
  readonly rungs: readonly RungReading[];
  /** A1 within the objective of the precedence. */
  readonly acknowledged: Objective;
  /** A4 by the record's reply-by; null where it states none. */
  readonly replied: Objective | null;
}

const rungs: readonly Acknowledgement['rung'][] = ['A1', 'A2', 'A3', 'A4'];

export function addresseesOf(folds: Folds, of: PlacedRecord, at: Moment): readonly AddresseeReading[] {
  return [...of.record.action, ...of.record.info].map((centre) => addresseeOf(folds, of, { centre, at }));
}

function addresseeOf(folds: Folds, of: PlacedRecord, { centre, at }: { centre: string; at: Moment }): AddresseeReading {
  const { place, record } = of;
  const receipt = receiptBy(folds, place, centre) ?? null;
  const notDelivered = notDeliveredBy(folds, place, centre);
  const said = acknowledgementsBy(folds, of, centre);
  const precedence = precedenceFor(record, centre) ?? 'R';
  const nowMs = record.exercise === undefined ? at.realMs : at.scenarioMs;
  const receivedMs = receipt === null ? null : countedReceiptMs(receipt);
  const times = { receivedMs, saidMs: firstSaidMs(said, 'A1'), nowMs };
  return {
    centre,
    precedence,
    receipt,
    notDelivered,
    withheld: receipt === null && notDelivered === null ? withheldBy(folds, of, { centre, at }) : null,
    rungs: said,
    acknowledged: objectiveAfterReceipt(times, acknowledgeWithinMs[precedence]),
    replied:
      record.replyBy === undefined ? null : objectiveBy({ saidMs: firstSaidMs(said, 'A4'), nowMs }, knownTime(record.replyBy)),
  };
}

/** What is known of how a record came to one addressee, on the time line that its deadlines count. */
export function provisionOf(folds: Folds, of: PlacedRecord, addressee: AddresseeReading): Provision {
  const { record, place } = of;
  const filedMs = knownTime(record.filedAt);
  const dispatchedAtMs = countedMs(record, filedMs);
  const acknowledgedAtMs = firstSaidMs(addressee.rungs, 'A1');
  const { receipt, withheld, centre } = addressee;
  if (withheld !== null) {
    const coveredAtMs = dispatchedAtMs + (withheld.cosignature.timeMs - filedMs);
    return { dispatchedAtMs, receipt: { kind: 'withheld', coveredAtMs }, acknowledgedAtMs };
  }
  if (receipt === null) return { dispatchedAtMs, receipt: { kind: 'awaited' }, acknowledgedAtMs };
  const receivedAtMs = countedReceiptMs(receipt);
  // Cosignatures bear real times: how far one lies from the receipt is the same on either time line.
  const onLine = (fact: CosignatureFact | undefined): TimeMs | null =>
    fact === undefined ? null : receivedAtMs + (fact.timeMs - receipt.receivedAtMs);
  const coveredAtMs = onLine(folds.cosigned(place, centre));
  const cosignedAtMs = onLine(folds.cosigned({ log: receipt.log, index: receipt.at }, record.originator.centre));
  return { dispatchedAtMs, receipt: { kind: 'held', receivedAtMs, coveredAtMs, cosignedAtMs }, acknowledgedAtMs };
}

function acknowledgementsBy(folds: Folds, of: PlacedRecord, centre: string): readonly RungReading[] {
  const key = recordKey(of.place, of.id);
  const said = saidOf(folds, of.place, (view) => view.acknowledgements.get(key)).filter((each) => each.centre === centre);
  return rungs.flatMap((rung) => {
    const own = said.filter((each) => each.rung === rung);
    const [first] = own;
    const last = own.at(-1);
    if (first === undefined || last === undefined) return [];
    return [{ rung, first: { ...first.first, log: first.log, centre }, last: { ...last.last, log: last.log, centre } }];
  });
}

function firstSaidMs(said: readonly RungReading[], rung: Acknowledgement['rung']): TimeMs | null {
  const first = said.find((each) => each.rung === rung)?.first;
  return first === undefined ? null : (first.scenarioAtMs ?? first.filedAtMs);
}

function notDeliveredBy(folds: Folds, place: Place, centre: string): LeafRange | null {
  const said = saidOf(folds, place, (view) => {
    const range = rangeOf(view.undelivered, place.log, place.index);
    return range === undefined ? [] : [range];
  });
  return said.find((range) => range.centre === centre) ?? null;
}

function withheldBy(
  folds: Folds,
  { place, record }: PlacedRecord,
  { centre, at }: { centre: string; at: Moment },
): WithheldReceipt | null {
  const cosignature = awaitsReceipt(record) ? folds.cosigned(place, centre) : undefined;
  if (cosignature === undefined) return null;
  const dueMs = cosignature.timeMs + receiptWithinMs;
  return at.realMs > dueMs ? { cosignature, dueMs } : null;
}

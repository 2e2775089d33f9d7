import type { Matter } from '#agreement/matter.ts';
import { pageMax } from '#base/limits.ts';
import type { Refusal } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import type { LeafRanges } from '#exchange/leaf-ranges.ts';
import type { ReceiptBook } from '#exchange/receipt-book.ts';
import type { SerialsSeen } from '#exchange/serials.ts';
import { indexKey, keysUnder, type Shelf, type Shelves } from '#exchange/shelf.ts';
import type { Succession } from '#log/succession.ts';
import type { Precedence, RecordEnvelope, Reference, Status } from '#record/envelope-schema.ts';

/** A leaf by its place: the origin of its log and its index there. */
export interface Place {
  readonly log: string;
  readonly index: number;
}

/** What a log says of itself: its origin `<host>/<circle>/<status>`, who owns it, and the parties of its circle. */
export interface LogIdentity {
  readonly origin: string;
  readonly owner: string;
  readonly status: Status;
  readonly parties: readonly string[];
  /** What logs of the circle were called before: records name them by the names of their day. */
  readonly successions: readonly Succession[];
}

/**
 * What the rules make of one authentic leaf (`spec/exchange.md` 1). `pending` waits for a leaf that is not here yet: the record
 * that it refers to, or the receipt that says when it was received.
 */
export type Judgement =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'void'; readonly refusal: Refusal }
  | { readonly kind: 'not-understood'; readonly refusal: Refusal }
  | { readonly kind: 'pending'; readonly awaits: Awaited };

export type Awaited =
  | { readonly what: 'record'; readonly log: string; readonly index: number; readonly id: string }
  /** The leaves of this log below the record. */
  | { readonly what: 'leaves'; readonly log: string; readonly index: number }
  | { readonly what: 'receipt'; readonly log: string; readonly index: number };

/** One leaf that the folds keep. Traffic of passage (`isPassage`), once accepted, is counted and not kept. */
export interface Entry {
  readonly index: number;
  /** SHA-256 of the leaf's bytes, lower-case hexadecimal. */
  readonly id: string;
  readonly judgement: Judgement;
  /**
   * The record, unless it is void or not understood by its own log: what has no effect may not fill the memory, and is read from
   * the store by whoever asks.
   */
  readonly record: RecordEnvelope | null;
  /** Its format, if it is a core record. */
  readonly core: string | null;
  /** Conditions of its agreement that could not be decided, so that they refused nothing. */
  readonly undecided: readonly { readonly id: string; readonly reason: string }[];
  /** The record in this log whose matter it belongs to; its own index if it begins one. */
  readonly root: number;
  /** What it refers to in the logs of others; nothing where `record` is null. */
  readonly abroad: readonly Reference[];
}

/** A rung of the ladder, said by the owner of the log that holds it about a record of another log. */
export interface Acknowledgement {
  readonly index: number;
  readonly rung: 'A1' | 'A2' | 'A3' | 'A4';
  readonly outcome: string;
  /** The id of the record that it names. */
  readonly of: string;
  readonly filedAtMs: TimeMs;
  readonly scenarioAtMs: TimeMs | null;
}

/** One rung of the ladder: the first time it was said, which decides its clock, and the last, which decides its outcome. */
export interface RungSaid {
  readonly rung: Acknowledgement['rung'];
  readonly first: Acknowledgement;
  readonly last: Acknowledgement;
}

/** A refusal that a log says of a record of another. */
export interface RefusalMade {
  readonly index: number;
  readonly of: string | null;
  readonly code: string;
  readonly detail: string;
}

/**
 * What stage 1 remembers of one log: a function of that log's leaves below `size` and of the instruments known. What grows with the
 * log stands on shelves. Its owner is whoever opened it; `takeLeaf` changes it in place.
 */
export interface LogView extends LogIdentity {
  size: number;
  /** The filing time that the next may not precede by more than the tolerance; empty before the first record. */
  filedAt: string;
  /** One row: `size` and `filedAt` as they stand on the shelves. */
  readonly reached: Shelf<Reached>;
  readonly serials: SerialsSeen;
  /** By `indexKey`. */
  readonly entries: Shelf<Entry>;
  /** Each matter as its agreement left it after its last accepted record, by the `indexKey` of the record that began it. */
  readonly matters: Shelf<Matter>;
  /** Records of a matter after its first, ascending, by the `indexKey` of the first. */
  readonly followers: Shelf<readonly number[]>;
  /** Records that begin a matter, by `indexKey`. */
  readonly openings: Shelf<true>;
  /** Records of FLASH and IMMEDIATE precedence, by `indexKey`. */
  readonly urgent: Shelf<true>;
  /** Receipts made here. */
  readonly receipts: ReceiptBook;
  /** By `recordKey` of the record acknowledged. */
  readonly acknowledgements: Shelf<readonly RungSaid[]>;
  /** By `recordKey` of the record refused, and the `indexKey` of the refusal. */
  readonly refusals: Shelf<RefusalMade>;
  /** REFUSAL records filed here, by the log that they refuse and the day of their filing (`refusalDayKey`). */
  readonly refusalDays: Shelf<number>;
  /** Leaves that a REFUSAL-COUNT covers. */
  readonly counted: LeafRanges;
  /** Leaves that were not delivered. */
  readonly undelivered: LeafRanges;
  /** The earliest time from which this log adopts a version of an agreement, by `basisKey`. */
  readonly adoptions: Shelf<TimeMs>;
  /** Records here that refer to a record of another log, by its `placeKey` and their own `indexKey`. */
  readonly citations: Shelf<true>;
  /** How many refusals there are by `recordKey`, and how many citations by `placeKey`. */
  readonly tallies: Shelf<number>;
}

interface Reached {
  readonly size: number;
  readonly filedAt: string;
}

/** Takes up the view of a log where its shelves have it: they may be empty. */
export function openLogView(identity: LogIdentity, shelves: Shelves): LogView {
  const { origin, owner, status, parties, successions } = identity;
  const shelf = <T>(name: string): Shelf<T> => shelves.shelf<T>(`${name} ${origin}`);
  const reached = shelf<Reached>('reached');
  const { size, filedAt } = reached.get('') ?? { size: 0, filedAt: '' };
  return {
    origin,
    owner,
    status,
    parties,
    successions,
    size,
    filedAt,
    reached,
    serials: { greatest: shelf('serials'), gaps: shelf('gaps') },
    entries: shelf('entries'),
    matters: shelf('matters'),
    followers: shelf('followers'),
    openings: shelf('openings'),
    urgent: shelf('urgent'),
    receipts: { next: shelf('receipts'), urgent: shelf('urgent-receipts') },
    acknowledgements: shelf('acknowledgements'),
    refusals: shelf('refusals'),
    refusalDays: shelf('refusal-days'),
    counted: shelf('counted'),
    undelivered: shelf('undelivered'),
    adoptions: shelf('adoptions'),
    citations: shelf('citations'),
    tallies: shelf('tallies'),
  };
}

export function placeKey(place: Place): string {
  return `${place.log} ${indexKey(place.index)}`;
}

/** A record by its place and its id, as a key. */
export function recordKey(place: Place, id: string): string {
  return `${placeKey(place)} ${id}`;
}

/** A version of an agreement, as a key. */
export function basisKey({ agreement, version }: { readonly agreement: string; readonly version: string }): string {
  return `${agreement} ${version}`;
}

/** The refusals of one log's records on one day, as a key; `filedAt` is any time of that day. */
export function refusalDayKey(log: string, filedAt: string): string {
  return `${log} ${filedAt.slice(0, 10)}`;
}

/** The circle that a log's origin names. */
export function circleOf(origin: string): string {
  return origin.split('/')[1] ?? '';
}

/** Whether two origins name one circle and one status: no fold reaches across either. */
export function isSameCircle(a: string, b: string): boolean {
  return circleOf(a) === circleOf(b) && a.split('/')[2] === b.split('/')[2];
}

/** The precedence at which a record is addressed to a centre; undefined if it is not. */
export function precedenceFor(record: RecordEnvelope, centre: string): Precedence | undefined {
  if (record.action.includes(centre)) return record.precedence.action;
  return record.info.includes(centre) ? record.precedence.info : undefined;
}

/** Whether a record goes by the urgent lane: FLASH and IMMEDIATE do. */
export function isUrgentPrecedence(precedence: Precedence): boolean {
  return precedence === 'Z' || precedence === 'O';
}

/** The refusals that a log says of a leaf of another, whatever id they name; of many the first. */
export function refusalsOf(view: LogView, place: Place): readonly RefusalMade[] {
  return view.refusals.rows({ ...keysUnder(placeKey(place)), limit: pageMax, order: 'up' }).map(({ value }) => value);
}

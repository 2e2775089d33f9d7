import { assert, mustAccept, type Refusal, refuse } from '#base/refusal.ts';
import { provisionalView, type ReadLeaf, readLeaf, takeLeaf } from '#exchange/acceptance.ts';
import { type CosignatureFact, type Coverage, cover, coveredTo, firstCovering } from '#exchange/cosigned.ts';
import type { Folds, HeldLog } from '#exchange/folds.ts';
import {
  type Entry,
  type Judgement,
  type LogIdentity,
  type LogView,
  openLogView,
  type Place,
  placeKey,
} from '#exchange/log-view.ts';
import type { InstrumentLookup } from '#exchange/matter-step.ts';
import { dumpOfShelves, dumpOfView } from '#exchange/register-dump.ts';
import { eachRow, firstRow, indexKey, keysUnder, type Shelf, type Shelves } from '#exchange/shelf.ts';
import { standingOf } from '#exchange/standing.ts';
import { Unacknowledged } from '#exchange/unacknowledged.ts';
import { entryOf, type LogReader } from '#exchange/verdict.ts';
import { placeNow } from '#log/succession.ts';
import { coreAgreement, parseCore } from '#record/core-formats.ts';
import type { KnownRecord } from '#record/envelope.ts';

export interface RegisterSetup {
  /** The logs of one circle, of every status; each party's own and those it follows alike. */
  readonly logs: readonly LogIdentity[];
  readonly instruments: InstrumentLookup;
  /** The root of a log at a size not above what is held of it, as lower-case hexadecimal: receipts are compared with it. */
  readonly rootAt: (log: string, size: number) => string;
  /** Where the fold keeps what it made: empty shelves, or those that it left with the same logs, instruments and rules. */
  readonly shelves: Shelves;
}

interface LogState {
  readonly view: LogView;
  readonly urgent: Map<number, ReadLeaf>;
  /** Made again when the held leaves or the urgent ones change; null until it is asked for. */
  provisional: LogView | null;
}

interface VoidEntry extends Entry {
  readonly judgement: Extract<Judgement, { readonly kind: 'void' }>;
}

interface ReceiptClaim {
  readonly receipt: Place;
  readonly id: string;
  readonly log: string;
  readonly size: number;
  readonly root: string;
}

/**
 * The fold of all logs of one circle: a function of each log's held leaves, of the urgent ones beyond, of the cosignatures and
 * flags handed in, and of the instruments known; never of the order in which logs arrived beside each other (`spec/exchange.md` 3).
 * It owns its state, all of which can be rebuilt by taking the leaves again. The matters are read by `matter.ts`.
 */
export class Register implements Folds {
  readonly identities: readonly LogIdentity[];
  readonly instruments: InstrumentLookup;
  readonly #rootAt: RegisterSetup['rootAt'];
  readonly #logs = new Map<string, LogState>();
  readonly #coverage: Coverage;
  /** Receipts whose root cannot be compared yet, by the log and size that they name and their own place. */
  readonly #unproved: Shelf<ReceiptClaim>;
  /** The places of these. */
  readonly #unprovedPlaces: Shelf<true>;
  /** The lowest size of each log at which a receipt waits to be compared. */
  readonly #nextUnproved = new Map<string, number>();
  /** Receipts that their log accepts and the log they receipt does not, by `placeKey`. */
  readonly #wrongRoots: Shelf<VoidEntry>;
  readonly #silent: Shelf<true>;
  readonly unacknowledged: Unacknowledged;

  constructor(setup: RegisterSetup) {
    this.identities = setup.logs.toSorted((a, b) => (a.origin < b.origin ? -1 : 1));
    this.instruments = setup.instruments;
    this.#rootAt = setup.rootAt;
    const { shelves } = setup;
    this.#coverage = shelves.shelf('coverage');
    this.#unproved = shelves.shelf('unproved');
    this.#unprovedPlaces = shelves.shelf('unproved-places');
    this.#wrongRoots = shelves.shelf('wrong-roots');
    this.#silent = shelves.shelf('silent');
    this.unacknowledged = new Unacknowledged(this, shelves);
    for (const identity of this.identities) {
      this.#logs.set(identity.origin, { view: openLogView(identity, shelves), urgent: new Map(), provisional: null });
      this.#lookForUnproved(identity.origin);
    }
  }

  /** Takes the next held leaf of a log; throws if it is not the next. Returns what that log alone makes of it. */
  take(origin: string, index: number, bytes: Uint8Array): Judgement {
    return this.takeRead(origin, readLeaf({ index, bytes }));
  }

  /** The same for a leaf that was read already. */
  takeRead(origin: string, leaf: ReadLeaf): Judgement {
    const state = this.#state(origin);
    const { index } = leaf;
    const { judgement, known, entry } = takeLeaf(state.view, leaf, this.instruments);
    if (state.urgent.delete(index) || state.urgent.size > 0) state.provisional = null;
    if (entry !== null) this.unacknowledged.entered(origin, entry);
    if (judgement.kind === 'accepted' && known?.record.basis.agreement === coreAgreement)
      this.#enterCore({ log: origin, index }, known);
    this.#proveAt(origin, state.view.size);
    return judgement;
  }

  /** Takes an urgent leaf beyond what is held; one that is held already changes nothing. */
  takeUrgent(origin: string, index: number, bytes: Uint8Array): void {
    const state = this.#state(origin);
    if (index < state.view.size || state.urgent.has(index)) return;
    state.urgent.set(index, readLeaf({ index, bytes }));
    state.provisional = null;
  }

  /** Takes a cosignature that was verified, by either side or by another witness. */
  takeCosignature(fact: CosignatureFact): void {
    cover(this.#coverage, { ...fact, log: this.#nameOfTree(fact) });
  }

  /** Marks a FLASH beyond the budget of its hour: received, without alarm. */
  takeWithoutAlarm(place: Place): void {
    this.#silent.set(placeKey(place), true);
  }

  log(origin: string): LogReader | undefined {
    const state = this.#logs.get(origin);
    if (state === undefined) return undefined;
    if (state.urgent.size === 0) return { held: state.view, urgent: null };
    state.provisional ??= provisionalView(state.view, urgentLeaves(state), this.instruments);
    return { held: state.view, urgent: state.provisional };
  }

  /** The bytes of a leaf that came by the urgent lane ahead of those before it. */
  urgentLeaf({ log, index }: Place): Uint8Array | undefined {
    return this.#logs.get(log)?.urgent.get(index)?.bytes;
  }

  /** The kept entry of a leaf. Accepted receipts, tests and path summaries are counted and not kept, but for void ones. */
  entry(origin: string, index: number): Entry | undefined {
    const reader = this.log(origin);
    const kept = reader === undefined ? undefined : entryOf(reader, index);
    return kept ?? this.#wrongRoots.get(placeKey({ log: origin, index }));
  }

  /** What the rules make of a leaf by all logs here; undefined if it is not here. */
  standing(origin: string, index: number): Judgement | undefined {
    return standingOf(this, { log: origin, index });
  }

  held(): readonly HeldLog[] {
    return this.identities.map(({ origin, owner, status }) => {
      const state = this.#state(origin);
      return { origin, owner, status, size: state.view.size, urgent: [...state.urgent.keys()].toSorted((a, b) => a - b) };
    });
  }

  wrongRoot(receipt: Place): Refusal | undefined {
    return this.#wrongRoots.get(placeKey(receipt))?.judgement.refusal;
  }

  isProved(receipt: Place): boolean {
    return (
      receipt.index < (this.#logs.get(receipt.log)?.view.size ?? 0) && this.#unprovedPlaces.get(placeKey(receipt)) === undefined
    );
  }

  cosigned({ log, index }: Place, witness: string): CosignatureFact | undefined {
    return firstCovering(this.#coverage, { log, index, witness });
  }

  /** The largest size of a log that a witness is known to have cosigned. */
  cosignedTo(log: string, witness: string): number {
    return coveredTo(this.#coverage, { log, witness });
  }

  sounds(place: Place): boolean {
    return this.#silent.get(placeKey(place)) === undefined;
  }

  /** The whole state as plain data in one order, so that two folds can be compared: equal held sizes give equal dumps. */
  dump(): unknown {
    return {
      held: this.held(),
      logs: this.identities.map(({ origin }) => {
        const { held, urgent } = this.log(origin) ?? {};
        return [held, urgent ?? undefined].map((view) => (view === undefined ? null : dumpOfView(view)));
      }),
      ...dumpOfShelves({
        coverage: this.#coverage,
        unproved: this.#unprovedPlaces,
        wrongRoots: this.#wrongRoots,
        silent: this.#silent,
      }),
      unacknowledged: this.unacknowledged.dump(),
    };
  }

  /** The newest name of the log whose tree was cosigned; a tree of more leaves than were taken over keeps its old name. */
  #nameOfTree({ log, size }: CosignatureFact): string {
    return placeNow({ log, index: size - 1 }, this.identities[0]?.successions ?? []).log;
  }

  #state(origin: string): LogState {
    const state = this.#logs.get(origin);
    assert(state !== undefined, `${origin} is a log of this register`);
    return state;
  }

  #enterCore(place: Place, known: KnownRecord): void {
    const { record } = known;
    if (record.basis.format === 'RECEIPT') return this.#claim(place, known);
    if (record.basis.format !== 'ACK') return;
    const content = mustAccept(parseCore(record, 'ACK'));
    const named = record.references.find(({ log, index }) => log === content.log && index === content.index);
    this.unacknowledged.acknowledged(record.originator.centre, content, named?.id);
  }

  /** Compares a receipt's root with the log's own, now or when so many leaves are here. */
  #claim(receipt: Place, { record, id }: KnownRecord): void {
    const { log, size, root } = mustAccept(parseCore(record, 'RECEIPT'));
    const claim = { receipt, id, log, size, root };
    if (size <= (this.#logs.get(log)?.view.size ?? -1)) {
      this.#prove(claim);
      return;
    }
    this.#unproved.set(`${log} ${indexKey(size)} ${placeKey(receipt)}`, claim);
    this.#unprovedPlaces.set(placeKey(receipt), true);
    this.#nextUnproved.set(log, Math.min(size, this.#nextUnproved.get(log) ?? size));
  }

  #proveAt(log: string, size: number): void {
    if (this.#nextUnproved.get(log) !== size) return;
    for (const { key, value } of eachRow(this.#unproved, keysUnder(`${log} ${indexKey(size)}`))) {
      this.#unproved.delete(key);
      this.#prove(value);
    }
    this.#lookForUnproved(log);
  }

  #lookForUnproved(log: string): void {
    const waiting = firstRow(this.#unproved, keysUnder(log))?.value;
    if (waiting === undefined) this.#nextUnproved.delete(log);
    else this.#nextUnproved.set(log, waiting.size);
  }

  #prove({ receipt, id, log, size, root }: ReceiptClaim): void {
    this.#unprovedPlaces.delete(placeKey(receipt));
    const own = this.#rootAt(log, size);
    if (own === root) return;
    const { refusal } = refuse('receipt.root', `the receipt names a root that ${log} does not have at size ${size}`, {
      size,
      root,
      own,
    });
    const { index } = receipt;
    const judgement = { kind: 'void', refusal } as const;
    const entry = { index, id, judgement, record: null, core: 'RECEIPT', undecided: [], root: index, abroad: [] };
    this.#wrongRoots.set(placeKey(receipt), entry);
  }
}

function urgentLeaves(state: LogState): readonly ReadLeaf[] {
  return [...state.urgent.values()].toSorted((a, b) => a.index - b.index);
}

import { assert, mustAccept, type Refusal, refuse } from '#base/refusal.ts';
import { provisionalView, type ReadLeaf, readLeaf, takeLeaf } from '#exchange/acceptance.ts';
import { type CosignatureFact, type Coverage, cover, emptyCoverage, firstCovering } from '#exchange/cosigned.ts';
import type { Folds, HeldLog } from '#exchange/folds.ts';
import {
  type Entry,
  emptyLogView,
  type Judgement,
  type LogIdentity,
  type LogView,
  type Place,
  placeKey,
} from '#exchange/log-view.ts';
import type { InstrumentLookup } from '#exchange/matter-step.ts';
import { standingOf } from '#exchange/standing.ts';
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
  readonly #coverage = new Map<string, Coverage>();
  readonly #unproved = new Map<string, ReceiptClaim[]>();
  readonly #unprovedPlaces = new Set<string>();
  /** Receipts that their log accepts and the log they receipt does not, by `placeKey`. */
  readonly #wrongRoots = new Map<string, VoidEntry>();
  readonly #silent = new Set<string>();

  constructor(setup: RegisterSetup) {
    this.identities = setup.logs.toSorted((a, b) => (a.origin < b.origin ? -1 : 1));
    this.instruments = setup.instruments;
    this.#rootAt = setup.rootAt;
    for (const identity of this.identities) {
      this.#logs.set(identity.origin, { view: emptyLogView(identity), urgent: new Map(), provisional: null });
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
    const { judgement, known } = takeLeaf(state.view, leaf, this.instruments);
    if (state.urgent.delete(index) || state.urgent.size > 0) state.provisional = null;
    if (judgement.kind === 'accepted' && known !== null) this.#claim({ log: origin, index }, known);
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
    const log = this.#nameOfTree(fact);
    const key = coverageKey(log, fact.witness);
    const coverage = this.#coverage.get(key) ?? emptyCoverage();
    this.#coverage.set(key, coverage);
    cover(coverage, { ...fact, log });
  }

  /** Marks a FLASH beyond the budget of its hour: received, without alarm. */
  takeWithoutAlarm(place: Place): void {
    this.#silent.add(placeKey(place));
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

  /** The records that begin a matter, but those that their own log makes void, in the order of the logs' origins and of each log. */
  matters(): readonly Place[] {
    return this.identities.flatMap(({ origin }) => {
      const reader = this.log(origin);
      return [...(reader?.held.openings ?? []), ...(reader?.urgent?.openings ?? [])].map((index) => ({ log: origin, index }));
    });
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
    return receipt.index < (this.#logs.get(receipt.log)?.view.size ?? 0) && !this.#unprovedPlaces.has(placeKey(receipt));
  }

  cosigned({ log, index }: Place, witness: string): CosignatureFact | undefined {
    const found = firstCovering(this.#coverage.get(coverageKey(log, witness)), index);
    return found === undefined ? undefined : { log, witness, ...found };
  }

  sounds(place: Place): boolean {
    return !this.#silent.has(placeKey(place));
  }

  /** The whole state as plain data in one order, so that two folds can be compared: equal held sizes give equal dumps. */
  dump(): unknown {
    return {
      held: this.held(),
      logs: this.identities.map(({ origin }) => this.log(origin)),
      coverage: sorted(this.#coverage),
      unproved: [...this.#unprovedPlaces].toSorted(),
      wrongRoots: sorted(this.#wrongRoots),
      silent: [...this.#silent].toSorted(),
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

  /** Compares a receipt's root with the log's own, now or when so many leaves are here. */
  #claim(receipt: Place, { record, id }: KnownRecord): void {
    if (record.basis.agreement !== coreAgreement || record.basis.format !== 'RECEIPT') return;
    const content = mustAccept(parseCore(record, 'RECEIPT'));
    const { log, size, root } = content;
    const claim = { receipt, id, log, size, root };
    if (size <= (this.#logs.get(log)?.view.size ?? -1)) {
      this.#prove(claim);
      return;
    }
    const key = coverageKey(log, String(size));
    const waiting = this.#unproved.get(key) ?? [];
    waiting.push(claim);
    this.#unproved.set(key, waiting);
    this.#unprovedPlaces.add(placeKey(receipt));
  }

  #proveAt(log: string, size: number): void {
    if (this.#unproved.size === 0) return;
    const key = coverageKey(log, String(size));
    for (const claim of this.#unproved.get(key) ?? []) this.#prove(claim);
    this.#unproved.delete(key);
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

function coverageKey(log: string, name: string): string {
  return `${log} ${name}`;
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

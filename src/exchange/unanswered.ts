import type { Refusal } from '#base/refusal.ts';
import { rangeOf } from '#exchange/leaf-ranges.ts';
import { type Awaited, placeKey } from '#exchange/log-view.ts';
import { receiptedTo } from '#exchange/receipt-book.ts';
import type { Register } from '#exchange/register.ts';

/** A leaf of the other side that is void or not understood, and that nothing here has answered. */
export interface VoidLeaf {
  readonly index: number;
  readonly refusal: Refusal;
}

/** Something that pending leaves wait for, which only grows: the leaves of a log held here, or those of theirs that we receipted. */
interface Horizon {
  readonly size: () => number;
  /** Up to which of them those that waited were judged again. */
  seen: number;
  /** The leaves that wait, by what they wait for. */
  readonly waiting: Map<number, number[]>;
}

/**
 * Which leaves of the other side's log are still to be refused. Owner of how far that log was judged, and of the leaves that are
 * pending: each is filed under what it awaits, and judged again when that is here and not before.
 */
export class Unanswered {
  readonly #register: Register;
  readonly #own: string;
  readonly #peer: string;
  readonly #horizons: ReadonlyMap<string, Horizon>;
  /** Leaves to judge again, before the new ones. */
  readonly #again: number[] = [];
  #judgedTo = 0;

  constructor(register: Register, logs: { readonly own: string; readonly peer: string }) {
    this.#register = register;
    this.#own = logs.own;
    this.#peer = logs.peer;
    const receipted = (): number => receiptedTo(register.log(this.#own)?.held.receipts[this.#peer]);
    this.#horizons = new Map([
      ...register.identities.map(({ origin }) => [origin, horizonOf(() => sizeOf(register, origin))] as const),
      ['receipt', horizonOf(receipted)] as const,
    ]);
  }

  /** Judges at most so many leaves; `isDone` says that there are no more until something new comes. */
  take(leavesMax: number): { readonly leaves: readonly VoidLeaf[]; readonly isDone: boolean } {
    for (const horizon of this.#horizons.values()) this.#wake(horizon, leavesMax);
    const again = this.#again.splice(0, leavesMax);
    const end = Math.min(this.#size, this.#judgedTo + leavesMax - again.length);
    const leaves: VoidLeaf[] = [];
    for (const index of again) leaves.push(...this.#judge(index));
    for (; this.#judgedTo < end; this.#judgedTo += 1) leaves.push(...this.#judge(this.#judgedTo));
    const isAwake = [...this.#horizons.values()].some(({ seen, size }) => seen < size());
    return { leaves, isDone: this.#again.length === 0 && this.#judgedTo === this.#size && !isAwake };
  }

  /** Gives back leaves whose answer could not be logged. */
  giveBack(indices: readonly number[]): void {
    for (const index of indices) this.#again.push(index);
  }

  get #size(): number {
    return sizeOf(this.#register, this.#peer);
  }

  #wake(horizon: Horizon, leavesMax: number): void {
    const size = horizon.size();
    if (horizon.waiting.size === 0) horizon.seen = size;
    for (const end = Math.min(size, horizon.seen + leavesMax); horizon.seen < end; horizon.seen += 1) {
      for (const index of horizon.waiting.get(horizon.seen) ?? []) this.#again.push(index);
      horizon.waiting.delete(horizon.seen);
    }
  }

  #judge(index: number): readonly VoidLeaf[] {
    const standing = this.#register.standing(this.#peer, index);
    if (standing?.kind === 'pending') this.#file(index, standing.awaits);
    const isWrong = standing?.kind === 'void' || standing?.kind === 'not-understood';
    return isWrong && !this.#isAnswered(index) ? [{ index, refusal: standing.refusal }] : [];
  }

  /** A log that is not of this register never comes: what waits for it waits for the next start. */
  #file(index: number, awaits: Awaited): void {
    const horizon = this.#horizons.get(awaits.what === 'receipt' ? 'receipt' : awaits.log);
    const waiting = horizon?.waiting.get(awaits.index);
    if (waiting === undefined) horizon?.waiting.set(awaits.index, [index]);
    else waiting.push(index);
  }

  /** A refusal that is itself wrong is not answered with another, or two centres would refuse each other for ever. */
  #isAnswered(index: number): boolean {
    const core = this.#register.entry(this.#peer, index)?.core;
    if (core === 'REFUSAL' || core === 'REFUSAL-COUNT') return true;
    const own = this.#register.log(this.#own)?.held;
    if (rangeOf(own?.counted[this.#peer], index) !== undefined) return true;
    return (own?.refusals[placeKey({ log: this.#peer, index })] ?? []).length > 0;
  }
}

function horizonOf(size: () => number): Horizon {
  return { size, seen: 0, waiting: new Map() };
}

function sizeOf(register: Register, origin: string): number {
  return register.log(origin)?.held.size ?? 0;
}

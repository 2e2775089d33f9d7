import type { Refusal } from '#base/refusal.ts';
import { rangeOf } from '#exchange/leaf-ranges.ts';
import { type Awaited, placeKey } from '#exchange/log-view.ts';
import { receiptedTo } from '#exchange/receipt-book.ts';
import type { Register } from '#exchange/register.ts';
import {
  allKeys,
  eachRow,
  firstRow,
  indexKey,
  indexOfKey,
  type KeyRange,
  keyAfter,
  keysUnder,
  type Shelf,
  type Shelves,
} from '#exchange/shelf.ts';

/** A leaf of the other side that is void or not understood, and that nothing here has answered. */
export interface VoidLeaf {
  readonly index: number;
  readonly refusal: Refusal;
}

/** The name under which leaves wait for our receipt; others wait under the origin of a log. */
const receipt = 'receipt';

/**
 * Which leaves of the other side's log are still to be refused. Owner of how far that log was judged, of the leaves that are
 * pending (each is filed under what it awaits, and judged again when that is here and not before), and of those that are wrong and
 * not yet answered: all on shelves, so that a start begins where the last run ended.
 */
export class Unanswered {
  readonly #register: Register;
  readonly #own: string;
  readonly #peer: string;
  /** What pending leaves wait for, which only grows: the leaves of a log held here, or those of theirs that we receipted. */
  readonly #horizons: ReadonlyMap<string, () => number>;
  /** One row. */
  readonly #judged: Shelf<number>;
  /** By the name of the horizon, the leaf awaited, and the leaf that waits. */
  readonly #waiting: Shelf<true>;
  /** Leaves to be answered, by `indexKey`: a row goes when the answer is logged. */
  readonly #open: Shelf<true>;
  /** Leaves to judge again, before the new ones. */
  readonly #again: number[] = [];
  /** What earlier runs left open and this one has not looked at; null when it has. */
  #left: KeyRange | null = allKeys;

  constructor(register: Register, logs: { readonly own: string; readonly peer: string }, shelves: Shelves) {
    this.#register = register;
    this.#own = logs.own;
    this.#peer = logs.peer;
    this.#judged = shelves.shelf('judged');
    this.#waiting = shelves.shelf('waiting');
    this.#open = shelves.shelf('unanswered');
    const receipted = (): number => receiptedTo(register.log(this.#own)?.held.receipts, this.#peer);
    this.#horizons = new Map([
      ...register.identities.map(({ origin }) => [origin, () => sizeOf(register, origin)] as const),
      [receipt, receipted] as const,
    ]);
  }

  /** Judges at most so many leaves; `isDone` says that there are no more until something new comes. */
  take(leavesMax: number): { readonly leaves: readonly VoidLeaf[]; readonly isDone: boolean } {
    this.#wakeLeft(leavesMax - this.#again.length);
    for (const [name, size] of this.#horizons) this.#wake(name, size(), leavesMax - this.#again.length);
    const again = this.#again.splice(0, leavesMax);
    const from = this.#judged.get('') ?? 0;
    const end = Math.min(this.#size, from + leavesMax - again.length);
    const leaves: VoidLeaf[] = [];
    for (const index of again) leaves.push(...this.#judgeAgain(index));
    for (let index = from; index < end; index += 1) leaves.push(...this.#judge(index));
    if (end > from) this.#judged.set('', end);
    const isAwake = [...this.#horizons].some(([name, size]) => firstRow(this.#waiting, below(name, size())) !== undefined);
    return { leaves, isDone: this.#left === null && this.#again.length === 0 && end === this.#size && !isAwake };
  }

  /** Gives back leaves whose answer could not be logged. */
  giveBack(indices: readonly number[]): void {
    for (const index of indices) this.#again.push(index);
  }

  /** The answer to these leaves is logged. */
  answered(indices: readonly number[]): void {
    for (const index of indices) this.#open.delete(indexKey(index));
  }

  /** One answer to all that is wrong from one leaf up to another is logged. */
  answeredRange(from: number, to: number): void {
    for (const { key } of eachRow(this.#open, { from: indexKey(from), to: indexKey(to) })) this.#open.delete(key);
  }

  get #size(): number {
    return sizeOf(this.#register, this.#peer);
  }

  #wakeLeft(leavesMax: number): void {
    if (this.#left === null || leavesMax <= 0) return;
    const rows = this.#open.rows({ ...this.#left, limit: leavesMax, order: 'up' });
    for (const { key } of rows) this.#again.push(indexOfKey(key));
    const last = rows.at(-1);
    this.#left = last === undefined || rows.length < leavesMax ? null : { ...this.#left, from: keyAfter(last.key) };
  }

  #wake(name: string, size: number, leavesMax: number): void {
    if (leavesMax <= 0) return;
    for (const { key } of this.#waiting.rows({ ...below(name, size), limit: leavesMax, order: 'up' })) {
      this.#waiting.delete(key);
      this.#again.push(indexOfKey(key));
    }
  }

  #judge(index: number): readonly VoidLeaf[] {
    const standing = this.#register.standing(this.#peer, index);
    if (standing?.kind === 'pending') this.#file(index, standing.awaits);
    const isWrong = standing?.kind === 'void' || standing?.kind === 'not-understood';
    if (!isWrong || this.#isAnswered(index)) return [];
    this.#open.set(indexKey(index), true);
    return [{ index, refusal: standing.refusal }];
  }

  #judgeAgain(index: number): readonly VoidLeaf[] {
    const judged = this.#judge(index);
    if (judged.length === 0) this.#open.delete(indexKey(index));
    return judged;
  }

  /** A log that is not of this register never comes. */
  #file(index: number, awaits: Awaited): void {
    const name = awaits.what === 'receipt' ? receipt : awaits.log;
    if (this.#horizons.has(name)) this.#waiting.set(`${name} ${indexKey(awaits.index)} ${indexKey(index)}`, true);
  }

  /** A refusal that is itself wrong is not answered with another, or two centres would refuse each other for ever. */
  #isAnswered(index: number): boolean {
    const core = this.#register.entry(this.#peer, index)?.core;
    if (core === 'REFUSAL' || core === 'REFUSAL-COUNT') return true;
    const own = this.#register.log(this.#own)?.held;
    if (own === undefined) return false;
    if (rangeOf(own.counted, this.#peer, index) !== undefined) return true;
    return firstRow(own.refusals, keysUnder(placeKey({ log: this.#peer, index }))) !== undefined;
  }
}

/** What waits for a leaf below the size of its horizon. */
function below(name: string, size: number): KeyRange {
  return { from: `${name} `, to: `${name} ${indexKey(size)}` };
}

function sizeOf(register: Register, origin: string): number {
  return register.log(origin)?.held.size ?? 0;
}

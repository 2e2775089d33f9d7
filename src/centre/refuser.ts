import { refusalDetailMax, refusalsPerDayMax } from '#base/limits.ts';
import { accept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { type TimeMs, textOfTime } from '#base/time.ts';
import type { Appended } from '#centre/append.ts';
import type { AppendPlace, AppendWork } from '#centre/append-group.ts';
import type { CoreStatement } from '#centre/core-drafts.ts';
import { refusalDayKey } from '#exchange/log-view.ts';
import { firstReceiptOf } from '#exchange/receipt-book.ts';
import type { Register } from '#exchange/register.ts';
import type { Shelves } from '#exchange/shelf.ts';
import { Unanswered, type VoidLeaf } from '#exchange/unanswered.ts';
import type { CoreFormat } from '#record/core-formats.ts';
import type { Reference } from '#record/envelope-schema.ts';

export interface RefuserOwner {
  readonly register: Register;
  /** Those of the register. */
  readonly shelves: Shelves;
  readonly ownOrigin: string;
  readonly peerOrigin: string;
  readonly nowMs: () => TimeMs;
  /** Lets everybody else have a turn. */
  readonly turn: () => Promise<void>;
  mayFile(): boolean;
  statement<F extends CoreFormat>(statement: CoreStatement<F>, place: AppendPlace): Result<Uint8Array>;
  append(work: AppendWork): Promise<Result<Appended>>;
  alarm(refusal: Refusal): void;
}

/** Leaves judged between two turns of others: well within 10 ms. */
const leavesAtOnce = 250;

/** Refusals that are counted instead of being said, until their count is filed. */
interface DayCount {
  /** The day on which they would have been said, such as `2026-01-05`. */
  readonly day: string;
  readonly from: number;
  readonly to: number;
  readonly refused: number;
}

/** Records to be filed together, and what comes back if they cannot be. */
interface Batch {
  readonly statements: readonly CoreStatement<CoreFormat>[];
  readonly leaves: readonly number[];
  readonly counts: readonly DayCount[];
}

/**
 * Answers the other side's unacceptable records with logged refusals (`spec/exchange.md` 1): the first of each day in full, the
 * rest counted. What was refused, and how many today, is read from our own log, so a start repeats nothing.
 */
export class Refuser {
  readonly #owner: RefuserOwner;
  readonly #unanswered: Unanswered;
  /** By day: today's, and those of days before this start whose count was not filed. */
  readonly #counts = new Map<string, DayCount>();
  /** Until all that was here at the start is judged: only then does a leaf belong to the day of its receipt. */
  #isStarting = true;
  #running: Promise<void> | undefined;

  constructor(owner: RefuserOwner) {
    this.#owner = owner;
    this.#unanswered = new Unanswered(owner.register, { own: owner.ownOrigin, peer: owner.peerOrigin }, owner.shelves);
  }

  /** Judges what has come since; one run at a time. A failure is an alarm, and what it left is tried at the next run. */
  run(): void {
    this.#running ??= this.#judge()
      .catch((error: unknown) => this.#owner.alarm(refuse('request.failed', `refusals were not filed: ${String(error)}`).refusal))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Awaits the refusals under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #judge(): Promise<void> {
    while (this.#owner.mayFile()) {
      const { leaves, isDone } = this.#unanswered.take(leavesAtOnce);
      const batch = this.#answer(leaves, isDone);
      if (batch.statements.length > 0 && !(await this.#file(batch))) return;
      if (isDone) this.#isStarting = false;
      // What was just filed may be what a pending leaf awaits.
      if (isDone && batch.statements.length === 0) return;
      await this.#owner.turn();
    }
  }

  /** False if the records could not be filed: then all is as before. */
  async #file(batch: Batch): Promise<boolean> {
    const { statements } = batch;
    let isFiled = false;
    try {
      const filed = await this.#owner.append({ build: (place) => this.#build(statements, place), cosign: null, urgent: false });
      isFiled = filed.ok;
      if (!filed.ok) this.#owner.alarm(filed.refusal);
    } finally {
      if (!isFiled) this.#takeBack(batch);
    }
    if (isFiled) this.#settle(batch);
    return isFiled;
  }

  #settle({ leaves, counts }: Batch): void {
    this.#unanswered.answered(leaves);
    for (const { from, to } of counts) this.#unanswered.answeredRange(from, to);
  }

  #takeBack({ leaves, counts }: Batch): void {
    this.#unanswered.giveBack(leaves);
    for (const count of counts) this.#counts.set(count.day, count);
  }

  #answer(leaves: readonly VoidLeaf[], isDone: boolean): Batch {
    const today = dayOf(this.#owner.nowMs());
    let left = refusalsPerDayMax - this.#saidOn(today);
    const said: VoidLeaf[] = [];
    for (const leaf of leaves) {
      const day = (this.#isStarting ? this.#dayReceived(leaf.index) : undefined) ?? today;
      if (day < today && this.#saidOn(day) >= refusalsPerDayMax) this.#count(day, leaf.index);
      else if (left <= 0) this.#count(today, leaf.index);
      else {
        left -= 1;
        said.push(leaf);
      }
    }
    // The days before are counted to their end first: one record for each.
    const counts = isDone ? [...this.#counts.values()].filter(({ day }) => day !== today) : [];
    for (const { day } of counts) this.#counts.delete(day);
    const statements = [...counts.map((count) => this.#countOf(count)), ...said.map((leaf) => this.#refusalOf(leaf))];
    return { statements, leaves: said.map(({ index }) => index), counts };
  }

  #count(day: string, index: number): void {
    const { from, to, refused } = this.#counts.get(day) ?? { from: index, to: index, refused: 0 };
    this.#counts.set(day, { day, from: Math.min(from, index), to: Math.max(to, index + 1), refused: refused + 1 });
  }

  /** How many refusals our log said in full on a day. */
  #saidOn(day: string): number {
    const { register, ownOrigin, peerOrigin } = this.#owner;
    return register.log(ownOrigin)?.held.refusalDays.get(refusalDayKey(peerOrigin, day)) ?? 0;
  }

  /** The day on which we received a leaf, by our own receipt; undefined before it. */
  #dayReceived(index: number): string | undefined {
    const { register, ownOrigin, peerOrigin } = this.#owner;
    const receipt = firstReceiptOf(register.log(ownOrigin)?.held.receipts, { log: peerOrigin, index }, () => false);
    return receipt === undefined ? undefined : dayOf(receipt.receivedAtMs);
  }

  #refusalOf({ index, refusal }: VoidLeaf): CoreStatement<CoreFormat> {
    const { peerOrigin, register } = this.#owner;
    const id = register.entry(peerOrigin, index)?.id;
    const references: readonly Reference[] = id === undefined ? [] : [{ relation: 'rejects', log: peerOrigin, index, id }];
    const { code, clause, detail } = refusal;
    const content = { log: peerOrigin, index, code, clause, detail: detail.slice(0, refusalDetailMax) };
    return { format: 'REFUSAL', content, role: 'machine', precedence: 'R', references };
  }

  #countOf({ from, to, refused }: DayCount): CoreStatement<CoreFormat> {
    const content = { log: this.#owner.peerOrigin, from, to, refused };
    return { format: 'REFUSAL-COUNT', content, role: 'machine', precedence: 'R', references: [] };
  }

  #build(statements: readonly CoreStatement<CoreFormat>[], place: AppendPlace) {
    const records: Uint8Array[] = [];
    for (const statement of statements) {
      const record = this.#owner.statement(statement, place);
      if (!record.ok) return record;
      records.push(record.value);
    }
    return accept({ records, leaves: [], tiles: [], documents: [] });
  }
}

function dayOf(timeMs: TimeMs): string {
  return textOfTime(timeMs).slice(0, 10);
}

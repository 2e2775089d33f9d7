import { refusalsPerDayMax } from '#base/limits.ts';
import { accept, type Refusal, type Result } from '#base/refusal.ts';
import { dayMs, type TimeMs } from '#base/time.ts';
import type { Appended } from '#centre/append.ts';
import type { AppendPlace, AppendWork } from '#centre/append-group.ts';
import type { CoreStatement } from '#centre/core-drafts.ts';
import { placeKey } from '#exchange/log-view.ts';
import type { Register } from '#exchange/register.ts';
import type { CoreFormat } from '#record/core-formats.ts';
import type { Reference } from '#record/envelope-schema.ts';

export interface RefuserOwner {
  readonly register: Register;
  readonly ownOrigin: string;
  readonly peerOrigin: string;
  readonly nowMs: () => TimeMs;
  mayFile(): boolean;
  statement<F extends CoreFormat>(statement: CoreStatement<F>, place: AppendPlace): Result<Uint8Array>;
  append(work: AppendWork): Promise<Result<Appended>>;
  alarm(refusal: Refusal): void;
}

interface VoidLeaf {
  readonly index: number;
  readonly refusal: Refusal;
}

/**
 * Answers the other side's unacceptable records with logged refusals (`spec/exchange.md` 1): the first of each day in full, the
 * rest counted. What was refused is read from our own log, so a start repeats nothing.
 */
export class Refuser {
  readonly #owner: RefuserOwner;
  #judgedTo = 0;
  #pending: readonly number[] = [];
  #dayFromMs = 0;
  #refusedToday = 0;
  #counted: { readonly from: number; readonly to: number; readonly refused: number } | undefined;
  #running: Promise<void> | undefined;

  constructor(owner: RefuserOwner) {
    this.#owner = owner;
  }

  /** Judges what has come since; one run at a time. */
  run(): void {
    this.#running ??= this.#judge().finally(() => {
      this.#running = undefined;
    });
  }

  /** Awaits the refusals under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #judge(): Promise<void> {
    while (this.#owner.mayFile()) {
      const voids = this.#newVoids();
      const records = [...this.#countOfDay(), ...voids.flatMap((leaf) => this.#answer(leaf))];
      if (records.length === 0) return;
      const filed = await this.#owner.append({ build: (place) => this.#build(records, place), cosign: null, urgent: false });
      if (filed.ok) continue;
      this.#pending = [...voids.map(({ index }) => index), ...this.#pending];
      return this.#owner.alarm(filed.refusal);
    }
  }

  /** What is void and not refused yet, among the leaves since the last run and those that were pending. */
  #newVoids(): readonly VoidLeaf[] {
    const { register, peerOrigin } = this.#owner;
    const size = register.held().find(({ origin }) => origin === peerOrigin)?.size ?? 0;
    const indices = [...this.#pending, ...Array.from({ length: size - this.#judgedTo }, (_, offset) => this.#judgedTo + offset)];
    this.#judgedTo = size;
    const judged = indices.map((index) => ({ index, judgement: register.standing(peerOrigin, index) }));
    this.#pending = judged.filter(({ judgement }) => judgement?.kind === 'pending').map(({ index }) => index);
    return judged.flatMap(({ index, judgement }) => {
      const isWrong = judgement?.kind === 'void' || judgement?.kind === 'not-understood';
      return isWrong && !this.#isRefused(index) && !this.#isRefusal(index) ? [{ index, refusal: judgement.refusal }] : [];
    });
  }

  /** A refusal that is itself void is not answered with another, or two centres would refuse each other for ever. */
  #isRefusal(index: number): boolean {
    const entry = this.#owner.register.entry(this.#owner.peerOrigin, index);
    return entry?.record === null && (entry.format === 'REFUSAL' || entry.format === 'REFUSAL-COUNT');
  }

  #isRefused(index: number): boolean {
    const { register, ownOrigin, peerOrigin } = this.#owner;
    const refusals = register.log(ownOrigin)?.held.refusals[placeKey({ log: peerOrigin, index })];
    return refusals !== undefined && refusals.length > 0;
  }

  #answer({ index, refusal }: VoidLeaf): readonly CoreStatement<CoreFormat>[] {
    this.#beginDay();
    this.#refusedToday += 1;
    if (this.#refusedToday > refusalsPerDayMax) {
      const counted = this.#counted ?? { from: index, to: index, refused: 0 };
      this.#counted = { from: Math.min(counted.from, index), to: Math.max(counted.to, index + 1), refused: counted.refused + 1 };
      return [];
    }
    const { peerOrigin, register } = this.#owner;
    const id = register.entry(peerOrigin, index)?.id;
    const references: readonly Reference[] = id === undefined ? [] : [{ relation: 'rejects', log: peerOrigin, index, id }];
    const content = { log: peerOrigin, index, code: refusal.code, clause: refusal.clause, detail: refusal.detail.slice(0, 400) };
    return [{ format: 'REFUSAL', content, role: 'machine', precedence: 'R', references }];
  }

  /** The count of a day that is over. */
  #countOfDay(): readonly CoreStatement<CoreFormat>[] {
    const counted = this.#counted;
    if (counted === undefined || this.#owner.nowMs() - this.#dayFromMs < dayMs) return [];
    this.#counted = undefined;
    const content = { log: this.#owner.peerOrigin, ...counted };
    return [{ format: 'REFUSAL-COUNT', content, role: 'machine', precedence: 'R', references: [] }];
  }

  #beginDay(): void {
    const nowMs = this.#owner.nowMs();
    if (nowMs - this.#dayFromMs < dayMs) return;
    this.#dayFromMs = nowMs - (nowMs % dayMs);
    this.#refusedToday = 0;
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

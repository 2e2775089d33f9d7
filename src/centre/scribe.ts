import { clockToleranceMs } from '#base/limits.ts';
import { accept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { type TimeMs, textOfTime } from '#base/time.ts';
import type { Appended, Appender } from '#centre/append.ts';
import { type AppendPlace, type AppendWork, type AppendWrites, groupRecordsMax } from '#centre/append-group.ts';
import { type CoreContext, type CoreStatement, coreDraft, receiptDraft } from '#centre/core-drafts.ts';
import type { Filed, Identity } from '#centre/desk.ts';
import type { ReceiptClaim } from '#centre/link/intake.ts';
import { isUrgentPrecedence, OwnGrowth } from '#centre/own-growth.ts';
import { type ReadLeaf, readLeaf } from '#exchange/acceptance.ts';
import type { CoreFormat } from '#record/core-formats.ts';
import { type KnownRecord, sealRecord } from '#record/envelope.ts';
import type { DraftRecord, Precedence } from '#record/envelope-schema.ts';
import { seriesKey } from '#record/number.ts';

export interface ScribeParts {
  readonly identity: Identity;
  readonly appender: Appender;
  /** Leaves of our log that the folds have already. */
  readonly entered: number;
  /** The filing time that the next may not precede by more than the tolerance. */
  readonly filedAtMs: TimeMs;
  readonly nowMs: () => TimeMs;
  readonly dutyTimeMs: () => TimeMs;
  readonly salt: () => string;
  /** A record of ours is durable and signed; called in the order of the log. */
  grown(leaf: ReadLeaf): void;
  alarm(refusal: Refusal): void;
}

/** Filing times kept: those of a group that may fail, and one before it. */
const filingsKept = groupRecordsMax + 1;

/**
 * Gives drafts their number and filing time inside the append transaction: the one way into our own log. Owner of the filing time
 * that the log has come to.
 */
export class Scribe {
  readonly #parts: ScribeParts;
  readonly #growth: OwnGrowth;
  /** What was sealed here, by its bytes, so that the folds need not read it again. */
  readonly #sealed = new WeakMap<Uint8Array, KnownRecord>();
  #filedAtMs: TimeMs;
  /** The filing time that the log came to with each piece of work, by the place of its first record; the newest last. */
  readonly #filings: { readonly index: number; readonly filedAtMs: TimeMs }[];

  constructor(parts: ScribeParts) {
    this.#parts = parts;
    this.#filedAtMs = parts.filedAtMs;
    this.#filings = [{ index: -1, filedAtMs: parts.filedAtMs }];
    this.#growth = new OwnGrowth(parts.appender, parts.entered, (index, bytes) => parts.grown(this.#readOwn(index, bytes)));
  }

  /**
   * Appends work. After a clock that went back, a record that says so goes before it: the first record that goes back is void by
   * `spec/exchange.md` 1, and a receipt or a notification must not be that one.
   */
  async append(work: AppendWork): Promise<Result<Appended>> {
    let before = 0;
    const appended = await this.#growth.append({
      ...work,
      build: (place) => {
        this.#filedAtMs = this.#filedBefore(place.index);
        const marks = this.#markClock(place);
        if (!marks.ok) return marks;
        before = marks.value.length;
        const built = work.build({ ...place, index: place.index + before });
        if (!built.ok || built.value.records.length === 0) {
          before = 0;
          return built;
        }
        this.#filings.push({ index: place.index, filedAtMs: this.#filedAtMs });
        return accept(withRecordsBefore(marks.value, built.value));
      },
    });
    if (!appended.ok || before === 0) return appended;
    return accept({ ...appended.value, index: appended.value.index + before });
  }

  async file(draft: DraftRecord): Promise<Result<Filed>> {
    let sealed: KnownRecord | undefined;
    const appended = await this.append({
      build: (place) => {
        const made = this.seal(draft, place);
        if (!made.ok) return made;
        sealed = made.value;
        return accept({ records: [made.value.bytes], leaves: [], tiles: [], documents: [] });
      },
      cosign: null,
      urgent: isUrgentPrecedence(draft.precedence.action),
    });
    if (!appended.ok || sealed === undefined) return appended as Extract<typeof appended, { readonly ok: false }>;
    return accept({ origin: this.#parts.identity.origin, index: appended.value.index, id: sealed.id, record: sealed.record });
  }

  /** Builds a core record's bytes at its place. */
  statement<F extends CoreFormat>(statement: CoreStatement<F>, place: AppendPlace): Result<Uint8Array> {
    return this.#bytes(coreDraft(this.#context(), statement), place);
  }

  receipt(claim: ReceiptClaim, precedence: Precedence, place: AppendPlace): Result<Uint8Array> {
    return this.#bytes(receiptDraft(this.#context(), claim, { precedence, nowMs: this.#parts.nowMs() }), place);
  }

  /** The draft of a core record, for those that are filed by themselves. */
  draft<F extends CoreFormat>(statement: CoreStatement<F>): DraftRecord {
    return coreDraft(this.#context(), statement);
  }

  seal(draft: DraftRecord, place: AppendPlace): Result<KnownRecord> {
    const nowMs = this.#parts.nowMs();
    this.#filedAtMs = Math.max(this.#filedAtMs, nowMs);
    const year = new Date(nowMs).toISOString().slice(2, 4);
    const series = seriesKey({ agreement: draft.basis.agreement, centre: draft.originator.centre, year });
    const sealed = sealRecord(draft, { serial: place.serial(series), filedAtMs: nowMs });
    if (sealed.ok) this.#sealed.set(sealed.value.bytes, sealed.value);
    return sealed;
  }

  #readOwn(index: number, bytes: Uint8Array): ReadLeaf {
    const known = this.#sealed.get(bytes);
    return known === undefined ? readLeaf({ index, bytes }) : { index, bytes, id: known.id, parsed: accept(known) };
  }

  /** What stood at this place or after it was never written: its filing times do not count. */
  #filedBefore(index: number): TimeMs {
    while ((this.#filings.at(-1)?.index ?? -1) >= index) this.#filings.pop();
    if (this.#filings.length > filingsKept) this.#filings.splice(0, this.#filings.length - filingsKept);
    return this.#filings.at(-1)?.filedAtMs ?? this.#filedAtMs;
  }

  /** The record that bears the first filing time after the clock went back; none while it goes on. */
  #markClock(place: AppendPlace): Result<readonly Uint8Array[]> {
    const nowMs = this.#parts.nowMs();
    if (this.#filedAtMs - nowMs <= clockToleranceMs) return accept([]);
    const text = `our clock went back, from ${textOfTime(this.#filedAtMs)} to ${textOfTime(nowMs)}`;
    this.#parts.alarm(refuse('record.filing-time', `${text}: find out which is right`).refusal);
    this.#filedAtMs = nowMs;
    const record = this.statement({ format: 'TEST', content: { text }, role: 'machine', precedence: 'R', references: [] }, place);
    return record.ok ? accept([record.value]) : record;
  }

  #bytes(draft: DraftRecord, place: AppendPlace): Result<Uint8Array> {
    const sealed = this.seal(draft, place);
    return sealed.ok ? accept(sealed.value.bytes) : sealed;
  }

  #context(): CoreContext {
    const { identity } = this.#parts;
    return { identity, peerCentre: identity.peer?.centre ?? '', salt: this.#parts.salt(), dutyTimeMs: this.#parts.dutyTimeMs() };
  }
}

function withRecordsBefore(records: readonly Uint8Array[], writes: AppendWrites): AppendWrites {
  return { ...writes, records: [...records, ...writes.records] };
}

import { accept, type Result } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import type { Appended, Appender } from '#centre/append.ts';
import type { AppendPlace, AppendWork } from '#centre/append-group.ts';
import { type CoreContext, type CoreStatement, coreDraft, receiptDraft } from '#centre/core-drafts.ts';
import type { Filed, Identity } from '#centre/desk.ts';
import type { ReceiptClaim } from '#centre/link/intake.ts';
import { isUrgentPrecedence, OwnGrowth } from '#centre/own-growth.ts';
import type { CoreFormat } from '#record/core-formats.ts';
import { type KnownRecord, sealRecord } from '#record/envelope.ts';
import type { DraftRecord, Precedence } from '#record/envelope-schema.ts';
import { seriesKey } from '#record/number.ts';

export interface ScribeParts {
  readonly identity: Identity;
  readonly appender: Appender;
  /** Leaves of our log that the folds have already. */
  readonly entered: number;
  readonly nowMs: () => TimeMs;
  readonly dutyTimeMs: () => TimeMs;
  readonly salt: () => string;
  /** A record of ours is durable and signed; called in the order of the log. */
  grown(index: number, record: Uint8Array): void;
}

/** Gives drafts their number and filing time inside the append transaction: the one way into our own log. */
export class Scribe {
  readonly #parts: ScribeParts;
  readonly #growth: OwnGrowth;

  constructor(parts: ScribeParts) {
    this.#parts = parts;
    this.#growth = new OwnGrowth(parts.appender, parts.entered, (index, record) => parts.grown(index, record));
  }

  append(work: AppendWork): Promise<Result<Appended>> {
    return this.#growth.append(work);
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
    const year = new Date(nowMs).toISOString().slice(2, 4);
    const series = seriesKey({ agreement: draft.basis.agreement, centre: draft.originator.centre, year });
    return sealRecord(draft, { serial: place.serial(series), filedAtMs: nowMs });
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

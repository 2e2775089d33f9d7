import { bytesOfText, hexOf, textOfBytes } from '#base/bytes.ts';
import { accept, assert, mustAccept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import type { Desk, Filed } from '#centre/desk.ts';
import type { Deed, Journal, JournalAct } from '#centre/people/journal.ts';
import { Turns } from '#centre/people/turns.ts';
import type { DocumentWrite } from '#centre/store/store.ts';
import { sha256 } from '#crypto/engine.ts';
import { draftHash, parseRecord } from '#record/envelope.ts';
import type { DraftRecord } from '#record/envelope-schema.ts';

/** One thing that an officer wants filed, and files once: a draft's release, one rung of one record's acknowledgement. */
export interface FilingAsk {
  /** What is filed once, such as `draft 17`. */
  readonly thing: string;
  readonly officer: string;
  /** The officer's `Idempotency-Key`; null if they gave none. */
  readonly key: string | null;
  /** What was asked, as text: a repetition under one key must ask the same. */
  readonly request: string;
  readonly draft: DraftRecord;
  readonly acts: FilingActs;
}

/** What the journal calls the beginning of a filing, its end, and its refusal by the centre. */
export interface FilingActs {
  readonly begun: JournalAct;
  readonly done: JournalAct;
  readonly failed: JournalAct;
}

/** A filing as the store keeps it: begun, and with its place when it is done. */
interface Filing {
  readonly thing: string;
  readonly officer: string;
  readonly key: string | null;
  readonly requestHash: string;
  readonly approved: string;
  /** The size of our log when it began: the record is not below. */
  readonly from: number;
  readonly acts: FilingActs;
  readonly at: FilingPlace | null;
}

export interface FilingPlace {
  readonly origin: string;
  readonly index: number;
  readonly id: string;
  readonly number: string;
}

/** The documents that change when a thing is filed, in the transaction that says so. */
export type AfterFiling = (filing: {
  readonly thing: string;
  readonly officer: string;
  readonly approved: string;
  readonly at: FilingPlace;
}) => Promise<readonly DocumentWrite[]>;

const begun = 'filing-begun';
const done = 'filing-done';
const interrupted = refuse('request.failed', 'interrupted before the record was in the log').refusal;
const readAtOnce = { count: 256, bytes: 1_048_576 };

/**
 * Files things once, whatever is interrupted: a filing is written down before the record is, and one that was cut off is settled
 * by what our log holds. Owner of the collections `filing-begun` and `filing-done`.
 */
export class Filings {
  readonly #desk: Desk;
  readonly #journal: Journal;
  readonly #after: AfterFiling;
  readonly #turns = new Turns();

  private constructor(desk: Desk, journal: Journal, after: AfterFiling) {
    this.#desk = desk;
    this.#journal = journal;
    this.#after = after;
  }

  /** Settles what an earlier process left begun, then opens. */
  static async open(desk: Desk, journal: Journal, after: AfterFiling): Promise<Filings> {
    const filings = new Filings(desk, journal, after);
    const left = await desk.store.documents(begun, { from: '', to: null, limit: 1024 });
    for (const { value } of left) await filings.#settle(filingOf(value), interrupted);
    return filings;
  }

  /** Files the thing; or returns the record that it was filed as, to a repetition of the same request under the same key. */
  async file(ask: FilingAsk): Promise<Result<Filed>> {
    return await this.#turns.take(ask.thing, async () => {
      const left = await this.#desk.store.document(begun, ask.thing);
      if (left !== undefined) await this.#settle(filingOf(left), interrupted);
      const before = await this.done(ask.thing);
      return before === undefined ? await this.#begin(ask) : await this.#repeat(ask, before);
    });
  }

  /** The record that an earlier request under this key was answered with; undefined if there was none. */
  async repeated(ask: Pick<FilingAsk, 'thing' | 'officer' | 'key' | 'request'>): Promise<Result<Filed> | undefined> {
    const before = await this.done(ask.thing);
    return before === undefined || ask.key === null || !isBy(ask, before) ? undefined : await this.#repeat(ask, before);
  }

  async done(thing: string): Promise<Filing | undefined> {
    const bytes = await this.#desk.store.document(done, thing);
    return bytes === undefined ? undefined : filingOf(bytes);
  }

  async #repeat(ask: Pick<FilingAsk, 'thing' | 'officer' | 'key' | 'request'>, before: Filing): Promise<Result<Filed>> {
    assert(before.at !== null, 'a filing that is done has a place');
    const { origin, index, number, id } = before.at;
    if (!isBy(ask, before)) {
      return refuse('request.repeat', `${ask.thing} is filed already, as ${number}`, { origin, index, number });
    }
    if (before.requestHash !== hashOf(ask.request)) {
      return refuse('request.repeat', 'this Idempotency-Key was used here for another request', { origin, index, number });
    }
    const leaf = await this.#desk.store.leaf(origin, index);
    assert(leaf !== undefined, 'a filed record is in our log');
    return accept({ origin, index, id, record: mustAccept(parseRecord(leaf)).record });
  }

  async #begin(ask: FilingAsk): Promise<Result<Filed>> {
    const { identity, store } = this.#desk;
    const filing: Filing = {
      thing: ask.thing,
      officer: ask.officer,
      key: ask.key,
      requestHash: hashOf(ask.request),
      approved: draftHash(ask.draft),
      from: store.size(identity.origin),
      acts: ask.acts,
      at: null,
    };
    const began = this.#deed(filing, filing.acts.begun, {});
    await this.#journal.enter(began, [{ collection: begun, key: filing.thing, value: bytesOf(filing) }]);
    const filed = await this.#desk.file(ask.draft).catch(async (error: unknown) => {
      await this.#settle(filing, interrupted);
      throw error;
    });
    if (!filed.ok) {
      await this.#settle(filing, filed.refusal);
      return filed;
    }
    const { origin, index, id, record } = filed.value;
    await this.#complete(filing, { origin, index, id, number: record.number });
    return filed;
  }

  /** After a failure the log says whether the record got into it. */
  async #settle(filing: Filing, refusal: Refusal): Promise<void> {
    const at = await this.#find(filing);
    if (at === undefined) await this.#fail(filing, refusal);
    else await this.#complete(filing, at);
  }

  /** Looks for the record in our log, from where it ended when the filing began. A salt makes each draft's hash its own. */
  async #find({ from, approved }: Filing): Promise<FilingPlace | undefined> {
    const { identity, store } = this.#desk;
    let index = from;
    for (;;) {
      const leaves = await store.leaves(identity.origin, index, readAtOnce);
      if (leaves.length === 0) return undefined;
      for (const leaf of leaves) {
        const known = parseRecord(leaf);
        if (known.ok && known.value.record.approved === approved) {
          return { origin: identity.origin, index, id: known.value.id, number: known.value.record.number };
        }
        index += 1;
      }
    }
  }

  async #complete(filing: Filing, at: FilingPlace): Promise<void> {
    const { thing, officer, approved } = filing;
    const documents: readonly DocumentWrite[] = [
      { collection: begun, key: thing, value: null },
      { collection: done, key: thing, value: bytesOf({ ...filing, at }) },
      ...(await this.#after({ thing, officer, approved, at })),
    ];
    const deed = this.#deed(filing, filing.acts.done, { index: at.index, id: at.id, number: at.number });
    await this.#journal.enter(deed, documents);
  }

  async #fail(filing: Filing, refusal: Refusal): Promise<void> {
    const deed = this.#deed(filing, filing.acts.failed, { code: refusal.code, detail: refusal.detail });
    await this.#journal.enter(deed, [{ collection: begun, key: filing.thing, value: null }]);
  }

  #deed({ thing, officer, approved }: Filing, act: JournalAct, details: Deed['details']): Deed {
    return { act, officer, details: { thing, approved, ...details } };
  }
}

function isBy(ask: Pick<FilingAsk, 'officer' | 'key'>, before: Filing): boolean {
  return ask.key !== null && ask.key === before.key && ask.officer === before.officer;
}

function hashOf(request: string): string {
  return hexOf(sha256(bytesOfText(request)));
}

function bytesOf(filing: Filing): Uint8Array {
  return bytesOfText(JSON.stringify(filing));
}

/** The store's own checksum has vouched for what this file wrote. */
function filingOf(bytes: Uint8Array): Filing {
  return JSON.parse(mustAccept(textOfBytes(bytes))) as Filing;
}

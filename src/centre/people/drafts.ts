import { bytesOfText, textOfBytes } from '#base/bytes.ts';
import { accept, mustAccept, type Result, refuse } from '#base/refusal.ts';
import { checkText } from '#base/text.ts';
import { textOfTime } from '#base/time.ts';
import type { Desk, Filed } from '#centre/desk.ts';
import {
  checkRelease,
  type Draft,
  edited,
  isReleasedAlone,
  released,
  returned,
  verified,
  withdrawn,
} from '#centre/people/draft.ts';
import { checkDraft, type DraftCheck, refuseUnsound } from '#centre/people/draft-check.ts';
import type { DraftInput } from '#centre/people/draft-input.ts';
import { recordOfInput } from '#centre/people/draft-record.ts';
import type { AfterFiling, Filings } from '#centre/people/filings.ts';
import type { Journal, JournalAct } from '#centre/people/journal.ts';
import { lastNumber, numberedKey } from '#centre/people/numbered.ts';
import { hasRole, type Officer } from '#centre/people/officer.ts';
import { Turns } from '#centre/people/turns.ts';
import type { DocumentWrite, Store } from '#centre/store/store.ts';
import { draftHash } from '#record/envelope.ts';

const collection = 'draft';
/** A document without content for each draft that is not finished, so that a start reads no others. */
const unfinished = 'draft-unfinished';
/** Says that all of them are marked: a store of an earlier version has no marks. */
const marks = 'draft-marks';
const readAtOnce = 256;
const numbering = 'numbering';
const releaseActs = { begun: 'draft-releasing', done: 'draft-released', failed: 'draft-not-released' } as const;

/** A released draft and whether this call released it. */
export interface Release {
  readonly draft: Draft;
  readonly filed: Filed;
}

/**
 * The drafts of a centre. Owner of the collection `draft` and of the unfinished drafts kept in memory; steps on one draft happen
 * one after another, each in one transaction with its entry in the journal.
 */
export class Drafts {
  readonly #desk: Desk;
  readonly #journal: Journal;
  readonly #filings: Filings;
  readonly #turns = new Turns();
  readonly #unfinished = new Map<number, Draft>();
  readonly #listeners = new Set<(id: number) => void>();
  #last: number;

  private constructor(desk: Desk, journal: Journal, opened: { readonly filings: Filings; readonly last: number }) {
    this.#desk = desk;
    this.#journal = journal;
    this.#filings = opened.filings;
    this.#last = opened.last;
  }

  /** `filings` was opened with `draftAfterFiling`, so that a release cut off earlier is settled by now. */
  static async open(desk: Desk, journal: Journal, filings: Filings): Promise<Drafts> {
    const last = await lastNumber(desk.store, collection);
    const drafts = new Drafts(desk, journal, { filings, last });
    if ((await desk.store.document(marks, unfinished)) === undefined) await drafts.#markUnfinished();
    await drafts.#readUnfinished();
    return drafts;
  }

  /** Hears the number of each draft that changed; the returned function stops it. */
  listen(listener: (id: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async create(input: DraftInput, author: Officer): Promise<Result<Draft>> {
    const record = await recordOfInput(this.#desk, input, author);
    if (!record.ok) return record;
    return await this.#turns.take(numbering, async () => {
      const draft: Draft = {
        schema: 'anshin.draft-file/1',
        id: this.#last + 1,
        state: 'drafted',
        input,
        record: record.value,
        hash: draftHash(record.value),
        authors: [author.id],
        verified: null,
        returned: null,
        released: null,
        changedAt: this.#now(),
      };
      await this.#keep(draft, 'draft-created', author);
      this.#last = draft.id;
      return accept(draft);
    });
  }

  async edit(id: number, input: DraftInput, author: Officer): Promise<Result<Draft>> {
    return await this.#step({ id, officer: author, act: 'draft-changed' }, async (draft) => {
      const record = await recordOfInput(this.#desk, input, author);
      if (!record.ok) return record;
      const next = { input, record: record.value, hash: draftHash(record.value), changedAt: this.#now() };
      return edited(draft, next, author);
    });
  }

  async verify(id: number, hash: string, officer: Officer): Promise<Result<Draft>> {
    return await this.#step({ id, officer, act: 'draft-verified' }, async (draft) => {
      const next = verified(draft, { officer, at: this.#now(), hash });
      if (!next.ok) return next;
      const check = this.check(draft);
      return check.passes ? next : refuseUnsound(draft, check);
    });
  }

  async giveBack(id: number, reason: string, officer: Officer): Promise<Result<Draft>> {
    const text = checkText(reason);
    if (!text.ok) return text;
    return await this.#step({ id, officer, act: 'draft-returned' }, async (draft) =>
      returned(draft, { officer, at: this.#now(), reason }),
    );
  }

  async withdraw(id: number, officer: Officer): Promise<Result<Draft>> {
    return await this.#step({ id, officer, act: 'draft-withdrawn' }, async (draft) =>
      withdrawn(draft, { officer, at: this.#now() }),
    );
  }

  /** Files the draft's record. Resolves when it is durable and signed; a repetition under one key gives the same record again. */
  async release(
    id: number,
    hash: string,
    by: { readonly officer: Officer; readonly key: string | null },
  ): Promise<Result<Release>> {
    return await this.#turns.take(String(id), async () => {
      const draft = await this.get(id);
      if (!draft.ok) return draft;
      const ask = {
        thing: thingOf(id),
        officer: by.officer.id,
        key: by.key,
        request: hash,
        draft: draft.value.record,
        acts: releaseActs,
      };
      const filed = (await this.#filings.repeated(ask)) ?? (await this.#releaseNow(draft.value, ask, { ...by, hash }));
      if (!filed.ok) return filed;
      const now = mustAccept(await this.get(id));
      this.#note(now);
      this.#tell(id);
      return accept({ draft: now, filed: filed.value });
    });
  }

  async get(id: number): Promise<Result<Draft>> {
    const bytes = await this.#desk.store.document(collection, numberedKey(id));
    return bytes === undefined ? refuse('draft.unknown', `there is no draft ${id}`, { draft: id }) : accept(draftOfBytes(bytes));
  }

  /** Drafts by number, ascending. */
  async list(from: number, limit: number): Promise<readonly Draft[]> {
    const found = await this.#desk.store.documents(collection, { from: numberedKey(from), to: null, limit });
    return found.map(({ value }) => draftOfBytes(value));
  }

  /** Tries what an officer would draft, and keeps nothing. */
  async try(
    input: DraftInput,
    author: Officer,
  ): Promise<Result<{ readonly record: Draft['record']; readonly check: DraftCheck }>> {
    const record = await recordOfInput(this.#desk, input, author);
    return record.ok ? accept({ record: record.value, check: checkDraft(this.#desk, record.value) }) : record;
  }

  check(draft: Pick<Draft, 'record'>): DraftCheck {
    return checkDraft(this.#desk, draft.record);
  }

  /** The unfinished drafts that wait for a step which this officer may take. */
  waitingFor(officer: Officer): readonly Draft[] {
    return [...this.#unfinished.values()].filter((draft) => isWaitingFor(draft, officer));
  }

  async #releaseNow(
    draft: Draft,
    ask: Parameters<Filings['file']>[0],
    by: { readonly officer: Officer; readonly hash: string },
  ): Promise<Result<Filed>> {
    const allowed = checkRelease(draft, { officer: by.officer, at: this.#now(), hash: by.hash });
    if (!allowed.ok) return allowed;
    const check = this.check(draft);
    return check.passes ? await this.#filings.file(ask) : refuseUnsound(draft, check);
  }

  async #step(
    of: { readonly id: number; readonly officer: Officer; readonly act: JournalAct },
    change: (draft: Draft) => Promise<Result<Draft>>,
  ): Promise<Result<Draft>> {
    return await this.#turns.take(String(of.id), async () => {
      const draft = await this.get(of.id);
      if (!draft.ok) return draft;
      const next = await change(draft.value);
      if (next.ok) await this.#keep(next.value, of.act, of.officer);
      return next;
    });
  }

  async #keep(draft: Draft, act: JournalAct, officer: Officer): Promise<void> {
    const { id, hash, returned: given } = draft;
    const reason = act === 'draft-returned' && given !== null ? { reason: given.reason } : {};
    await this.#journal.enter({ act, officer: officer.id, details: { draft: id, hash, ...reason } }, documentsOf(draft));
    this.#note(draft);
    this.#tell(id);
  }

  #note(draft: Draft): void {
    if (isFinished(draft)) this.#unfinished.delete(draft.id);
    else this.#unfinished.set(draft.id, draft);
  }

  async #markUnfinished(): Promise<void> {
    for (let from = 1; from <= this.#last; from += readAtOnce) {
      const documents = (await this.list(from, readAtOnce)).map(markOf);
      await this.#desk.store.commit({ leaves: [], tiles: [], documents });
    }
    const done = { collection: marks, key: unfinished, value: new Uint8Array() };
    await this.#desk.store.commit({ leaves: [], tiles: [], documents: [done] });
  }

  async #readUnfinished(): Promise<void> {
    for (let from = ''; ; ) {
      const found = await this.#desk.store.documents(unfinished, { from, to: null, limit: readAtOnce });
      for (const { key } of found) this.#note(mustAccept(await this.get(Number(key))));
      const last = found.at(-1);
      if (last === undefined || found.length < readAtOnce) return;
      from = numberedKey(Number(last.key) + 1);
    }
  }

  #tell(id: number): void {
    for (const listener of this.#listeners) listener(id);
  }

  #now(): string {
    return textOfTime(this.#desk.nowMs());
  }
}

/** Marks a draft as released in the transaction that says its record is filed; other things that are filed change no draft. */
export function draftAfterFiling(store: Store, nowMs: () => number): AfterFiling {
  return async ({ thing, officer, approved, at }) => {
    const id = idOfThing(thing);
    const bytes = id === undefined ? undefined : await store.document(collection, numberedKey(id));
    if (bytes === undefined) return [];
    const draft = draftOfBytes(bytes);
    const step = { by: officer, at: textOfTime(nowMs()), hash: approved };
    return documentsOf(released(draft, step, { origin: at.origin, index: at.index, id: at.id, number: at.number }));
  };
}

function isWaitingFor(draft: Draft, officer: Officer): boolean {
  const isAuthor = draft.authors.includes(officer.id);
  if (draft.state === 'returned') return isAuthor;
  if (isReleasedAlone(draft)) return hasRole(officer, ['watch-officer']);
  if (isAuthor) return false;
  return hasRole(officer, [draft.state === 'verified' ? 'releaser' : 'verifier']);
}

function thingOf(id: number): string {
  return `draft ${id}`;
}

function idOfThing(thing: string): number | undefined {
  const id = /^draft (\d+)$/.exec(thing)?.[1];
  return id === undefined ? undefined : Number(id);
}

function documentsOf(draft: Draft): readonly DocumentWrite[] {
  return [{ collection, key: numberedKey(draft.id), value: bytesOfText(JSON.stringify(draft)) }, markOf(draft)];
}

function markOf(draft: Draft): DocumentWrite {
  return { collection: unfinished, key: numberedKey(draft.id), value: isFinished(draft) ? null : new Uint8Array() };
}

function isFinished({ state }: Draft): boolean {
  return state === 'released' || state === 'withdrawn';
}

/** The store's own checksum has vouched for what this file wrote. */
function draftOfBytes(bytes: Uint8Array): Draft {
  return JSON.parse(mustAccept(textOfBytes(bytes))) as Draft;
}

import { hexOf } from '#base/bytes.ts';
import { refusalDetailMax, signInFailuresPerMinuteMax } from '#base/limits.ts';
import { minuteMs, type TimeMs, textOfTime } from '#base/time.ts';
import { lastNumber, numberedKey } from '#centre/people/numbered.ts';
import { Turns } from '#centre/people/turns.ts';
import type { DocumentWrite, Store } from '#centre/store/store.ts';
import { sha256 } from '#crypto/engine.ts';
import { canonicalBytes, parseCanonical } from '#record/canonical.ts';
import { faultsOf, type Static } from '#record/schema.ts';

export const journalActs = [
  'sign-in-failed',
  'sign-ins-failed',
  'refused',
  'draft-created',
  'draft-changed',
  'draft-verified',
  'draft-returned',
  'draft-withdrawn',
  'draft-releasing',
  'draft-released',
  'draft-not-released',
  'acknowledging',
  'acknowledged',
  'not-acknowledged',
  'proof-exported',
  'clock-set',
  'store-confirmed',
  'backup-made',
  'succession-prepared',
  'succession-applied',
  'succession-confirmed',
  'succession-accepted',
] as const;
export type JournalAct = (typeof journalActs)[number];

/** One line of what happened here, with the hash of the line before (`spec/officers.md` 8). */
const entrySchema = {
  type: 'object',
  properties: {
    schema: { const: 'anshin.journal/1' },
    number: { type: 'integer', minimum: 1 },
    at: { type: 'string', format: 'time' },
    before: { type: 'string', pattern: '^[0-9a-f]{64}$', maxLength: 64 },
    act: { enum: journalActs },
    officer: { type: 'string', maxLength: 32 },
    details: { type: 'object', properties: {}, required: [], additionalProperties: true },
  },
  required: ['schema', 'number', 'at', 'before', 'act', 'details'],
  additionalProperties: false,
} as const;

export type JournalEntry = Omit<Static<typeof entrySchema>, 'details'> & { readonly details: Details };
type Details = Readonly<Record<string, string | number>>;

/** What is to be written down: who did what. `officer` is null where nobody signed in. */
export interface Deed {
  readonly act: JournalAct;
  readonly officer: string | null;
  readonly details: Details;
}

const collection = 'journal';
const entryBytesMax = 65_536;
const nothingBefore = '0'.repeat(64);
const readAtOnce = 256;

/**
 * The journal of a centre. Owner of the chain's end; entries are written one after another, each in one transaction with the
 * documents that it is about, so that nothing an officer does is kept without its entry.
 */
export class Journal {
  readonly #store: Store;
  readonly #nowMs: () => TimeMs;
  readonly #turns = new Turns();
  #last: { readonly number: number; readonly hash: string };
  #failures = { minute: 0, counted: 0, uncounted: 0 };

  private constructor(store: Store, nowMs: () => TimeMs, last: { readonly number: number; readonly hash: string }) {
    this.#store = store;
    this.#nowMs = nowMs;
    this.#last = last;
  }

  static async open(store: Store, nowMs: () => TimeMs): Promise<Journal> {
    const number = await lastNumber(store, collection);
    const bytes = await store.document(collection, numberedKey(number));
    return new Journal(store, nowMs, { number, hash: bytes === undefined ? nothingBefore : hexOf(sha256(bytes)) });
  }

  /** Resolves when the entry and the documents are durable; rejects with neither written. */
  async enter(deed: Deed, documents: readonly DocumentWrite[]): Promise<void> {
    await this.#turns.take('end', async () => await this.#write(deed, documents));
  }

  /** Writes a failed sign-in down, unless this minute has had its many: then they are counted, and the count is written. */
  async enterFailedSignIn(details: Details): Promise<void> {
    const minute = Math.floor(this.#nowMs() / minuteMs);
    const { uncounted } = this.#failures;
    if (minute !== this.#failures.minute) {
      this.#failures = { minute, counted: 0, uncounted: 0 };
      if (uncounted > 0) await this.enter({ act: 'sign-ins-failed', officer: null, details: { count: uncounted } }, []);
    }
    if (this.#failures.counted >= signInFailuresPerMinuteMax) {
      this.#failures.uncounted += 1;
      return;
    }
    this.#failures.counted += 1;
    await this.enter({ act: 'sign-in-failed', officer: null, details }, []);
  }

  /** Entries by number, ascending. */
  async read(from: number, limit: number): Promise<readonly JournalEntry[]> {
    const found = await this.#store.documents(collection, { from: numberedKey(from), to: null, limit });
    return found.flatMap(({ value }) => entryOf(value) ?? []);
  }

  async #write(deed: Deed, documents: readonly DocumentWrite[]): Promise<void> {
    const number = this.#last.number + 1;
    const bytes = canonicalBytes({
      schema: 'anshin.journal/1',
      number,
      at: textOfTime(this.#nowMs()),
      before: this.#last.hash,
      act: deed.act,
      ...(deed.officer === null ? {} : { officer: deed.officer }),
      details: Object.fromEntries(Object.entries(deed.details).map(([name, value]) => [name, writable(value)])),
    });
    const entry = { collection, key: numberedKey(number), value: bytes };
    await this.#store.commit({ leaves: [], tiles: [], documents: [...documents, entry] });
    this.#last = { number, hash: hexOf(sha256(bytes)) };
  }
}

/** A sentence for each place where the chain of a store's journal does not hold; none if it does. */
export async function journalFaults(store: Store): Promise<readonly string[]> {
  const faults: string[] = [];
  let number = 1;
  let before = nothingBefore;
  for (;;) {
    const found = await store.documents(collection, { from: numberedKey(number), to: null, limit: readAtOnce });
    for (const { key, value } of found) {
      const entry = entryOf(value);
      if (key !== numberedKey(number)) faults.push(`journal: entry ${number} is missing`);
      else if (entry?.number !== number) faults.push(`journal: entry ${number} is not an entry`);
      else if (entry.before !== before) faults.push(`journal: entry ${number} does not follow from the one before`);
      if (faults.length > 0) return faults;
      number += 1;
      before = hexOf(sha256(value));
    }
    if (found.length < readAtOnce) return faults;
  }
}

function entryOf(bytes: Uint8Array): JournalEntry | undefined {
  const value = parseCanonical(bytes, entryBytesMax);
  if (!value.ok || faultsOf(entrySchema, value.value).length > 0) return undefined;
  return value.value as unknown as JournalEntry;
}

/** Details may quote what an outsider sent. */
function writable(value: string | number): string | number {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : String(value);
  return value.replace(/\p{C}/gu, '\ufffd').slice(0, refusalDetailMax).toWellFormed();
}

import { type Folds, logsAbroad } from '#exchange/folds.ts';
import { type Entry, type Place, placeKey, precedenceFor, recordKey } from '#exchange/log-view.ts';
import { dumpOfShelves } from '#exchange/register-dump.ts';
import { indexOfKey, type KeyRange, keysUnder, type Shelf, type Shelves, tally } from '#exchange/shelf.ts';
import { entryOf } from '#exchange/verdict.ts';
import type { CoreContent } from '#record/core-formats.ts';
import type { Precedence, RecordEnvelope } from '#record/envelope-schema.ts';

/** The highest first, as they are read. */
export const precedences: readonly Precedence[] = ['Z', 'O', 'P', 'R'];

/** Whether a record asks for an acknowledgement by a centre: a statement to it, other than an answer. */
export function asksAcknowledgement(record: RecordEnvelope, centre: string): boolean {
  return !['acknowledgement', 'error'].includes(record.class) && precedenceFor(record, centre) !== undefined;
}

/**
 * The kept records that await A1 by an addressee, so that nobody need look for them among all others: a function of the held leaves,
 * in whatever order two logs came. Those that another log makes void are among them: an adoption may let them stand once more.
 */
export class Unacknowledged {
  readonly #folds: Folds;
  /** By centre, precedence, log and index. */
  readonly #rows: Shelf<true>;
  readonly #counts: Shelf<number>;

  constructor(folds: Folds, shelves: Shelves) {
    this.#folds = folds;
    this.#rows = shelves.shelf('unacknowledged');
    this.#counts = shelves.shelf('unacknowledged-counts');
  }

  /** How many records await a centre. */
  count(centre: string): number {
    return this.#counts.get(centre) ?? 0;
  }

  /** Places that await a centre at a precedence, from a key on, in the order of the logs' origins and of each log. */
  page(of: { readonly centre: string; readonly precedence: Precedence; readonly from: string | null; readonly limit: number }) {
    const { centre, precedence, from, limit } = of;
    const range: KeyRange = keysUnder(`${centre} ${precedences.indexOf(precedence)}`);
    const rows = this.#rows.rows({ from: from ?? range.from, to: range.to, limit, order: 'up' });
    return rows.map(({ key }) => ({ key, place: placeIn(key) }));
  }

  /** A record was entered in its log's view. */
  entered(log: string, { index, id, record }: Entry): void {
    if (record === null) return;
    for (const centre of [...record.action, ...record.info]) {
      const precedence = precedenceFor(record, centre);
      if (precedence === undefined || !asksAcknowledgement(record, centre)) continue;
      const spoken = logsAbroad(this.#folds, log).filter(({ owner }) => owner === centre);
      if (spoken.length === 0 || spoken.some(({ origin }) => this.#isSaid(origin, recordKey({ log, index }, id)))) continue;
      this.#rows.set(rowKey(centre, precedence, { log, index }), true);
      tally(this.#counts, centre, 1);
    }
  }

  /** An acknowledgement of a record was entered in a centre's log. */
  acknowledged(centre: string, content: CoreContent<'ACK'>, id: string | undefined): void {
    if (content.rung !== 'A1') return;
    const reader = this.#folds.log(content.log);
    const subject = reader === undefined ? undefined : entryOf({ held: reader.held, urgent: null }, content.index);
    if (subject === undefined || subject.record === null || subject.id !== id) return;
    const precedence = precedenceFor(subject.record, centre);
    if (precedence === undefined) return;
    const key = rowKey(centre, precedence, content);
    if (this.#rows.get(key) === undefined) return;
    this.#rows.delete(key);
    tally(this.#counts, centre, -1);
  }

  dump(): unknown {
    return dumpOfShelves({ rows: this.#rows, counts: this.#counts });
  }

  #isSaid(origin: string, key: string): boolean {
    const said = this.#folds.log(origin)?.held.acknowledgements.get(key);
    return said?.some(({ rung }) => rung === 'A1') === true;
  }
}

function rowKey(centre: string, precedence: Precedence, place: Place): string {
  return `${centre} ${precedences.indexOf(precedence)} ${placeKey(place)}`;
}

function placeIn(key: string): Place {
  return { log: key.split(' ')[2] ?? '', index: indexOfKey(key) };
}

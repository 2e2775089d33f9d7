/**
 * Rows by key, in the order of keys, where a fold keeps what grows with its logs: in memory, or on a disk with a part of it in
 * memory. Keys are printable ASCII. A value is plain JSON and belongs to the shelf once it is set: nobody changes it in place.
 */
export interface Shelf<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
  rows(range: RowRange): readonly Row<T>[];
}

export interface Row<T> {
  readonly key: string;
  readonly value: T;
}

/** Keys from `from` up to but not including `to`: so many of the lowest, ascending, or of the highest, descending. */
export interface RowRange extends KeyRange {
  readonly limit: number;
  readonly order: 'up' | 'down';
}

export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

/** Gives each fold its shelves, by names of its own. */
export interface Shelves {
  shelf<T>(name: string): Shelf<T>;
}

/** Every key there is: `~` is the last printable character, and no key begins with it. */
export const allKeys: KeyRange = { from: '', to: '~' };

/** Rows read at a time where all are walked. */
const walkRows = 256;

/** An index as a key, so that keys sort as indices do. */
export function indexKey(index: number): string {
  return String(index).padStart(16, '0');
}

export function indexOfKey(key: string): number {
  return Number(key.slice(-16));
}

/** The keys that begin with these words and a space, from the rest `after` on. */
export function keysUnder(words: string, after = ''): KeyRange {
  return { from: `${words} ${after}`, to: `${words}!` };
}

export function firstRow<T>(shelf: Shelf<T>, range: KeyRange): Row<T> | undefined {
  return shelf.rows({ ...range, limit: 1, order: 'up' })[0];
}

export function lastRow<T>(shelf: Shelf<T>, range: KeyRange): Row<T> | undefined {
  return shelf.rows({ ...range, limit: 1, order: 'down' })[0];
}

/** Walks rows ascending; those behind the walk may be changed and removed on the way. */
export function* eachRow<T>(shelf: Shelf<T>, { from, to }: KeyRange): Generator<Row<T>> {
  for (let next = from; ; ) {
    const rows = shelf.rows({ from: next, to, limit: walkRows, order: 'up' });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < walkRows) return;
    next = keyAfter(last.key);
  }
}

/** The lowest key above another. */
export function keyAfter(key: string): string {
  return `${key} `;
}

/** Adds to a count; a count of nothing has no row. */
export function tally(counts: Shelf<number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

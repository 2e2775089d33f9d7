import type { RecentValues } from '#centre/folds/recent-values.ts';
import type { Item, ShelfFile } from '#centre/folds/shelf-file.ts';
import { MemoryShelf } from '#exchange/memory-shelf.ts';
import { allKeys, type KeyRange, keyAfter, type Row, type RowRange, type Shelf } from '#exchange/shelf.ts';

/** A change that waits: the value, or null where the row goes. */
interface Change<T> {
  readonly value: T | null;
}

/** Rows read at a time. */
const rowsAtOnce = 64;

/** One shelf of a file. Owner of its changes that wait; what is ready in memory belongs to all shelves together. */
export class KeptShelf<T> implements Shelf<T> {
  readonly #file: ShelfFile;
  readonly #id: number;
  readonly #recent: RecentValues;
  readonly #changed: (more: number) => void;
  readonly #changes = new MemoryShelf<Change<T>>();
  /** No key above this one is in the file: what is new is asked for most, and costs no look at the disk. */
  #highest: string;

  constructor(file: ShelfFile, id: number, shared: { readonly recent: RecentValues; readonly changed: (more: number) => void }) {
    this.#file = file;
    this.#id = id;
    this.#recent = shared.recent;
    this.#changed = shared.changed;
    this.#highest = file.highest(id);
  }

  get(key: string): T | undefined {
    const change = this.#changes.get(key);
    if (change !== undefined) return change.value ?? undefined;
    if (key > this.#highest) return undefined;
    const known = this.#recent.get(this.#nameOf(key));
    if (known !== undefined) return known as T;
    const text = this.#file.get(this.#id, key);
    return text === undefined ? undefined : this.#remember(key, text);
  }

  set(key: string, value: T): void {
    this.#change(key, { value });
  }

  delete(key: string): void {
    if (key <= this.#highest) return this.#change(key, { value: null });
    const before = this.#changes.size;
    this.#changes.delete(key);
    this.#changed(this.#changes.size - before);
  }

  /** Merges what waits with what the file has; of one key what waits counts. */
  rows(range: RowRange): readonly Row<T>[] {
    const rows: Row<T>[] = [];
    const [changes, items] = [this.#changesIn(range), this.#itemsIn(range)];
    let change = changes.next();
    let item: IteratorResult<Item> | undefined;
    while (rows.length < range.limit) {
      // The newest rows are asked for most: above the highest key of the file there is nothing to merge with.
      const isNewest = range.order === 'down' && change.done !== true && change.value.key > this.#highest;
      if (!isNewest) item ??= items.next();
      if (change.done !== true && (isNewest || item?.done !== false || isFirst(change.value.key, item.value.key, range.order))) {
        if (item?.done === false && item.value.key === change.value.key) item = items.next();
        const { key, value } = change.value;
        if (value.value !== null) rows.push({ key, value: value.value });
        change = changes.next();
      } else if (item?.done === false) {
        rows.push({ key: item.value.key, value: this.#valueOf(item.value) });
        item = items.next();
      } else return rows;
    }
    return rows;
  }

  /** What waits, as the file is to have it. It is likely to be read again. */
  *changes(): Generator<{ readonly shelf: number; readonly key: string; readonly text: string | null }> {
    for (const { key, value } of this.#changesIn({ ...allKeys, limit: this.#changes.size, order: 'up' })) {
      const text = value.value === null ? null : JSON.stringify(value.value);
      if (text === null) this.#recent.delete(this.#nameOf(key));
      else this.#recent.set(this.#nameOf(key), value.value, text.length);
      yield { shelf: this.#id, key, text };
    }
  }

  /** All that waited is in the file. */
  kept(): void {
    for (const { key, value } of this.#changesIn({ ...allKeys, limit: this.#changes.size, order: 'down' })) {
      if (value.value === null) continue;
      if (key > this.#highest) this.#highest = key;
      break;
    }
    this.#changes.clear();
  }

  *#changesIn({ from, to, limit, order }: RowRange): Generator<Row<Change<T>>> {
    yield* eachPage({ from, to }, { limit, order }, (range) => this.#changes.rows(range));
  }

  *#itemsIn({ from, to, limit, order }: RowRange): Generator<Item> {
    if (from > this.#highest) return;
    yield* eachPage({ from, to }, { limit, order }, (range) => this.#file.items(this.#id, range));
  }

  #change(key: string, change: Change<T>): void {
    const before = this.#changes.size;
    this.#changes.set(key, change);
    this.#changed(this.#changes.size - before);
  }

  #valueOf({ key, text }: Item): T {
    const known = this.#recent.get(this.#nameOf(key));
    return known === undefined ? this.#remember(key, text) : (known as T);
  }

  #remember(key: string, text: string): T {
    const value = JSON.parse(text) as T;
    this.#recent.set(this.#nameOf(key), value, text.length);
    return value;
  }

  #nameOf(key: string): string {
    return `${this.#id} ${key}`;
  }
}

function isFirst(key: string, other: string, order: RowRange['order']): boolean {
  return key === other || key < other === (order === 'up');
}

/** All of a range, a page at a time, as far as the caller goes. */
function* eachPage<R extends { readonly key: string }>(
  keys: KeyRange,
  { limit, order }: Pick<RowRange, 'limit' | 'order'>,
  read: (range: RowRange) => readonly R[],
): Generator<R> {
  let atOnce = Math.min(limit, rowsAtOnce);
  for (let range = keys; ; ) {
    const rows = read({ ...range, limit: atOnce, order });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < atOnce) return;
    range = order === 'up' ? { ...range, from: keyAfter(last.key) } : { ...range, to: last.key };
    // Whoever wants one row and goes on comes through rows that are gone.
    atOnce = rowsAtOnce;
  }
}

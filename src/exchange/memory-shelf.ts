import type { Row, RowRange, Shelf, Shelves } from '#exchange/shelf.ts';
import { lowestWhere } from '#exchange/sorted.ts';

/** Shelves in memory alone. */
export class MemoryShelves implements Shelves {
  readonly #shelves = new Map<string, MemoryShelf<unknown>>();

  shelf<T>(name: string): Shelf<T> {
    const shelf = this.#shelves.get(name) ?? new MemoryShelf<unknown>();
    this.#shelves.set(name, shelf);
    // Whoever names a shelf knows what stands on it.
    return shelf as unknown as Shelf<T>;
  }
}

/** Keys mostly come in ascending order: then each costs no more than a push. */
export class MemoryShelf<T> implements Shelf<T> {
  readonly #values = new Map<string, T>();
  readonly #keys: string[] = [];

  get size(): number {
    return this.#keys.length;
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: T): void {
    if (!this.#values.has(key)) {
      const last = this.#keys.at(-1);
      if (last === undefined || last < key) this.#keys.push(key);
      else this.#keys.splice(this.#position(key), 0, key);
    }
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#keys.splice(this.#position(key), 1);
  }

  rows({ from, to, limit, order }: RowRange): readonly Row<T>[] {
    const [low, high] = [this.#position(from), this.#position(to)];
    const keys =
      order === 'up'
        ? this.#keys.slice(low, Math.min(high, low + limit))
        : this.#keys.slice(Math.max(low, high - limit), high).toReversed();
    return keys.map((key) => ({ key, value: this.#values.get(key) as T }));
  }

  clear(): void {
    this.#values.clear();
    this.#keys.length = 0;
  }

  #position(key: string): number {
    return lowestWhere(this.#keys.length, (position) => (this.#keys[position] ?? '') >= key);
  }
}

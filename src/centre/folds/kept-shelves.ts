import { KeptShelf } from '#centre/folds/kept-shelf.ts';
import { RecentValues } from '#centre/folds/recent-values.ts';
import type { Marks, ShelfFile } from '#centre/folds/shelf-file.ts';
import type { Shelf, Shelves } from '#exchange/shelf.ts';

/** UTF-16 code units of values, as text, that are kept ready after they were read: some three times as many bytes of memory. */
const recentUnitsMax = 4_194_304;

/**
 * Shelves on disk: what was set since the last `keep` is in memory, the rest in the file, and a part of it ready in memory too. Owner
 * of the changes that wait.
 */
export class KeptShelves implements Shelves {
  readonly #file: ShelfFile;
  readonly #recent = new RecentValues(recentUnitsMax);
  readonly #shelves = new Map<string, KeptShelf<unknown>>();
  #waiting = 0;

  constructor(file: ShelfFile) {
    this.#file = file;
  }

  shelf<T>(name: string): Shelf<T> {
    const shelf = this.#shelves.get(name) ?? this.#made(name);
    this.#shelves.set(name, shelf);
    // Whoever names a shelf knows what stands on it.
    return shelf as unknown as Shelf<T>;
  }

  /** Changes that are in memory alone. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Writes every change, with marks that say what it is, in one transaction. Where it throws, all is as before. */
  keep(marks: Marks): void {
    this.#file.write(this.#changes(), marks);
    for (const shelf of this.#shelves.values()) shelf.kept();
    this.#waiting = 0;
  }

  #made(name: string): KeptShelf<unknown> {
    const changed = (more: number): void => {
      this.#waiting += more;
    };
    return new KeptShelf(this.#file, this.#file.idOf(name), { recent: this.#recent, changed });
  }

  *#changes() {
    for (const shelf of this.#shelves.values()) yield* shelf.changes();
  }
}

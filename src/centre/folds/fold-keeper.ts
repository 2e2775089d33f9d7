import { type Refusal, refuse } from '#base/refusal.ts';
import { type FoldedLog, foldedIn, marksOf } from '#centre/folds/fold-marks.ts';
import { KeptShelves } from '#centre/folds/kept-shelves.ts';
import { type FoldsDamaged, ShelfFile } from '#centre/folds/shelf-file.ts';
import type { World } from '#centre/world.ts';

/** Changes that wait in memory before they are written: some milliseconds of work. */
const changesMax = 1_000;
/** How long changes wait at the most, and how long after a disk refused them. */
const keepMs = 1_000;
const keepAgainMs = 10_000;

export interface KeeperParts {
  readonly path: string;
  /** What the folds are made by, beside the leaves (`rulesMark`). */
  readonly rules: string;
  readonly world: World;
  /** Whether a log, as stored, has that root at that size. */
  readonly holds: (log: FoldedLog) => boolean;
  readonly alarm: (refusal: Refusal) => void;
}

/**
 * Keeps the folds on disk beside the store, so that a start need not read every leaf. They are only a cache: what was made by other
 * rules, of other leaves, or cannot be read is thrown away and made again. Owner of the file and of the timer.
 */
export class FoldKeeper {
  readonly shelves: KeptShelves;
  readonly #file: ShelfFile;
  readonly #parts: KeeperParts;
  #folded: (() => readonly FoldedLog[]) | undefined;
  #callOff: (() => void) | undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    const file = this.#opened();
    if (isUsable(file, parts)) this.#file = file;
    else {
      file.discard();
      file.close();
      this.#file = this.#opened();
    }
    this.shelves = new KeptShelves(this.#file);
  }

  /** From now on the folds are kept; `folded` says how far they have come. */
  begin(folded: () => readonly FoldedLog[]): void {
    this.#folded = folded;
  }

  /** The folds have taken something, as a whole. */
  taken(): void {
    if (this.#callOff !== undefined && this.shelves.waiting < changesMax) return;
    if (this.shelves.waiting >= changesMax) this.keep();
    else this.#callOff = this.#parts.world.after(keepMs, () => this.keep());
  }

  /** Writes what waits. A disk without room leaves it waiting. */
  keep(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#folded === undefined || this.shelves.waiting === 0) return;
    try {
      this.shelves.keep(marksOf(this.#parts.rules, this.#folded()));
    } catch (error) {
      this.#parts.alarm(refuse('store.full', `the folds could not be written: ${String(error)}`).refusal);
      this.#callOff = this.#parts.world.after(keepAgainMs, () => this.keep());
    }
  }

  close(): void {
    this.keep();
    this.#callOff?.();
    this.#folded = undefined;
    this.#file.close();
  }

  /** A folder that takes no file has the folds made again at each start. */
  #opened(): ShelfFile {
    const damaged = (error: FoldsDamaged): void => this.#damaged(error);
    try {
      return ShelfFile.open(this.#parts.path, damaged);
    } catch {
      return ShelfFile.open(null, damaged);
    }
  }

  /** Folds that lost a leaf would say what is not so: the process ends instead, and the next one makes them again. */
  #damaged(error: FoldsDamaged): void {
    if (this.#folded === undefined) return;
    this.#folded = undefined;
    this.#parts.alarm(refuse('store.damaged', error.message).refusal);
    this.#parts.world.after(0, () => {
      throw error;
    });
  }
}

function isUsable(file: ShelfFile, { rules, holds }: KeeperParts): boolean {
  try {
    return foldedIn(file.marks(), rules)?.every(holds) ?? false;
  } catch {
    return false;
  }
}

import { uint64Of } from '#base/bytes.ts';
import type { DocumentWrite, Store } from '#centre/store/store.ts';
import type { World } from '#centre/world.ts';
import type { CosignatureFact } from '#exchange/cosigned.ts';

/** How long cosignatures may wait for company, so that each does not cost a flush of its own. */
const gatherMs = 100;
const pageEntries = 1_000;

/**
 * Every cosignature given and received, kept for good: two by one witness over diverging roots convict it. The lines stand in one
 * collection, the time of each in another, so that the folds need not read the lines again. Owner of what waits to be written.
 */
export class CosignatureArchive {
  readonly #store: Store;
  readonly #failed: (error: unknown) => void;
  #waiting: DocumentWrite[] = [];
  readonly #after: World['after'];
  #callOff: (() => void) | undefined;

  constructor(parts: { readonly store: Store; readonly after: World['after']; readonly failed: (error: unknown) => void }) {
    this.#store = parts.store;
    this.#after = parts.after;
    this.#failed = parts.failed;
  }

  put(fact: CosignatureFact, lines: Uint8Array): void {
    const key = `${sizeKey(fact.size)}/${fact.witness}`;
    this.#waiting.push({ collection: linesOf(fact.log), key, value: lines });
    this.#waiting.push({ collection: timesOf(fact.log), key, value: uint64Of(fact.timeMs) });
    this.#callOff ??= this.#after(gatherMs, () => void this.flush());
  }

  async flush(): Promise<void> {
    this.#callOff?.();
    this.#callOff = undefined;
    const documents = this.#waiting;
    this.#waiting = [];
    if (documents.length === 0) return;
    try {
      await this.#store.commit({ leaves: [], tiles: [], documents });
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The cosignatures kept for a log from a size on, in the order of sizes. */
  async *facts(log: string, fromSize: number): AsyncGenerator<CosignatureFact> {
    for (let from = sizeKey(fromSize); ; ) {
      const page = await this.#store.documents(timesOf(log), { from, to: null, limit: pageEntries });
      for (const { key, value } of page) yield factOf(log, key, value);
      const last = page.at(-1);
      if (last === undefined || page.length < pageEntries) return;
      from = `${last.key}!`;
    }
  }
}

function factOf(log: string, key: string, value: Uint8Array): CosignatureFact {
  const timeMs = Number(new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0));
  return { log, size: Number(key.slice(0, 16)), witness: key.slice(17), timeMs };
}

function sizeKey(size: number): string {
  return String(size).padStart(16, '0');
}

function linesOf(log: string): string {
  return `cosignature/${log}`;
}

function timesOf(log: string): string {
  return `cosigned-at/${log}`;
}

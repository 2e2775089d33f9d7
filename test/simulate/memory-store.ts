import { assert, refuse } from '#base/refusal.ts';
import {
  assertBatch,
  type Batch,
  type DocumentEntry,
  type DocumentRange,
  type LeafWrite,
  type Store,
  StoreRefusal,
} from '#centre/store/store.ts';

/** What a store has on its disk. */
export interface StoreImage {
  readonly logs: Map<string, Uint8Array[]>;
  readonly tiles: Map<string, Uint8Array>;
  readonly documents: Map<string, Map<string, Uint8Array>>;
  /** Places whose bytes decayed, as `leaf LOG INDEX`. */
  readonly damaged: Set<string>;
}

/** The disk under a store in memory: when it has done what it is asked, and whether it has room. */
export interface Device {
  /** Runs the work when the disk does it, in the order of the calls; resolves some time later. */
  write(work: () => void): Promise<void>;
  read<T>(work: () => T): Promise<T>;
  isFull(): boolean;
  backup(path: string): Promise<void>;
  closed(): void;
}

export function emptyImage(): StoreImage {
  return { logs: new Map(), tiles: new Map(), documents: new Map(), damaged: new Set() };
}

export function copyOf(image: StoreImage): StoreImage {
  return {
    logs: new Map([...image.logs].map(([log, leaves]) => [log, leaves.slice()])),
    tiles: new Map(image.tiles),
    documents: new Map([...image.documents].map(([collection, documents]) => [collection, new Map(documents)])),
    damaged: new Set(image.damaged),
  };
}

/** A store in memory, with a device whose time and faults are a simulation's. Owner of the image while it is open. */
export class MemoryStore implements Store {
  readonly #image: StoreImage;
  readonly #device: Device;
  #open = true;

  constructor(image: StoreImage, device: Device) {
    this.#image = image;
    this.#device = device;
  }

  async commit(batch: Batch): Promise<void> {
    assertBatch(batch);
    assert(this.#open, 'the store is open');
    await this.#device.write(() => {
      if (this.#device.isFull()) throw new StoreRefusal(refuse('store.full', 'the disk has no room'));
      this.#apply(batch);
    });
  }

  size(log: string): number {
    return this.#image.logs.get(log)?.length ?? 0;
  }

  logs(): readonly string[] {
    return [...this.#image.logs.keys()].sort(byBytes);
  }

  async leaf(log: string, index: number): Promise<Uint8Array | undefined> {
    return (await this.leaves(log, index, { count: 1, bytes: 0 }))[0];
  }

  leaves(log: string, from: number, limits: { readonly count: number; readonly bytes: number }): Promise<readonly Uint8Array[]> {
    return this.#read(() => {
      const found: Uint8Array[] = [];
      let bytes = 0;
      for (const leaf of this.#image.logs.get(log)?.slice(from, from + limits.count) ?? []) {
        bytes += leaf.length;
        if (found.length > 0 && bytes > limits.bytes) break;
        this.#whole(`leaf ${log} ${from + found.length}`);
        found.push(leaf);
      }
      return found;
    });
  }

  tile(log: string, level: number, index: number): Uint8Array | undefined {
    assert(this.#open, 'the store is open');
    return this.#image.tiles.get(tileKey(log, level, index));
  }

  document(collection: string, key: string): Promise<Uint8Array | undefined> {
    return this.#read(() => this.#image.documents.get(collection)?.get(key));
  }

  documents(collection: string, { from, to, limit }: DocumentRange): Promise<readonly DocumentEntry[]> {
    return this.#read(() =>
      [...(this.#image.documents.get(collection) ?? [])]
        .filter(([key]) => byBytes(key, from) >= 0 && (to === null || byBytes(key, to) < 0))
        .sort(([a], [b]) => byBytes(a, b))
        .slice(0, limit)
        .map(([key, value]) => ({ key, value })),
    );
  }

  async backup(path: string): Promise<void> {
    await this.#device.backup(path);
  }

  async check(): Promise<readonly string[]> {
    return [...this.#image.damaged].map((place) => `${place} is not as it was written`);
  }

  async close(): Promise<void> {
    this.#open = false;
    this.#device.closed();
  }

  #read<T>(work: () => T): Promise<T> {
    assert(this.#open, 'the store is open');
    return this.#device.read(work);
  }

  #whole(place: string): void {
    if (this.#image.damaged.has(place))
      throw new StoreRefusal(refuse('store.damaged', `${place} is not as it was written: restore the newest backup`));
  }

  #apply(batch: Batch): void {
    const sizes = new Map<string, number>();
    for (const { log, from, records } of batch.leaves) {
      const size = sizes.get(log) ?? this.size(log);
      if (size !== from) throw moved({ log, from, records }, size);
      sizes.set(log, size + records.length);
    }
    for (const { log } of batch.tiles)
      assert(sizes.has(log) || this.size(log) > 0, 'tiles are written for a log that has leaves');
    for (const { log, records } of batch.leaves) {
      const leaves = this.#image.logs.get(log) ?? [];
      leaves.push(...records);
      this.#image.logs.set(log, leaves);
    }
    for (const { log, level, index, bytes } of batch.tiles) this.#image.tiles.set(tileKey(log, level, index), bytes);
    for (const { collection, key, value } of batch.documents) {
      const documents = this.#image.documents.get(collection) ?? new Map<string, Uint8Array>();
      this.#image.documents.set(collection, documents);
      if (value === null) documents.delete(key);
      else documents.set(key, value);
    }
  }
}

function moved({ log, from }: LeafWrite, size: number): StoreRefusal {
  return new StoreRefusal(
    refuse('store.moved', `leaves from ${from} on were to be stored in ${log}, which has ${size}`, { log, from, size }),
  );
}

function tileKey(log: string, level: number, index: number): string {
  return `${log} ${level} ${index}`;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

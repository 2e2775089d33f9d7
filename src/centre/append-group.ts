import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import type { CosignRequest } from '#centre/signer/signer.ts';
import type { DocumentWrite, LeafWrite, Store, TileWrite } from '#centre/store/store.ts';

/** Where the records of one piece of work will stand; good only while it is being built. */
export interface AppendPlace {
  /** The index of the first record. */
  readonly index: number;
  /** Draws the next number of a series, from 1 on. What is drawn by work that is refused is drawn again: series have no gaps. */
  readonly serial: (series: string) => number;
}

/** What one piece of work writes, all in one transaction: records of the own log, and whatever else must happen with them. */
export interface AppendWrites {
  readonly records: readonly Uint8Array[];
  /** Leaves of followed logs. */
  readonly leaves: readonly LeafWrite[];
  /** Tiles of followed logs. */
  readonly tiles: readonly TileWrite[];
  readonly documents: readonly DocumentWrite[];
}

export interface AppendWork {
  /**
   * Builds the writes inside the transaction: it runs once, at once, and must not wait for anything. A refusal, or an error
   * thrown, concerns this work alone; nothing of it is written.
   */
  readonly build: (place: AppendPlace) => Result<AppendWrites>;
  /** A followed log's checkpoint to be cosigned once these writes are durable. */
  readonly cosign: CosignRequest | null;
  /** Whether it goes before what waits: FLASH and IMMEDIATE, and their receipts. */
  readonly urgent: boolean;
}

/** Records and bytes after which a group takes no more work; one piece may exceed them by itself. */
export const groupRecordsMax = 64;
const groupBytesMax = 524_288;

/**
 * The writes of several pieces of work, put together one after another. Owner of what it gathers: this object, for one
 * transaction; the series that it draws from are the appender's, and are changed by `takeSeries` alone.
 */
export class AppendGroup {
  readonly records: Uint8Array[] = [];
  readonly leaves: LeafWrite[] = [];
  readonly tiles: TileWrite[] = [];
  readonly documents: DocumentWrite[] = [];
  readonly #store: Store;
  readonly #origin: string;
  readonly #from: number;
  readonly #series: ReadonlyMap<string, number>;
  readonly #drawn = new Map<string, number>();
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor(place: {
    readonly store: Store;
    readonly origin: string;
    readonly from: number;
    readonly series: ReadonlyMap<string, number>;
  }) {
    this.#store = place.store;
    this.#origin = place.origin;
    this.#from = place.from;
    this.#series = place.series;
  }

  /** Numbers drawn in this group: the last of each series. */
  get drawn(): ReadonlyMap<string, number> {
    return this.#drawn;
  }

  get isFull(): boolean {
    return this.records.length >= groupRecordsMax || this.#bytes >= groupBytesMax;
  }

  /** Builds one piece of work and takes its writes, or nothing of it; gives the index of its first record. */
  add(work: AppendWork): Result<number> {
    const index = this.#from + this.records.length;
    const drawn = new Map(this.#drawn);
    const built = work.build({ index, serial: (series) => this.#draw(series, drawn) });
    if (!built.ok) return built;
    const sizes = new Map(this.#sizes);
    for (const write of built.value.leaves) {
      const moved = this.#continueLog(write, sizes);
      if (moved !== undefined) return moved;
    }
    // A number is a record's: what was drawn and not used is drawn again.
    if (built.value.records.length > 0) for (const [series, serial] of drawn) this.#drawn.set(series, serial);
    for (const [log, size] of sizes) this.#sizes.set(log, size);
    this.#take(built.value);
    return accept(index);
  }

  #draw(series: string, drawn: Map<string, number>): number {
    const serial = (drawn.get(series) ?? this.#series.get(series) ?? 0) + 1;
    drawn.set(series, serial);
    return serial;
  }

  /** Finds a write that comes too late by itself, so that it does not take the whole transaction with it. */
  #continueLog({ log, from, records }: LeafWrite, sizes: Map<string, number>): ReturnType<typeof refuse> | undefined {
    assert(log !== this.#origin, 'leaves of the own log are records');
    const size = sizes.get(log) ?? this.#store.size(log);
    if (size !== from) {
      return refuse('store.moved', `leaves from ${from} on were to be stored in ${log}, which has ${size}`, { log, from, size });
    }
    sizes.set(log, size + records.length);
    return undefined;
  }

  #take({ records, leaves, tiles, documents }: AppendWrites): void {
    this.records.push(...records);
    this.leaves.push(...leaves);
    this.tiles.push(...tiles);
    this.documents.push(...documents);
    for (const record of records) this.#bytes += record.length;
    for (const write of leaves) for (const leaf of write.records) this.#bytes += leaf.length;
    for (const write of documents) this.#bytes += write.value?.length ?? 0;
  }
}

import { assert, type Refusal } from '#base/refusal.ts';

/** Leaves of one log to be stored after those that are there. */
export interface LeafWrite {
  readonly log: string;
  /** Must be the log's size when its turn comes, or the whole batch is refused as `store.moved`. */
  readonly from: number;
  readonly records: readonly Uint8Array[];
}

/** A tile of a log's tree, in place of the narrower one that stood there. */
export interface TileWrite {
  readonly log: string;
  readonly level: number;
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** A named value that may change; null removes it. */
export interface DocumentWrite {
  readonly collection: string;
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Writes that happen together or not at all; those to one place happen in the order given. */
export interface Batch {
  readonly leaves: readonly LeafWrite[];
  readonly tiles: readonly TileWrite[];
  readonly documents: readonly DocumentWrite[];
}

export interface DocumentEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * Where a centre keeps its logs and what it knows about them. Nothing above this interface knows what stands behind it, and
 * every implementation passes `storeAcceptance`. Leaves are never changed or removed. Names and keys compare by their UTF-8 bytes.
 * Each method but the cached reads may reject with `StoreRefusal`; the cached reads throw it.
 */
export interface Store {
  /**
   * Applies the batch in one transaction and resolves once it is flushed to disk; rejects with nothing applied otherwise. Batches
   * are applied in the order of the calls. Refused with `store.moved` (a log is not as long as expected) or `store.full` (no
   * room; later batches may succeed).
   */
  commit(batch: Batch): Promise<void>;
  /** Leaves held of a log, 0 for one never written; answered from memory. */
  size(log: string): number;
  /** The logs that have leaves, sorted; answered from memory. */
  logs(): readonly string[];
  leaf(log: string, index: number): Promise<Uint8Array | undefined>;
  /** Leaves from an index on, within both limits, but at least one if there is one. */
  leaves(log: string, from: number, limits: { readonly count: number; readonly bytes: number }): Promise<readonly Uint8Array[]>;
  /** A tile as last written; tiles are small, and callers cache what they expand. */
  tile(log: string, level: number, index: number): Uint8Array | undefined;
  document(collection: string, key: string): Promise<Uint8Array | undefined>;
  /** Documents in the order of their keys, from `from` up to but not including `to`. */
  documents(collection: string, range: DocumentRange): Promise<readonly DocumentEntry[]>;
  /**
   * Copies everything committed before the call, consistently, while commits go on; resolves once the copy is flushed. A path
   * that is taken is refused as `store.exists`, a disk without room as `store.full`, and leaves nothing behind.
   */
  backup(path: string): Promise<void>;
  /** Reads everything; a sentence for each fault found, none if all is well. */
  check(): Promise<readonly string[]>;
  /** Lets go of the store; any later call is an assertion. */
  close(): Promise<void>;
}

export interface DocumentRange {
  /** The first key wanted; the empty text begins at the beginning. */
  readonly from: string;
  /** The first key no longer wanted; null goes to the end. */
  readonly to: string | null;
  readonly limit: number;
}

/** Leaves, tiles and documents that one batch may hold. */
const batchWritesMax = 16_384;
/** Bytes that one batch may hold: what keeps the stretch of one commit short. */
const batchBytesMax = 16_777_216;
/** UTF-8 bytes of a log's name, a collection or a key. */
const nameBytesMax = 512;
/** Leaves of one log. */
export const logLeavesMax = 2 ** 40;

/** A refusal by the store, as the reason of a rejected promise. */
export class StoreRefusal extends Error {
  readonly refusal: Refusal;

  constructor(refused: { readonly refusal: Refusal }) {
    super(`${refused.refusal.code}: ${refused.refusal.detail}`);
    this.name = 'StoreRefusal';
    this.refusal = refused.refusal;
  }
}

/** Holds our own code to the limits of a batch; what outsiders send has been bounded long before. */
export function assertBatch(batch: Batch): void {
  let writes = batch.tiles.length + batch.documents.length;
  let bytes = 0;
  for (const write of batch.leaves) {
    assertName(write.log);
    assert(write.records.length > 0, 'a write of leaves has leaves');
    writes += write.records.length;
    for (const record of write.records) bytes += record.length;
  }
  for (const write of batch.tiles) {
    assertName(write.log);
    bytes += write.bytes.length;
  }
  for (const write of batch.documents) {
    assertName(write.collection);
    assertName(write.key);
    bytes += write.value?.length ?? 0;
  }
  assert(writes <= batchWritesMax && bytes <= batchBytesMax, 'a batch is within its limits');
}

/** Names are well-formed text without NUL, which every store can keep and compare alike. */
function assertName(name: string): void {
  assert(name.length > 0 && Buffer.byteLength(name) <= nameBytesMax, 'a name has 1 to 512 bytes');
  assert(name.isWellFormed() && !name.includes('\0'), 'a name is well-formed text without NUL');
}

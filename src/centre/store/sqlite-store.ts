import type { DatabaseSync } from 'node:sqlite';
import { accept, assert, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { backUpSqlite } from '#centre/store/sqlite-backup.ts';
import { checkSqlite } from '#centre/store/sqlite-check.ts';
import { createSqliteFile, openSqliteFile } from '#centre/store/sqlite-file.ts';
import { isFlushError, refusalAtOpening, refusalOfSqlite, refuseDamaged } from '#centre/store/sqlite-refusal.ts';
import {
  bytesIn,
  documentChecksum,
  type HeldLog,
  leafChecksum,
  logIdMax,
  numberIn,
  placeOf,
  SqliteStatements,
  textIn,
  tileChecksum,
} from '#centre/store/sqlite-rows.ts';
import {
  assertBatch,
  type Batch,
  type DocumentEntry,
  type DocumentRange,
  type DocumentWrite,
  type LeafWrite,
  logLeavesMax,
  type Store,
  StoreRefusal,
  type TileWrite,
} from '#centre/store/store.ts';

/** Makes an empty store at a path that is free. Refused: `store.exists`, `store.full`. */
export function createSqliteStore(path: string): Promise<Result<void>> {
  return createSqliteFile(path);
}

/** Opens a store for this process alone. Refused: `store.missing`, `store.busy`, `store.damaged`, `store.version`, `store.full`. */
export async function openSqliteStore(path: string): Promise<Result<SqliteStore>> {
  const opened = await openSqliteFile(path);
  if (!opened.ok) return opened;
  try {
    return accept(new SqliteStore(opened.value, path));
  } catch (error) {
    opened.value.close();
    if (error instanceof StoreRefusal) return { ok: false, refusal: error.refusal };
    const refused = refusalAtOpening(error, path);
    if (refused === undefined) throw error;
    return refused;
  }
}

/**
 * A store in one SQLite file. Owner of the file, of its lock and of the cached sizes: this object; every call runs to its end on
 * the thread that makes it, so calls cannot mingle.
 */
class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #statements: SqliteStatements;
  readonly #path: string;
  #logs: ReadonlyMap<string, HeldLog>;
  #failure: Refusal | null = null;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.#statements = new SqliteStatements(database);
    this.#logs = readLogs(this.#statements, path);
  }

  async commit(batch: Batch): Promise<void> {
    assertBatch(batch);
    if (this.#failure !== null) throw new StoreRefusal({ refusal: this.#failure });
    this.#guarded(() => {
      this.#statements.begin.run();
      const logs = new Map(this.#logs);
      for (const write of batch.leaves) this.#writeLeaves(write, logs);
      for (const write of batch.tiles) this.#writeTile(write, logs);
      for (const write of batch.documents) this.#writeDocument(write);
      this.#statements.commit.run();
      this.#logs = logs;
    });
  }

  size(log: string): number {
    return this.#logs.get(log)?.size ?? 0;
  }

  logs(): readonly string[] {
    return [...this.#logs.keys()].sort(byBytes);
  }

  async leaf(log: string, index: number): Promise<Uint8Array | undefined> {
    return index < this.size(log) ? (await this.leaves(log, index, { count: 1, bytes: 0 }))[0] : undefined;
  }

  async leaves(
    log: string,
    from: number,
    limits: { readonly count: number; readonly bytes: number },
  ): Promise<readonly Uint8Array[]> {
    const held = this.#logs.get(log);
    if (held === undefined || from >= held.size || limits.count <= 0) return [];
    return this.#guarded(() => {
      const leaves: Uint8Array[] = [];
      let bytes = 0;
      const end = Math.min(held.size, from + limits.count);
      for (const row of this.#statements.leaves.iterate(placeOf(held.id, from), placeOf(held.id, end), limits.count)) {
        const leaf = bytesIn(row, 'bytes');
        bytes += leaf.length;
        if (leaves.length > 0 && bytes > limits.bytes) break;
        const place = placeOf(held.id, from + leaves.length);
        if (numberIn(row, 'place') !== place || numberIn(row, 'checksum') !== leafChecksum(place, leaf)) {
          throw this.#damaged(`leaf ${from + leaves.length} of ${log} is not as it was written`);
        }
        leaves.push(leaf);
      }
      if (leaves.length === 0) throw this.#damaged(`leaf ${from} of ${log} is gone`);
      return leaves;
    });
  }

  tile(log: string, level: number, index: number): Uint8Array | undefined {
    const held = this.#logs.get(log);
    if (held === undefined) return undefined;
    return this.#guarded(() => {
      const row = this.#statements.tile.get(held.id, level, index);
      if (row === undefined) return undefined;
      const bytes = bytesIn(row, 'bytes');
      if (numberIn(row, 'checksum') === tileChecksum({ log: held.id, level, index }, bytes)) return bytes;
      throw this.#damaged(`tile ${level}/${index} of ${log} is not as it was written`);
    });
  }

  async document(collection: string, key: string): Promise<Uint8Array | undefined> {
    return this.#guarded(() => {
      const row = this.#statements.document.get(collection, key);
      return row === undefined ? undefined : this.#documentIn(row, { collection, key }).value;
    });
  }

  async documents(collection: string, { from, to, limit }: DocumentRange): Promise<readonly DocumentEntry[]> {
    return this.#guarded(() =>
      this.#statements.documents
        .all(collection, from, to, to, limit)
        .map((row) => this.#documentIn(row, { collection, key: textIn(row, 'key') })),
    );
  }

  async backup(path: string): Promise<void> {
    const refused = await backUpSqlite(this.#database, path);
    if (refused !== undefined) throw new StoreRefusal(refused);
  }

  check(): Promise<readonly string[]> {
    return checkSqlite(this.#database, this.#statements, this.#logs);
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #writeLeaves({ log, from, records }: LeafWrite, logs: Map<string, HeldLog>): void {
    const held = logs.get(log) ?? this.#addLog(log, logs.size + 1);
    if (held.size !== from) {
      const detail = `leaves from ${from} on were to be stored in ${log}, which has ${held.size}`;
      throw new StoreRefusal(refuse('store.moved', detail, { log, from, size: held.size }));
    }
    const size = from + records.length;
    assert(size <= logLeavesMax, 'a log has at most 2^40 leaves');
    for (const [position, record] of records.entries()) {
      const place = placeOf(held.id, from + position);
      this.#statements.addLeaf.run(place, leafChecksum(place, record), record);
    }
    this.#statements.setSize.run(size, held.id);
    logs.set(log, { id: held.id, size });
  }

  #addLog(log: string, id: number): HeldLog {
    assert(id <= logIdMax, 'a store has at most 8191 logs');
    this.#statements.addLog.run(id, log);
    return { id, size: 0 };
  }

  #writeTile({ log, level, index, bytes }: TileWrite, logs: ReadonlyMap<string, HeldLog>): void {
    const held = logs.get(log);
    assert(held !== undefined, `tiles are written for a log that has leaves, unlike ${log}`);
    this.#statements.putTile.run(held.id, level, index, tileChecksum({ log: held.id, level, index }, bytes), bytes);
  }

  #writeDocument({ collection, key, value }: DocumentWrite): void {
    if (value === null) this.#statements.removeDocument.run(collection, key);
    else this.#statements.putDocument.run(collection, key, documentChecksum({ collection, key }, value), value);
  }

  #documentIn(
    row: Readonly<Record<string, unknown>>,
    place: { readonly collection: string; readonly key: string },
  ): DocumentEntry {
    const value = bytesIn(row, 'value');
    if (numberIn(row, 'checksum') === documentChecksum(place, value)) return { key: place.key, value };
    throw this.#damaged(`document ${place.key} of ${place.collection} is not as it was written`);
  }

  #damaged(fault: string): StoreRefusal {
    return new StoreRefusal(refuseDamaged(this.#path, fault));
  }

  /** Runs work on the file; whatever fails, no transaction stays open and the cached sizes stay as they were. */
  #guarded<T>(work: () => T): T {
    assert(this.#database.isOpen, 'the store is open');
    try {
      return work();
    } catch (error) {
      const refused = refusalOfSqlite(error, this.#path);
      if (refused !== undefined && isFlushError(error)) this.#failure = refused.refusal;
      // SQLite rolls back by itself after some errors, a full disk among them.
      if (this.#database.isTransaction) this.#statements.rollback.run();
      throw refused === undefined ? error : new StoreRefusal(refused);
    }
  }
}

export type { SqliteStore };

/** Reads which logs are held, and that each ends where it says. */
function readLogs(statements: SqliteStatements, path: string): ReadonlyMap<string, HeldLog> {
  const logs = new Map<string, HeldLog>();
  for (const row of statements.logs.all()) {
    const [name, id, size] = [textIn(row, 'name'), numberIn(row, 'id'), numberIn(row, 'size')];
    if (id < 1 || id > logIdMax) throw new StoreRefusal(refuseDamaged(path, `${name} has the number ${id}`));
    const last = statements.lastPlace.get(placeOf(id, 0), placeOf(id, logLeavesMax))?.['place'] ?? null;
    if (size < 1 || last !== placeOf(id, size - 1))
      throw new StoreRefusal(refuseDamaged(path, `${name} does not end at its ${size} leaves`));
    logs.set(name, { id, size });
  }
  return logs;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

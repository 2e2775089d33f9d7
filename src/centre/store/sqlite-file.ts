import { rm, stat } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import { moveIfFree, syncFile } from '#centre/store/durable-file.ts';
import { refusalAtOpening, refusalOfSqlite, refuseDamaged } from '#centre/store/sqlite-refusal.ts';

/** The version of `schema`; a change of it needs a new number and a way to carry a store over. */
const schemaVersion = 1;
/** "Ansh": tells our file from any other SQLite file. */
const applicationId = 0x416e7368;

// Leaves are found by one integer, log * 2^40 + index. Each value carries a checksum over itself and its place, since SQLite
// notices damage to its structure but not to what it holds.
const schema = `
  CREATE TABLE log (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER NOT NULL) STRICT;
  CREATE TABLE leaf (place INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE tile (
    log INTEGER NOT NULL, level INTEGER NOT NULL, position INTEGER NOT NULL, checksum INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (log, level, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE document (
    collection TEXT NOT NULL, key TEXT NOT NULL, checksum INTEGER NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (collection, key)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};`;

/** Makes an empty store file, whole or not at all; refused as `store.exists` if the path is taken. */
export async function createSqliteFile(path: string): Promise<Result<void>> {
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  try {
    const database = new DatabaseSync(temporary);
    try {
      database.exec('PRAGMA page_size = 8192; PRAGMA synchronous = FULL;');
      database.exec(`BEGIN; ${schema} COMMIT;`);
    } finally {
      database.close();
    }
  } catch (error) {
    await rm(temporary, { force: true });
    const refused = refusalOfSqlite(error, path);
    if (refused === undefined) throw error;
    return refused;
  }
  await syncFile(temporary);
  return (await moveIfFree(temporary, path)) ? accept(undefined) : refuseTaken(path);
}

/**
 * Opens a store file for this process alone. The lock is SQLite's own, on the file for as long as it is open, and goes with the
 * process however that ends. (No code of ours may open the file itself meanwhile: closing any descriptor of it frees the lock.)
 */
export async function openSqliteFile(path: string): Promise<Result<DatabaseSync>> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    return refuse('store.missing', `there is no store at ${path}: check the path, restore a backup, or set up the centre first`, {
      path,
    });
  }
  if (found.size === 0) return refuseDamaged(path, 'the file is empty');
  const address = pathToFileURL(path);
  address.search = 'mode=rw';
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(address, { allowExtension: false, defensive: true, timeout: 0 });
    const refused = prepareDatabase(database, path);
    if (refused === undefined) return accept(database);
    database.close();
    return refused;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    const refused = refusalAtOpening(error, path);
    if (refused === undefined) throw error;
    return refused;
  }
}

export function refuseTaken(path: string): ReturnType<typeof refuse> {
  return refuse('store.exists', `${path} exists already and is not overwritten: choose another path`, { path });
}

export function pragmaOf(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

function prepareDatabase(database: DatabaseSync, path: string): ReturnType<typeof refuse> | undefined {
  database.exec(
    'PRAGMA locking_mode = EXCLUSIVE; PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;',
  );
  if (pragmaOf(database, 'page_count') === 0) return refuseDamaged(path, 'it ends within its first page');
  if (pragmaOf(database, 'application_id') !== applicationId) {
    return refuse('store.version', `${path} is not the store of a centre: check the path`, { path });
  }
  const version = pragmaOf(database, 'user_version');
  if (version !== schemaVersion) {
    return refuse(
      'store.version',
      `${path} has version ${String(version)} and this program reads ${schemaVersion}: use the program that wrote it, or a newer one`,
      { path, version: String(version), reads: schemaVersion },
    );
  }
  assert(pragmaOf(database, 'journal_mode = WAL') === 'wal', 'the store keeps a write-ahead log');
  // FULL flushes the write-ahead log at each commit. The log is folded into the file at 256 pages (2 MiB), so that no commit has
  // to fold in much.
  database.exec(
    'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA wal_autocheckpoint = 256;',
  );
  database.exec('BEGIN EXCLUSIVE; COMMIT;');
  return undefined;
}

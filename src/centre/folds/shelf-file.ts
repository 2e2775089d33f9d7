import { rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { assert } from '#base/refusal.ts';

/** What the file says that it is made for: the fold is worth nothing to any other program, agreement or log. */
export type Marks = Readonly<Record<string, string>>;

// No row is worth more than making it again, so commits are not flushed; the write-ahead log keeps the file one consistent state
// all the same, older after a loss of power. Values carry a checksum over themselves and their place, as those of the store do.
const schema = `
  CREATE TABLE mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE shelf (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE item (
    shelf INTEGER NOT NULL, key TEXT NOT NULL, checksum INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (shelf, key)
  ) STRICT, WITHOUT ROWID;`;
/** Of the file kept in memory, besides what the shelves keep: 16 MiB. */
const cacheKiB = 16_384;

/** An item as it is on the disk. */
export interface Item {
  readonly key: string;
  readonly text: string;
}

/** A damaged or unreadable file of folds. What was read from it so far holds; it is made again at the next start. */
export class FoldsDamaged extends Error {}

/** The file behind a fold's shelves. Owner of the open file: this object. */
export class ShelfFile {
  readonly #database: DatabaseSync;
  readonly #path: string | null;
  readonly #damaged: (error: FoldsDamaged) => void;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #up: StatementSync;
  readonly #down: StatementSync;
  readonly #highest: StatementSync;

  private constructor(database: DatabaseSync, path: string | null, damaged: (error: FoldsDamaged) => void) {
    this.#database = database;
    this.#path = path;
    this.#damaged = damaged;
    this.#get = database.prepare('SELECT checksum, value FROM item WHERE shelf = ? AND key = ?');
    this.#put = database.prepare(
      'INSERT INTO item (shelf, key, checksum, value) VALUES (?, ?, ?, ?) ' +
        'ON CONFLICT DO UPDATE SET checksum = excluded.checksum, value = excluded.value',
    );
    this.#remove = database.prepare('DELETE FROM item WHERE shelf = ? AND key = ?');
    const range = 'SELECT key, checksum, value FROM item WHERE shelf = ? AND key >= ? AND key < ? ORDER BY key';
    this.#up = database.prepare(`${range} LIMIT ?`);
    this.#down = database.prepare(`${range} DESC LIMIT ?`);
    this.#highest = database.prepare('SELECT max(key) AS key FROM item WHERE shelf = ?');
  }

  /**
   * Opens the file at a path; an empty one if there is none, or none that can be read. Null is for one run: memory, and beyond a
   * part of it a file without a name, which goes with the process.
   */
  static open(path: string | null, damaged: (error: FoldsDamaged) => void): ShelfFile {
    if (path === null) return new ShelfFile(prepared(''), null, damaged);
    try {
      return new ShelfFile(prepared(path), path, damaged);
    } catch {
      removeFolds(path);
      return new ShelfFile(prepared(path), path, damaged);
    }
  }

  marks(): Marks {
    return this.#reading(() => {
      const rows = this.#database.prepare('SELECT name, value FROM mark').all();
      return Object.fromEntries(rows.map((row) => [textIn(row, 'name'), textIn(row, 'value')]));
    });
  }

  /** The number of a shelf in this file. */
  idOf(name: string): number {
    return this.#reading(() => {
      const known = this.#database.prepare('SELECT id FROM shelf WHERE name = ?').get(name);
      return known === undefined
        ? Number(this.#database.prepare('INSERT INTO shelf (name) VALUES (?)').run(name).lastInsertRowid)
        : numberIn(known, 'id');
    });
  }

  get(shelf: number, key: string): string | undefined {
    return this.#reading(() => {
      const row = this.#get.get(shelf, key);
      return row === undefined ? undefined : this.#checked(shelf, key, row);
    });
  }

  items(
    shelf: number,
    range: { readonly from: string; readonly to: string; readonly limit: number; readonly order: 'up' | 'down' },
  ) {
    const { from, to, limit, order } = range;
    return this.#reading(() =>
      (order === 'up' ? this.#up : this.#down).all(shelf, from, to, limit).map((row): Item => {
        const key = textIn(row, 'key');
        return { key, text: this.#checked(shelf, key, row) };
      }),
    );
  }

  /** The highest key of a shelf; the empty text if it has none. */
  highest(shelf: number): string {
    return this.#reading(() => {
      const key = this.#highest.get(shelf)?.['key'] ?? '';
      assert(typeof key === 'string', 'a key is text');
      return key;
    });
  }

  /** Writes all or nothing; throws what the disk says where it has no room. */
  write(items: Iterable<{ readonly shelf: number; readonly key: string; readonly text: string | null }>, marks: Marks): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const { shelf, key, text } of items) {
        if (text === null) this.#remove.run(shelf, key);
        else this.#put.run(shelf, key, checksumOf(shelf, key, text), text);
      }
      const mark = this.#database.prepare(
        'INSERT INTO mark (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      );
      for (const [name, value] of Object.entries(marks)) mark.run(name, value);
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  /** Removes the file, so that the next start makes it again; what is open stays readable until it is closed. */
  discard(): void {
    if (this.#path !== null) removeFolds(this.#path);
  }

  #checked(shelf: number, key: string, row: Readonly<Record<string, unknown>>): string {
    const text = textIn(row, 'value');
    if (numberIn(row, 'checksum') === checksumOf(shelf, key, text)) return text;
    throw new Error(`item ${key} of shelf ${shelf} is not as it was written`);
  }

  #reading<T>(read: () => T): T {
    assert(this.#database.isOpen, 'the folds are open');
    try {
      return read();
    } catch (error) {
      this.discard();
      const damage = new FoldsDamaged(`the folds on disk cannot be read, and are made again at the next start: ${String(error)}`);
      this.#damaged(damage);
      throw damage;
    }
  }
}

function prepared(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { allowExtension: false, defensive: true, timeout: 0 });
  try {
    database.exec(
      `PRAGMA page_size = 8192; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
       PRAGMA wal_autocheckpoint = 512; PRAGMA cache_size = -${cacheKiB}; PRAGMA trusted_schema = OFF; PRAGMA mmap_size = 0;`,
    );
    const tables = database.prepare("SELECT count(*) AS count FROM sqlite_schema WHERE name IN ('mark', 'shelf', 'item')").get();
    if (tables?.['count'] === 0) database.exec(`BEGIN; ${schema} COMMIT;`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Removes folds that no process has open. */
export function removeFolds(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

function checksumOf(shelf: number, key: string, text: string): number {
  return crc32(text, crc32(key, shelf));
}

function textIn(row: Readonly<Record<string, unknown>>, column: string): string {
  const value = row[column];
  assert(typeof value === 'string', `${column} is text`);
  return value;
}

function numberIn(row: Readonly<Record<string, unknown>>, column: string): number {
  const value = row[column];
  assert(typeof value === 'number', `${column} is a number`);
  return value;
}

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { assert } from '#base/refusal.ts';
import { type DocumentWrite, logLeavesMax } from '#centre/store/store.ts';

/** The statements of the store, prepared once for as long as the file is open. */
export class SqliteStatements {
  readonly begin: StatementSync;
  readonly commit: StatementSync;
  readonly rollback: StatementSync;
  readonly logs: StatementSync;
  readonly addLog: StatementSync;
  readonly setSize: StatementSync;
  readonly lastPlace: StatementSync;
  readonly addLeaf: StatementSync;
  readonly leaves: StatementSync;
  readonly putTile: StatementSync;
  readonly tile: StatementSync;
  readonly tiles: StatementSync;
  readonly putDocument: StatementSync;
  readonly removeDocument: StatementSync;
  readonly document: StatementSync;
  readonly documents: StatementSync;
  readonly documentsAfter: StatementSync;

  constructor(database: DatabaseSync) {
    this.begin = database.prepare('BEGIN IMMEDIATE');
    this.commit = database.prepare('COMMIT');
    this.rollback = database.prepare('ROLLBACK');
    this.logs = database.prepare('SELECT id, name, size FROM log ORDER BY name');
    this.addLog = database.prepare('INSERT INTO log (id, name, size) VALUES (?, ?, 0)');
    this.setSize = database.prepare('UPDATE log SET size = ? WHERE id = ?');
    this.lastPlace = database.prepare('SELECT max(place) AS place FROM leaf WHERE place >= ? AND place < ?');
    this.addLeaf = database.prepare('INSERT INTO leaf (place, checksum, bytes) VALUES (?, ?, ?)');
    this.leaves = database.prepare(
      'SELECT place, checksum, bytes FROM leaf WHERE place >= ? AND place < ? ORDER BY place LIMIT ?',
    );
    this.putTile = database.prepare(
      'INSERT INTO tile (log, level, position, checksum, bytes) VALUES (?, ?, ?, ?, ?) ' +
        'ON CONFLICT DO UPDATE SET checksum = excluded.checksum, bytes = excluded.bytes',
    );
    this.tile = database.prepare('SELECT checksum, bytes FROM tile WHERE log = ? AND level = ? AND position = ?');
    this.tiles = database.prepare(
      'SELECT log, level, position, checksum, bytes FROM tile WHERE (log, level, position) > (?, ?, ?) ORDER BY log, level, position LIMIT ?',
    );
    this.putDocument = database.prepare(
      'INSERT INTO document (collection, key, checksum, value) VALUES (?, ?, ?, ?) ' +
        'ON CONFLICT DO UPDATE SET checksum = excluded.checksum, value = excluded.value',
    );
    this.removeDocument = database.prepare('DELETE FROM document WHERE collection = ? AND key = ?');
    this.document = database.prepare('SELECT checksum, value FROM document WHERE collection = ? AND key = ?');
    this.documents = database.prepare(
      'SELECT key, checksum, value FROM document WHERE collection = ? AND key >= ? AND (? IS NULL OR key < ?) ORDER BY key LIMIT ?',
    );
    this.documentsAfter = database.prepare(
      'SELECT collection, key, checksum, value FROM document WHERE (collection, key) > (?, ?) ORDER BY collection, key LIMIT ?',
    );
  }
}

/** A log as the store knows it: its id in the file, and how many leaves are held. */
export interface HeldLog {
  readonly id: number;
  readonly size: number;
}

/** Log ids end where `id * 2^40` is no longer a safe integer. */
export const logIdMax = 8_191;

/** The integer under which a leaf stands; `index` may be `logLeavesMax` to mean the end of the log. */
export function placeOf(log: number, index: number): number {
  assert(log <= logIdMax && Number.isSafeInteger(index) && index >= 0 && index <= logLeavesMax, 'a log has at most 2^40 leaves');
  return log * logLeavesMax + index;
}

export function leafChecksum(place: number, bytes: Uint8Array): number {
  return crc32(bytes, (place ^ Math.floor(place / 2 ** 32)) >>> 0);
}

export function tileChecksum({ log, level, index }: TilePlace, bytes: Uint8Array): number {
  return crc32(bytes, crc32(`${log}/${level}/${index}`));
}

export interface TilePlace {
  readonly log: number;
  readonly level: number;
  readonly index: number;
}

export function documentChecksum({ collection, key }: Pick<DocumentWrite, 'collection' | 'key'>, value: Uint8Array): number {
  return crc32(value, crc32(`${collection}\0${key}`));
}

type Row = Readonly<Record<string, unknown>>;

/** A row is not as its table has it. The tables are STRICT, so that no statement wrote it so: the file is damaged. */
export class RowDamage extends Error {
  override readonly name = 'RowDamage';
}

export function numberIn(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new RowDamage(`${column} is no number`);
  return value;
}

export function textIn(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new RowDamage(`${column} is no text`);
  return value;
}

export function bytesIn(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new RowDamage(`${column} is no bytes`);
  return value;
}

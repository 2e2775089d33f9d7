import { DatabaseSync } from 'node:sqlite';
import { accept, type Result } from '#base/refusal.ts';
import { refusalOfSqlite } from '#centre/store/sqlite-refusal.ts';

/** A lock on a name that one process holds, and that goes with the process however it ends. */
export interface ProcessLock {
  release(): void;
}

/**
 * Takes the lock beside a file, on `<path>.lock`; refused as `store.busy` while another process has it. Node has no file locks of
 * its own, so an empty SQLite file lends its one, which is the system's.
 */
export function lockBeside(path: string): Result<ProcessLock> {
  const database = new DatabaseSync(`${path}.lock`, { timeout: 0, open: false });
  try {
    database.open();
    database.exec('BEGIN EXCLUSIVE');
    return accept({ release: () => database.close() });
  } catch (error) {
    if (database.isOpen) database.close();
    const refused = refusalOfSqlite(error, path);
    if (refused === undefined) throw error;
    return refused;
  }
}

import { open, rm } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { assert, type refuse } from '#base/refusal.ts';
import { isErrno, moveIfFree, syncFile } from '#centre/store/durable-file.ts';
import { pragmaOf, refuseTaken } from '#centre/store/sqlite-file.ts';
import { refusalOfSqlite } from '#centre/store/sqlite-refusal.ts';

/** Pages copied in one go, 512 KiB: as long as a commit may have to wait. */
const pagesPerStep = 64;

/**
 * Copies an open file page by page beside its use. Commits go through the same connection, so SQLite repeats them in the copy,
 * which is a state that the store was in at the end. The copy gets its name only once it is whole and flushed.
 */
export async function backUpSqlite(database: DatabaseSync, path: string): Promise<ReturnType<typeof refuse> | undefined> {
  const temporary = `${path}.new`;
  try {
    await removeDatabase(temporary);
    await copyPages(database, temporary);
    closeIntoOneFile(temporary);
    await syncFile(temporary);
    return (await moveIfFree(temporary, path)) ? undefined : refuseTaken(path);
  } catch (error) {
    await removeDatabase(temporary);
    if (isErrno(error, 'ENOSPC')) return refusalOfSqlite(Object.assign(new Error('no space'), { errcode: 13 }), path);
    const refused = refusalOfSqlite(error, path);
    if (refused === undefined) throw error;
    return refused;
  }
}

/**
 * Flushes the copy as it grows: SQLite flushes it after the last page with the open file locked, and every commit would wait for
 * all of it.
 */
async function copyPages(database: DatabaseSync, path: string): Promise<void> {
  const copy = await open(path, 'wx');
  let flush: Promise<unknown> | undefined;
  const flushAgain = (): void => {
    flush ??= copy
      .datasync()
      .catch(() => undefined)
      .finally(() => {
        flush = undefined;
      });
  };
  try {
    await backup(database, path, { rate: pagesPerStep, progress: flushAgain });
  } finally {
    await flush;
    await copy.close();
  }
}

/** Leaves nothing beside the copy that would have to go with it. */
function closeIntoOneFile(path: string): void {
  const copy = new DatabaseSync(path);
  try {
    assert(pragmaOf(copy, 'journal_mode = DELETE') === 'delete', 'the copy is one file');
  } finally {
    copy.close();
  }
}

async function removeDatabase(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${path}${suffix}`, { force: true });
}

import { refuse } from '#base/refusal.ts';
import { RowDamage } from '#centre/store/sqlite-rows.ts';

// Primary result codes of SQLite, https://www.sqlite.org/rescode.html; the low byte of an extended code.
const busy = 5;
const locked = 6;
const readOnly = 8;
const ioError = 10;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const notDatabase = 26;
// Extended codes.
const shortRead = 522;
const readError = 266;
const corruptFileSystem = 8_458;
const flushErrors: readonly number[] = [1_034, 1_290];

/**
 * The refusal that an error at the opening amounts to: the statements are fixed, so that one which cannot be prepared is the fault of the
 * file. Undefined if the error is none of SQLite's.
 */
export function refusalAtOpening(error: unknown, path: string): ReturnType<typeof refuse> | undefined {
  const refused = refusalOfSqlite(error, path);
  return refused ?? (isSqliteError(error) ? refuseDamaged(path, error.message) : undefined);
}

/** The refusal that an error of SQLite amounts to, or undefined if it is a fault of our own and must be thrown on. */
export function refusalOfSqlite(error: unknown, path: string): ReturnType<typeof refuse> | undefined {
  if (error instanceof RowDamage || isTooLarge(error)) return refuseDamaged(path, error.message);
  if (!isSqliteError(error)) return undefined;
  const evidence = { path, sqlite: error.errcode, reason: error.message };
  const primary = error.errcode & 0xff;
  if (primary === busy || primary === locked) return refuseBusy(path);
  if (primary === corrupt || primary === notDatabase || damages.includes(error.errcode))
    return refuseDamaged(path, error.message);
  if (primary === full) {
    return refuse(
      'store.full',
      `no room on the disk of ${path}: nothing of this batch was stored; make room, then try again`,
      evidence,
    );
  }
  if (primary === readOnly) {
    return refuse(
      'store.full',
      `${path} cannot be written: nothing of this batch was stored; check its mount and owner`,
      evidence,
    );
  }
  if (isFlushError(error)) {
    return refuse(
      'store.full',
      `the disk of ${path} failed to flush, so what it holds is uncertain: check the disk, then start the centre again`,
      evidence,
    );
  }
  if (primary === ioError || primary === cannotOpen) {
    return refuse(
      'store.full',
      `the disk of ${path} failed: nothing of this batch was stored; check the disk, then try again`,
      evidence,
    );
  }
  return undefined;
}

const damages: readonly number[] = [shortRead, readError, corruptFileSystem];

/** What SQLite itself reports, with its result code. */
function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

/** An integer that no statement of ours writes: `node:sqlite` reads none beyond 2^53. */
function isTooLarge(error: unknown): error is Error {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_OUT_OF_RANGE';
}

/** After a failed flush the system may drop what it could not write and report success the next time: nobody may write on. */
export function isFlushError(error: unknown): boolean {
  return isSqliteError(error) && flushErrors.includes(error.errcode);
}

function refuseBusy(path: string): ReturnType<typeof refuse> {
  return refuse(
    'store.busy',
    `another process has ${path} open, most likely the centre itself: ask that one, stop it first, or work on a backup`,
    { path },
  );
}

export function refuseDamaged(path: string, fault: string): ReturnType<typeof refuse> {
  return refuse(
    'store.damaged',
    `${path} is damaged (${fault}): keep a copy of it and of the files beside it, then restore the newest backup and recover ` +
      'the leaves after it from a member of the circle',
    { path, fault },
  );
}

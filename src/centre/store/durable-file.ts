import { link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a small file that is whole or absent after a loss of power: a temporary file beside it, flushed, put in place in one
 * step, and the folder flushed. `create` never overwrites and gives false if the path is taken; `replace` always gives true.
 */
export async function writeDurably(
  path: string,
  bytes: Uint8Array,
  { mode, how }: { readonly mode: number; readonly how: 'create' | 'replace' },
): Promise<boolean> {
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  if (how === 'create') return await moveIfFree(temporary, path);
  await rename(temporary, path);
  await syncFolder(path);
  return true;
}

/**
 * Gives a flushed file its name unless that is taken: a link fails where a rename would overwrite. A disk without links (exFAT)
 * has the name reserved by an empty file first, which a loss of power may leave behind; nobody takes an empty file for a whole one.
 */
export async function moveIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to).catch(async (error: unknown) => {
      if (isErrno(error, 'EEXIST')) throw error;
      await (await open(to, 'wx')).close();
    });
  } catch (error) {
    await rm(from, { force: true });
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
  // After a link both names are one file: a rename would then do nothing and leave the first.
  if ((await stat(to)).size > 0) await rm(from);
  else await rename(from, to);
  await syncFolder(to);
  return true;
}

export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes the entry of `path` in its folder. Windows opens no folders; its file system keeps a journal of them. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

import { copyFile, rename, rm, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { refuse } from '#base/refusal.ts';
import { ownOriginOf, pathsOf, readCentreConfig } from '#centre/config.ts';
import { moveIfFree, syncFile } from '#centre/store/durable-file.ts';
import { lockBeside } from '#centre/store/process-lock.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { Refused, type Report, taken, wellReport } from '#cli/terminal/report.ts';

export function restoreCommand(): Command {
  const command = commandOf({
    name: 'restore <backup>',
    summary:
      'Put a backup in the place of the store while the centre is stopped. The store that is there is moved aside, never overwritten; the anchor stays.',
    examples: ['restore ./centre/backups/20261122T060000000Z.sqlite --dir ./centre'],
  });
  return doing<DirectoryOption>(withDirectory(command), 'restoring a backup', async (options, [backup = '']) => {
    return await restore(directoryOf(options), backup);
  });
}

async function restore(directory: string, backup: string): Promise<Report> {
  const config = taken(await readCentreConfig(directory));
  const paths = pathsOf(directory);
  // A running centre holds the lock of its anchor.
  const lock = taken(lockBeside(paths.anchor));
  try {
    const copy = `${paths.store}.restoring`;
    await removeFiles(copy);
    await copyFile(backup, copy).catch(() => {
      throw new Refused(refuse('store.missing', `${backup} cannot be read`, { path: backup }));
    });
    const size = await checkCopy(copy, ownOriginOf(config));
    const aside = await moveAside(paths.store);
    await syncFile(copy);
    if (!(await moveIfFree(copy, paths.store))) throw new Refused(refuse('store.exists', `${paths.store} came back meanwhile`));
    const text = [
      `Restored: ${size} leaves of our own log.`,
      ...(aside === undefined ? [] : [`What was there is kept as ${aside}.`]),
      'The anchor was left alone. Next: anshin recover brings back what was logged since, then anshin serve.',
    ];
    return wellReport(text.join('\n'), { restored: paths.store, leaves: size, aside: aside ?? null });
  } finally {
    lock.release();
  }
}

/** Reads the whole copy before anything is moved, so that a bad backup changes nothing. */
async function checkCopy(copy: string, origin: string): Promise<number> {
  const opened = await openSqliteStore(copy);
  if (!opened.ok) {
    await removeFiles(copy);
    throw new Refused(opened);
  }
  const faults = await opened.value.check();
  const size = opened.value.size(origin);
  const others = opened.value.logs();
  await opened.value.close();
  const [fault = others.length > 0 && size === 0 ? `it holds ${others.join(', ')}, and nothing of ${origin}` : undefined] =
    faults;
  if (fault === undefined) return size;
  await removeFiles(copy);
  throw new Refused(refuse('store.damaged', `the backup is not well: ${fault}`));
}

/** Moves the store and what SQLite left beside it to names of their own; gives the new name of the store, if there was one. */
async function moveAside(store: string): Promise<string | undefined> {
  const aside = `${store}.before-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`;
  for (const suffix of ['-wal', '-shm', '-journal']) {
    if (await exists(`${store}${suffix}`)) await rename(`${store}${suffix}`, `${aside}${suffix}`);
  }
  if (!(await exists(store))) return undefined;
  await rename(store, aside);
  return aside;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function removeFiles(path: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${path}${suffix}`, { force: true });
}

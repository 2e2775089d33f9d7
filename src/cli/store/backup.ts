import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { pathsOf, readCentreConfig } from '#centre/config.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import { StoreRefusal } from '#centre/store/store.ts';
import { type ClientOptions, clientOf, withClient } from '#cli/officer/client-options.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { Refused, taken, wellReport } from '#cli/terminal/report.ts';

interface BackupOptions extends DirectoryOption, ClientOptions {}

export function backupCommand(): Command {
  const command = commandOf({
    name: 'backup',
    summary:
      'Copy the store consistently into backups/ of its folder: a running centre is asked by its supervisor (--url), a stopped one is opened (--dir). Keys and anchor are not in it.',
    examples: ['backup --url http://127.0.0.1:7411 --token-file supervisor.token', 'backup --dir ./centre'],
  });
  return doing<BackupOptions>(withClient(withDirectory(command)), 'making a backup', async (options) => {
    const asksRunning = options.url !== undefined || options.tokenFile !== undefined;
    const path = asksRunning
      ? (await (await clientOf(options)).post<{ readonly path: string }>('/v1/store/backup', {})).path
      : await backupStopped(directoryOf(options));
    const words = 'Take it to another machine. The anchor is never backed up: an old one would let a store go back unseen.';
    return wellReport(`${path}\n${words}`, { path });
  });
}

async function backupStopped(directory: string): Promise<string> {
  taken(await readCentreConfig(directory));
  const store = taken(await openSqliteStore(pathsOf(directory).store));
  const folder = join(directory, 'backups');
  const path = join(folder, `${new Date().toISOString().replaceAll(/[-:.]/g, '')}.sqlite`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await store.backup(path);
    return path;
  } catch (error) {
    if (error instanceof StoreRefusal) throw new Refused(error);
    throw error;
  } finally {
    await store.close();
  }
}

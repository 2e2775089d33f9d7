import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { refuse } from '#base/refusal.ts';
import { checkpointCollection } from '#centre/append.ts';
import { pathsOf } from '#centre/config.ts';
import { readKeyLists } from '#centre/key-lists.ts';
import { followedCompleteCollection } from '#centre/link/intake.ts';
import { cosignedCollection } from '#centre/proofs.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import type { Store } from '#centre/store/store.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { Progress } from '#cli/terminal/progress.ts';
import { Refused, type Report, taken, UsageFault, wellReport } from '#cli/terminal/report.ts';
import type { VerifiedKeyList } from '#log/keys.ts';
import { type VerifiedCheckpoint, verifyCheckpoint } from '#log/policy.ts';
import { encodeEntryBundle, tilePath, tilePlaces, tileWidth } from '#log/tiles.ts';
import { hashBytes } from '#log/tree.ts';

interface ExportLogOptions extends DirectoryOption {
  readonly to?: string;
  readonly store?: string;
}

/** `anshin export-log`: a whole log as static files, in the public layout of tlog-tiles. */
export function exportLogCommand(): Command {
  const command = commandOf({
    name: 'export-log <log>',
    summary:
      'Write a whole log, own or theirs, as static files (C2SP tlog-tiles): checkpoint, tiles and entries. The centre must not run, or name a backup.',
    examples: [
      'export-log own --dir ./centre --to ./log',
      'export-log theirs --dir ./centre --store ./centre/backups/B.sqlite --to ./log',
    ],
  })
    .option('--to <folder>', 'a folder that does not exist yet')
    .option('--store <file>', 'a backup to read instead of the store');
  return doing<ExportLogOptions>(withDirectory(command), 'exporting a log', run);
}

async function run(options: ExportLogOptions, [log = '']: readonly string[]): Promise<Report> {
  const { to } = options;
  if (to === undefined) throw new UsageFault('name the folder to write: --to FOLDER');
  if (log !== 'own' && log !== 'theirs') throw new UsageFault('the log is own or theirs');
  const lists = taken(await readKeyLists(directoryOf(options)));
  const list = log === 'own' ? lists.own : lists.peer;
  if (list === undefined) throw new Refused(refuse('config.missing', 'this centre is not paired: it holds no other log'));
  const store = taken(await openSqliteStore(options.store ?? pathsOf(directoryOf(options)).store));
  try {
    const { origin, size } = await writeWholeLog(store, { list, which: log }, to);
    const next = `anshin verify --log ${to} --keys KEYS`;
    return wellReport(`${size} records of ${origin} in ${to}\nNext: ${next}`, { origin, size, folder: to });
  } finally {
    await store.close();
  }
}

/** A log with its newest checkpoint of which every leaf is here, into a folder that does not exist yet. */
export async function writeWholeLog(
  store: Store,
  { list, which }: { readonly list: VerifiedKeyList; readonly which: 'own' | 'theirs' },
  to: string,
): Promise<VerifiedCheckpoint> {
  const { origin } = list.logKeys;
  const signed = await store.document(which === 'own' ? checkpointCollection : followedCompleteCollection, origin);
  const cosigned = await store.document(cosignedCollection, origin);
  // The same tree, with the other side's lines under it.
  const note = sizeOf(cosigned) === sizeOf(signed) ? cosigned : signed;
  if (note === undefined) throw new Refused(refuse('request.unknown', `no signed checkpoint of ${origin} is stored yet`));
  const checkpoint = taken(verifyCheckpoint(note, list.logKeys));
  await mkdir(dirname(join(to, 'x')), { recursive: false }).catch(() => {
    throw new Refused(refuse('store.exists', `${to} exists already, or its parent does not: nothing is overwritten`));
  });
  await writeLog(store, checkpoint, to);
  await writeFile(join(to, 'checkpoint'), note, { flag: 'wx' });
  return checkpoint;
}

function sizeOf(note: Uint8Array | undefined): string | undefined {
  return note === undefined ? undefined : new TextDecoder().decode(note).split('\n')[1];
}

async function writeLog(store: Store, { origin, size }: VerifiedCheckpoint, to: string): Promise<void> {
  const progress = new Progress();
  for (const place of tilePlaces(size)) {
    const stored = store.tile(origin, place.level, place.index);
    if (stored === undefined || stored.length < place.width * hashBytes) {
      throw new Refused(refuse('store.damaged', `tile ${tilePath(place)} of ${origin} is not stored: run anshin rebuild`));
    }
    await writeNew(join(to, tilePath(place)), stored.subarray(0, place.width * hashBytes));
    if (place.level > 0) continue;
    const from = place.index * tileWidth;
    const leaves = await store.leaves(origin, from, { count: place.width, bytes: Number.MAX_SAFE_INTEGER });
    await writeNew(join(to, tilePath({ ...place, level: 'entries' })), encodeEntryBundle(leaves));
    progress.show(`${from + place.width} of ${size} records`);
  }
  progress.end();
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes, { flag: 'wx' });
}

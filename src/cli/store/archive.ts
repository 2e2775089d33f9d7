import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Command } from 'commander';
import { hexOf } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { pathsOf, readCentreConfig } from '#centre/config.ts';
import { agreementsFolder } from '#centre/instruments.ts';
import { readKeyLists } from '#centre/key-lists.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import { writeWholeLog } from '#cli/store/export-log.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { Refused, type Report, taken, UsageFault, wellReport } from '#cli/terminal/report.ts';
import { sha256 } from '#crypto/engine.ts';

interface ArchiveOptions extends DirectoryOption {
  readonly to?: string;
  readonly store?: string;
}

const root = join(import.meta.dirname, '../../..');
/** All that `anshin verify` is made of; nothing of a centre. */
const verifier = [
  'LICENSE',
  'package.json',
  'package-lock.json',
  'src/base',
  'src/crypto',
  'src/record',
  'src/log',
  'src/cli/verify',
  'src/cli/terminal',
  'node_modules/commander',
  'node_modules/@noble',
] as const;

const readme = `An archive of one circle of the software Anshin. It needs no centre and no network.

  keys/        the signed lists of keys, of both parties, and of the logs before these
  logs/        both logs, whole, as static files (C2SP tlog-tiles)
  agreements/  the agreements that the records name, with their texts
  spec/        the specifications, with vectors
  verifier/    the program that verifies, as source, with its two packages
  SHA256SUMS   the hash of every other file (sha256sum -c SHA256SUMS)

To verify, with Node.js 26 or newer and the key lists of the pairing, which you have from elsewhere:

  node verifier/src/cli/verify/main.ts --archive . --keys CN.keys.note --keys US.keys.note

Without that program: the specifications say every byte, and their formats are public ones.
`;

/** `anshin archive`: all that a reader in thirty years needs to check what was said. */
export function archiveCommand(): Command {
  const command = commandOf({
    name: 'archive',
    summary:
      'Write a copy for the archive: both logs, key lists, agreements with texts, specifications and the verifier’s source. The centre must not run, or name a backup.',
    examples: ['archive --dir ./centre --to ./archive-2026'],
  })
    .option('--to <folder>', 'a folder that does not exist yet')
    .option('--store <file>', 'a backup to read instead of the store');
  return doing<ArchiveOptions>(withDirectory(command), 'writing an archive', run);
}

async function run(options: ArchiveOptions): Promise<Report> {
  const { to } = options;
  if (to === undefined) throw new UsageFault('name the folder to write: --to FOLDER');
  const directory = directoryOf(options);
  const config = taken(await readCentreConfig(directory));
  const lists = taken(await readKeyLists(directory));
  const store = taken(await openSqliteStore(options.store ?? pathsOf(directory).store));
  try {
    await mkdir(to).catch(() => {
      throw new Refused(refuse('store.exists', `${to} exists already, or its parent does not: nothing is overwritten`));
    });
    for (const folder of ['keys', 'logs', 'agreements']) await mkdir(join(to, folder));
    const current = [lists.own, ...(lists.peer === undefined ? [] : [lists.peer])];
    for (const [position, note] of lists.notes.entries()) {
      const list = [...current, ...lists.former][position]?.list;
      await writeFile(join(to, 'keys', `${list?.centre}-${list?.serial}.keys.note`), note, { flag: 'wx' });
    }
    const own = await writeWholeLog(store, { list: lists.own, which: 'own' }, join(to, 'logs/own'));
    const theirs =
      lists.peer === undefined
        ? undefined
        : await writeWholeLog(store, { list: lists.peer, which: 'theirs' }, join(to, 'logs/theirs'));
    for (const name of config.agreements) await copy(join(agreementsFolder, name), join(to, 'agreements', name));
    await copy(join(root, 'spec'), join(to, 'spec'));
    for (const path of verifier) await copy(join(root, path), join(to, 'verifier', path));
    await writeFile(join(to, 'README.txt'), readme, { flag: 'wx' });
    const sums = await writeSums(to);
    const text = [
      `${own.size} records of our own and ${theirs?.size ?? 0} of theirs, in ${to}, with ${sums.files} files.`,
      `  SHA-256 of SHA256SUMS   ${sums.hash}`,
      '                          Write it down, and keep it elsewhere than the archive.',
      `Next: anshin verify --archive ${to} --keys KEYS`,
    ].join('\n');
    return wellReport(text, { folder: to, own: own.size, theirs: theirs?.size ?? 0, ...sums });
  } finally {
    await store.close();
  }
}

/** Tests say nothing about an archive, and are left out. */
async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { recursive: true, errorOnExist: true, filter: (source) => !/\.(?:slow\.)?test\.ts$/.test(source) });
}

async function writeSums(folder: string): Promise<{ readonly files: number; readonly hash: string }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const lines: string[] = [];
  for (const path of paths.toSorted()) {
    lines.push(`${hexOf(sha256(await readFile(join(folder, path))))}  ${path.split(sep).join('/')}\n`);
  }
  const sums = Buffer.from(lines.join(''));
  await writeFile(join(folder, 'SHA256SUMS'), sums, { flag: 'wx' });
  return { files: lines.length, hash: hexOf(sha256(sums)) };
}

import { execFile } from 'node:child_process';
import { constants, cp, link, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Chance } from '#base/chance.ts';

const source = join(import.meta.dirname, 'unsynced.c');

/** What `unsynced.c` reads of the file that says which calls fail. */
const faultBytes = 64;

/** What a loss of power took. */
export interface Loss {
  /** Bytes that had been written and were not flushed, by file. */
  readonly unflushed: ReadonlyMap<string, number>;
  /** How much of that survived by luck, in bytes. */
  readonly survived: number;
}

/** What a disk does beside forgetting. */
export interface DiskManner {
  /** Files whose name begins so are never flushed, though the program is told so; empty for none. */
  readonly unflushed: string;
  readonly flushUs: number;
}

/**
 * A directory on a disk that loses, when its process is killed, what was written and not flushed: `unsynced.c` keeps beside it what
 * was. Owner of both; its process is dead whenever it is touched here.
 */
export class ForgetfulDisk {
  readonly directory: string;
  readonly #platter: string;
  readonly #library: string;

  private constructor(directory: string, parts: { readonly platter: string; readonly library: string }) {
    this.directory = directory;
    this.#platter = parts.platter;
    this.#library = parts.library;
  }

  /** Takes a directory as it stands for flushed. */
  static async of(directory: string, at: { readonly platter: string; readonly library: string }): Promise<ForgetfulDisk> {
    const disk = new ForgetfulDisk(directory, at);
    await disk.#flushAll();
    await disk.fail('-', '');
    return disk;
  }

  /** From now on calls on files whose name begins so fail: `-` none, `n` for want of room, `r` as read-only, `e` each flush. */
  async fail(kind: '-' | 'n' | 'r' | 'e', names: string): Promise<void> {
    const fault = Buffer.alloc(faultBytes);
    fault.write(`${kind}${names}`);
    // In place, since the process has the file in its memory.
    const file = await open(this.#fault, constants.O_RDWR | constants.O_CREAT);
    await file.write(fault, 0, faultBytes, 0);
    await file.close();
  }

  /** The environment of a process that works on this disk. */
  environment({ unflushed, flushUs }: DiskManner): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.#library,
      KNIFE_LIVE: this.directory,
      KNIFE_PLATTER: this.#platter,
      KNIFE_UNFLUSHED: unflushed,
      KNIFE_FLUSH_US: String(flushUs),
      KNIFE_FAULT: this.#fault,
      // Writes by io_uring would pass the library by.
      UV_USE_IO_URING: '0',
    };
  }

  /** Loses power: of what was not flushed, all is gone or some of it, sector by sector and name by name. */
  async lose(chance: Chance): Promise<Loss> {
    const luck = lucks[chance.below(lucks.length)] ?? 0;
    const lucky = (): boolean => chance.below(100) < luck;
    const sectorBytes = chance.below(2) === 0 ? 512 : 4096;
    const unflushed = new Map<string, number>();
    let survived = 0;
    const names = new Set([...(await filesIn(this.directory)), ...(await filesIn(this.#names))]);
    for (const name of [...names].toSorted()) {
      const [live, flushed] = [join(this.directory, name), join(this.#names, name)];
      const content = await this.#flushedContent(live);
      const named = await inodeOf(flushed);
      // Where the two name different files, or only one has the name, the change of the folder was not flushed.
      const isChanged = named === undefined || content.inode !== named;
      if (isChanged && !lucky()) {
        await rm(live, { force: true });
        if (named !== undefined) await cp(flushed, live);
        continue;
      }
      if ((await inodeOf(live)) === undefined) continue;
      const merged = merge({ live: await readFile(live), flushed: content.bytes }, { sectorBytes, lucky });
      if (merged.unflushed === 0) continue;
      await writeFile(live, merged.bytes);
      unflushed.set(name, merged.unflushed);
      survived += merged.survived;
    }
    await this.#flushAll();
    return { unflushed, survived };
  }

  get #fault(): string {
    return `${this.#platter}.fault`;
  }

  get #names(): string {
    return join(this.#platter, 'name');
  }

  /** What the platter has of a live file, by its inode; nothing of one that was never flushed. */
  async #flushedContent(live: string): Promise<{ readonly inode: number | undefined; readonly bytes: Uint8Array }> {
    const inode = await inodeOf(live);
    const path = join(this.#platter, 'inode', String(inode));
    const there = inode === undefined ? undefined : await inodeOf(path);
    return { inode: there, bytes: there === undefined ? new Uint8Array() : await readFile(path) };
  }

  async #flushAll(): Promise<void> {
    await rm(this.#platter, { recursive: true, force: true });
    await mkdir(join(this.#platter, 'inode'), { recursive: true });
    await mkdir(this.#names);
    for (const name of await filesIn(this.directory)) {
      const live = join(this.directory, name);
      const content = join(this.#platter, 'inode', String(await inodeOf(live)));
      await cp(live, content);
      await mkdir(dirname(join(this.#names, name)), { recursive: true });
      await link(content, join(this.#names, name));
    }
  }
}

/** Compiles the library that stands between a process and its disk; gives its path. */
export async function compileLibrary(folder: string): Promise<string> {
  const library = join(folder, 'unsynced.so');
  await promisify(execFile)('cc', ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-o', library, source, '-ldl', '-lpthread']);
  return library;
}

/** Of a hundred unflushed sectors or names, how many outlive the loss: mostly none, or a mixture that tears what was written. */
const lucks = [0, 0, 50, 50, 90];

interface Merged {
  readonly bytes: Uint8Array;
  readonly unflushed: number;
  readonly survived: number;
}

function merge(
  { live, flushed }: { readonly live: Uint8Array; readonly flushed: Uint8Array },
  { sectorBytes, lucky }: { readonly sectorBytes: number; readonly lucky: () => boolean },
): Merged {
  let [unflushed, survived] = [Math.abs(live.length - flushed.length), 0];
  const length = live.length === flushed.length || lucky() ? live.length : flushed.length;
  const bytes = new Uint8Array(length);
  bytes.set(flushed.subarray(0, length));
  for (let from = 0; from < live.length; from += sectorBytes) {
    const [written, known] = [live, flushed].map((each) => each.subarray(from, from + sectorBytes));
    if (written === undefined || known === undefined || Buffer.compare(written, known) === 0) continue;
    unflushed += known.length;
    if (from >= length || !lucky()) continue;
    survived += written.length;
    bytes.set(written.subarray(0, length - from), from);
  }
  return { bytes, unflushed, survived };
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

async function inodeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.ino;
}

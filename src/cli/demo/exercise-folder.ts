import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '#base/refusal.ts';
import { codeOf } from '#cli/terminal/input.ts';
import { Refused } from '#cli/terminal/report.ts';

/** Where the default exercise is: in the checkout, ignored by git. */
export const defaultFolder: string = join(import.meta.dirname, '../../../exercise');

/** What a running exercise says of itself, for whoever starts a second one. */
export interface RunningExercise {
  readonly pid: number;
  readonly folder: string;
  readonly centres: readonly { readonly centre: string; readonly http: string; readonly tokenFile: string }[];
  /** Null while it is being played. */
  readonly board: { readonly path: string; readonly address: string } | null;
}

const runningFile = 'running.json';

/** The exercise that runs in a folder, if its process lives. */
export async function runningIn(folder: string): Promise<RunningExercise | undefined> {
  const text = await readFile(join(folder, runningFile), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const running = JSON.parse(text) as RunningExercise;
    process.kill(running.pid, 0);
    return running;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return codeOf(error) === 'EPERM' ? (JSON.parse(text) as RunningExercise) : undefined;
  }
}

/** Says that an exercise begins in a folder; false if another process was quicker. What a dead process left is taken away. */
export async function claim(folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  await forgetRunning(folder);
  const claimed: RunningExercise = { pid: process.pid, folder, centres: [], board: null };
  try {
    await writeFile(join(folder, runningFile), `${JSON.stringify(claimed)}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

export async function noteRunning(folder: string, running: RunningExercise): Promise<void> {
  await writeFile(join(folder, runningFile), `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
}

export async function forgetRunning(folder: string): Promise<void> {
  await rm(join(folder, runningFile), { force: true });
}

/** Makes room for a new play: the last one is kept as `earlier`, in the place of the one before it. */
export async function freshPlay(folder: string): Promise<string> {
  const [now, earlier] = [join(folder, 'now'), join(folder, 'earlier')];
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  if (names.includes('now')) {
    await rm(earlier, { recursive: true, force: true });
    await rename(now, earlier);
  }
  await mkdir(now);
  return now;
}

/** A folder that the person names is never emptied. */
export async function emptyFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length === 0) return folder;
  throw new Refused(refuse('store.exists', `${folder} is not empty, and nothing in it is overwritten: name another folder`));
}

import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type Instrument, loadInstrument } from '#agreement/instrument.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { isErrno } from '#centre/store/durable-file.ts';

/** The agreements that come with the software. */
export const agreementsFolder: string = join(import.meta.dirname, '../../agreements');

/** Loads agreements by the names of their folders; every file of a folder belongs to its hash. */
export async function loadInstruments(
  folder: string,
  names: readonly string[],
): Promise<Result<ReadonlyMap<string, Instrument>>> {
  const instruments = new Map<string, Instrument>();
  for (const name of names) {
    const files = await filesOf(join(folder, name));
    if (!files.ok) return files;
    const instrument = loadInstrument(files.value);
    if (!instrument.ok) return refuse('agreement.form', `${name}: ${instrument.refusal.detail}`);
    instruments.set(instrument.value.hash, instrument.value);
  }
  return accept(instruments);
}

/** The files of one agreement's folder, by path within it. */
export async function filesOf(folder: string): Promise<Result<ReadonlyMap<string, Uint8Array>>> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const files = await Promise.all(
      paths.map(async (path) => [relative(folder, path).split(sep).join('/'), await readFile(path)] as const),
    );
    return accept(new Map(files));
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    return refuse('agreement.unknown', `there is no agreement at ${folder}`);
  }
}

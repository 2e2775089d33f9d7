import type { Instrument } from '#agreement/instrument.ts';
import { hexOf } from '#base/bytes.ts';
import { KeptShelves } from '#centre/folds/kept-shelves.ts';
import { ShelfFile } from '#centre/folds/shelf-file.ts';
import { MemoryTree } from '#cli/store/memory-tree.ts';
import type { LogIdentity } from '#exchange/log-view.ts';
import { Register } from '#exchange/register.ts';

/** One log with its leaves in order, in pieces of any size. */
export interface LeafSource {
  readonly identity: LogIdentity;
  readonly leaves: () => AsyncIterable<readonly Uint8Array[]>;
}

/** Changes of the folds that wait in memory. */
const changesMax = 1_000;

export interface Folded {
  readonly register: Register;
  /** By origin. */
  readonly trees: ReadonlyMap<string, MemoryTree>;
}

/**
 * Makes the folds and trees of logs anew from nothing but their leaves. What does not fit in a little memory lies in a file without
 * a name, which goes with the process.
 */
export async function foldLeaves(sources: readonly LeafSource[], instruments: ReadonlyMap<string, Instrument>): Promise<Folded> {
  const trees = new Map(sources.map(({ identity }) => [identity.origin, new MemoryTree()]));
  const shelves = new KeptShelves(
    ShelfFile.open(null, (error) => {
      throw error;
    }),
  );
  const register = new Register({
    logs: sources.map(({ identity }) => identity),
    instruments: ({ agreement, version }) => {
      const instrument = instruments.get(version);
      return instrument?.shortName === agreement ? instrument : undefined;
    },
    rootAt: (log, size) => hexOf(trees.get(log)?.rootAt(size) ?? new Uint8Array()),
    shelves,
  });
  for (const { identity, leaves } of sources) {
    const tree = trees.get(identity.origin);
    for await (const some of leaves()) {
      let index = tree?.size ?? 0;
      tree?.add(some);
      for (const leaf of some) {
        register.take(identity.origin, index, leaf);
        index += 1;
      }
      if (shelves.waiting >= changesMax) shelves.keep({});
    }
  }
  return { register, trees };
}

import type { Instrument } from '#agreement/instrument.ts';
import { hexOf } from '#base/bytes.ts';
import { MemoryTree } from '#cli/store/memory-tree.ts';
import type { LogIdentity } from '#exchange/log-view.ts';
import { MemoryShelves } from '#exchange/memory-shelf.ts';
import { Register } from '#exchange/register.ts';

/** One log with its leaves in order, in pieces of any size. */
export interface LeafSource {
  readonly identity: LogIdentity;
  readonly leaves: () => AsyncIterable<readonly Uint8Array[]>;
}

export interface Folded {
  readonly register: Register;
  /** By origin. */
  readonly trees: ReadonlyMap<string, MemoryTree>;
}

/** Makes the folds and trees of logs anew from nothing but their leaves. */
export async function foldLeaves(sources: readonly LeafSource[], instruments: ReadonlyMap<string, Instrument>): Promise<Folded> {
  const trees = new Map(sources.map(({ identity }) => [identity.origin, new MemoryTree()]));
  const register = new Register({
    logs: sources.map(({ identity }) => identity),
    instruments: ({ agreement, version }) => {
      const instrument = instruments.get(version);
      return instrument?.shortName === agreement ? instrument : undefined;
    },
    rootAt: (log, size) => hexOf(trees.get(log)?.rootAt(size) ?? new Uint8Array()),
    shelves: new MemoryShelves(),
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
    }
  }
  return { register, trees };
}

import { equalBytes, hexOf } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { checkpointCollection } from '#centre/append.ts';
import { pathsOf, readCentreConfig } from '#centre/config.ts';
import { removeFolds } from '#centre/folds/shelf-file.ts';
import { agreementsFolder, loadInstruments } from '#centre/instruments.ts';
import { readKeyLists } from '#centre/key-lists.ts';
import { OwnSeries } from '#centre/own-series.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import { type DocumentWrite, type Store, StoreRefusal, type TileWrite } from '#centre/store/store.ts';
import { identitiesOf, sourceIn } from '#cli/board/board-source.ts';
import { foldLeaves, type LeafSource } from '#cli/store/fold-leaves.ts';
import type { MemoryTree } from '#cli/store/memory-tree.ts';
import { Refused, taken } from '#cli/terminal/report.ts';
import type { VerifiedKeyList } from '#log/keys.ts';
import { verifyCheckpoint } from '#log/policy.ts';

/** What was made again, and how much of it was not as it should be. */
export interface Rebuilt {
  readonly leaves: number;
  readonly tiles: { readonly made: number; readonly replaced: number };
  /** Last numbers of series, and how far receipts reach. */
  readonly counters: { readonly made: number; readonly replaced: number };
}

const tilesPerCommit = 1_000;

/**
 * Makes everything that follows from the leaves anew: tiles, the folds, the last number of each series, the reach of our receipts.
 * Nothing is replaced unless the leaves hash to the checkpoint that we signed: a store whose leaves changed is restored, not rebuilt.
 */
export async function rebuildStore(directory: string): Promise<Rebuilt> {
  const config = taken(await readCentreConfig(directory));
  const { own, successions } = taken(await readKeyLists(directory));
  const instruments = taken(await loadInstruments(agreementsFolder, config.agreements));
  const identities = await identitiesOf(directory);
  const store = taken(await openSqliteStore(pathsOf(directory).store));
  try {
    const series = new OwnSeries(successions);
    const sources = identities.map((identity) => {
      const source = sourceIn(store, identity);
      return identity.origin === own.list.origin ? noted(source, series) : source;
    });
    const { trees } = await foldLeaves(sources, instruments);
    const tree = trees.get(own.list.origin);
    const note = await store.document(checkpointCollection, own.list.origin);
    if (tree !== undefined && note !== undefined) checkRoot(tree, note, own);
    const tiles = await replaceTiles(store, trees);
    // The next start makes what is kept of the folds again as well.
    removeFolds(pathsOf(directory).folds);
    const counters = await replaceCounters(store, series.writes(own.list.origin));
    return { leaves: [...trees.values()].reduce((sum, each) => sum + each.size, 0), tiles, counters };
  } catch (error) {
    if (error instanceof StoreRefusal) throw new Refused(error);
    throw error;
  } finally {
    await store.close();
  }
}

/** The source, with each leaf shown to the series on its way. */
function noted(source: LeafSource, series: OwnSeries): LeafSource {
  return {
    identity: source.identity,
    leaves: async function* () {
      for await (const leaves of source.leaves()) {
        for (const leaf of leaves) series.note(leaf);
        yield leaves;
      }
    },
  };
}

function checkRoot(tree: MemoryTree, note: Uint8Array, { logKeys }: VerifiedKeyList): void {
  const { size, root, origin } = taken(verifyCheckpoint(note, logKeys));
  if (size <= tree.size && equalBytes(tree.rootAt(size), root)) return;
  const found = size <= tree.size ? hexOf(tree.rootAt(size)) : `only ${tree.size} leaves`;
  const detail = `the leaves of ${origin} are not those that we signed (${size} leaves, ${hexOf(root).slice(0, 16)}…; found ${found.slice(0, 16)}…)`;
  throw new Refused(refuse('store.damaged', detail, { size }));
}

async function replaceTiles(store: Store, trees: ReadonlyMap<string, MemoryTree>): Promise<Rebuilt['tiles']> {
  let made = 0;
  const wrong: TileWrite[] = [];
  for (const [log, tree] of trees) {
    for (const { level, index, bytes } of tree.tiles()) {
      made += 1;
      if (!isStored(store, { log, level, index, bytes })) wrong.push({ log, level, index, bytes });
    }
  }
  for (let from = 0; from < wrong.length; from += tilesPerCommit) {
    await store.commit({ leaves: [], tiles: wrong.slice(from, from + tilesPerCommit), documents: [] });
  }
  return { made, replaced: wrong.length };
}

/** A tile that cannot be read is made again like one that is wrong. */
function isStored(store: Store, { log, level, index, bytes }: TileWrite): boolean {
  try {
    const stored = store.tile(log, level, index);
    return stored !== undefined && equalBytes(stored, bytes);
  } catch (error) {
    if (error instanceof StoreRefusal) return false;
    throw error;
  }
}

async function replaceCounters(store: Store, counters: readonly DocumentWrite[]): Promise<Rebuilt['counters']> {
  const wrong: DocumentWrite[] = [];
  for (const write of counters) {
    const stored = await store.document(write.collection, write.key).catch((error: unknown) => {
      if (error instanceof StoreRefusal) return undefined;
      throw error;
    });
    if (stored === undefined || write.value === null || !equalBytes(stored, write.value)) wrong.push(write);
  }
  if (wrong.length > 0) await store.commit({ leaves: [], tiles: [], documents: wrong });
  return { made: counters.length, replaced: wrong.length };
}

import { accept, type Result, refuse } from '#base/refusal.ts';
import { type Store, StoreRefusal } from '#centre/store/store.ts';
import { TileTree, tilesAfterAppend } from '#log/tiles.ts';
import { append, frontierAt, hashLeaf, type NodeReader, rootAt } from '#log/tree.ts';

const leavesAtOnce = 512;
const bytesAtOnce = 4_194_304;
const tilesKept = 64;

/** The nodes of a log's tree, as the store has them. */
export function treeOf(store: Store, origin: string): NodeReader {
  return new TileTree((level, index) => store.tile(origin, level, index), tilesKept).read;
}

/**
 * Writes the leaves of one log below `size` again as the beginning of another. What a run that was cut off left is gone on from.
 * Refused as `store.damaged` if the copy has another root.
 */
export async function carryOver(
  store: Store,
  { from, to, size }: { readonly from: string; readonly to: string; readonly size: number },
): Promise<Result<void>> {
  while (store.size(to) < size) {
    const at = store.size(to);
    const leaves = await store.leaves(from, at, { count: Math.min(leavesAtOnce, size - at), bytes: bytesAtOnce });
    if (leaves.length === 0) throw new StoreRefusal(refuse('store.damaged', `leaf ${at} of ${from} is not in the store`));
    const { nodes } = append(frontierAt(at, treeOf(store, to)), leaves.map(hashLeaf));
    const tiles = tilesAfterAppend(nodes, (level, index) => store.tile(to, level, index));
    await store.commit({
      leaves: [{ log: to, from: at, records: leaves }],
      tiles: tiles.map((tile) => ({ log: to, ...tile })),
      documents: [],
    });
  }
  const [before, after] = [rootAt(size, treeOf(store, from)), rootAt(size, treeOf(store, to))];
  if (Buffer.compare(before, after) === 0) return accept(undefined);
  return refuse('store.damaged', `the leaves of ${to} below ${size} are not those of ${from}`, { size });
}

import { concatBytes, equalBytes } from '#base/bytes.ts';
import { accept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { readInput } from '#cli/terminal/input.ts';
import { checkSpeaker, type OwnedLog } from '#cli/verify/speaker.ts';
import { parseEntryBundle, type TilePlace, tilePath, tileWidth } from '#log/tiles.ts';
import { append, emptyFrontier, hashLeaf } from '#log/tree.ts';
import { parseRecord } from '#record/envelope.ts';

/** A leaf that is no record which its log's owner could have said there. */
export interface StrangeLeaf {
  readonly index: number;
  readonly refusal: Refusal;
}

/** What a bundle of up to 256 entries adds to the tree, and how its records were judged. */
export interface CheckedBundle {
  /** The complete subtrees that its leaves make, largest first; of a full bundle one. */
  readonly nodes: readonly Uint8Array[];
  readonly records: number;
  /** The first few of them; how many there are is the width without the records. */
  readonly strange: readonly StrangeLeaf[];
}

/** A log as its files lie in a folder. */
export interface LogFolder extends OwnedLog {
  readonly folder: string;
}

const strangeShownMax = 10;

/** Reads the entries and the tile at a place, compares them, and judges each record by what its log alone tells. */
export async function checkBundle(log: LogFolder, place: TilePlace): Promise<Result<CheckedBundle>> {
  const path = tilePath({ ...place, level: 'entries' });
  const [entries, tile] = await Promise.all([path, tilePath(place)].map((each) => readInput(`${log.folder}/${each}`)));
  const leaves = parseEntryBundle(new Uint8Array(entries ?? []), place.width);
  if (!leaves.ok) return refuse(leaves.refusal.code, `${path}: ${leaves.refusal.detail}`, { path });
  const hashes = leaves.value.map(hashLeaf);
  if (!equalBytes(new Uint8Array(tile ?? []), concatBytes(...hashes))) {
    return refuse('proof.inclusion', `${path} does not have the leaves that ${tilePath(place)} has the hashes of`, { path });
  }
  const strange = leaves.value.flatMap((leaf, position) => {
    const refusal = strangenessOf(leaf, log);
    return refusal === undefined ? [] : [{ index: place.index * tileWidth + position, refusal }];
  });
  const { nodes } = append(emptyFrontier, hashes).frontier;
  return accept({ nodes, records: place.width - strange.length, strange: strange.slice(0, strangeShownMax) });
}

function strangenessOf(leaf: Uint8Array, log: OwnedLog): Refusal | undefined {
  const known = parseRecord(leaf);
  const checked = known.ok ? checkSpeaker(known.value, log) : known;
  return checked.ok ? undefined : checked.refusal;
}

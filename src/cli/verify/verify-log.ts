import { concatBytes, equalBytes } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { readInput } from '#cli/terminal/input.ts';
import { Progress } from '#cli/terminal/progress.ts';
import { Refused, type Report, taken } from '#cli/terminal/report.ts';
import { checkedBundles } from '#cli/verify/bundle-crew.ts';
import type { LogFolder, StrangeLeaf } from '#cli/verify/entry-bundle.ts';
import type { NamedKeyList } from '#cli/verify/key-lists.ts';
import { logVerdict, statementReport } from '#cli/verify/verify-words.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import { parseNote } from '#log/note.ts';
import { type VerifiedCheckpoint, type VerifiedCosignature, verifyCheckpoint, verifyCosignatures } from '#log/policy.ts';
import { type StandingKeys, standingKeys } from '#log/succession.ts';
import { type TilePlace, tilePath, tilePlaces, tileWidth } from '#log/tiles.ts';
import { append, emptyFrontier, type Frontier, rootOf } from '#log/tree.ts';

/** What the files of a whole log show. */
export interface LogFindings {
  readonly checkpoint: VerifiedCheckpoint;
  readonly owner: string;
  /** Who else saw this very tree. */
  readonly cosigned: readonly VerifiedCosignature[];
  /** Where it goes on under another name, by a list at hand. */
  readonly ended: StandingKeys['ended'];
  /** Leaves that are records which the owner could say there. */
  readonly records: number;
  /** The first of the others. */
  readonly strange: readonly StrangeLeaf[];
}

type ReadLog = Omit<LogFindings, 'cosigned' | 'ended'>;

const strangeShownMax = 10;

/** Verifies a whole log in the layout of tlog-tiles: every entry and record, every tile, the root, both signatures. */
export async function verifyLogFolder(folder: string, keys: readonly NamedKeyList[]): Promise<Report> {
  const note = new Uint8Array(await readInput(`${folder}/checkpoint`));
  const origin = new TextDecoder().decode(note).split('\n')[0] ?? '';
  const standing = taken(standingKeys(keys.map(({ keyList }) => keyList)));
  const owner = standing.get(origin);
  if (owner === undefined) throw new Refused(refuse('key.unknown', `the log is ${origin}, whose key list was not given`));
  const { keyList, logKeys, ended } = owner;
  const checkpoint = taken(verifyCheckpoint(note, logKeys));
  const cosigned = cosignaturesOf(checkpoint, note, { owner: keyList.list, standing: [...standing.values()] });
  if (ended?.reason === 'stolen-key' && cosigned.length === 0) {
    throw new Refused(refuse('key.succession', `the keys of ${origin} were stolen, and nobody else saw this log`, { ...ended }));
  }
  const findings = { ...(await readLog({ folder, origin, owner: keyList.list.centre }, checkpoint)), cosigned, ended };
  const { size } = checkpoint;
  return statementReport({
    verdict: 'log proved',
    heading: `PROVED: the log ${origin}`,
    tone: 'good',
    origin,
    words: logVerdict(findings),
    keys: keys.filter((each) => each.keyList === keyList),
    facts: { origin, size, read: findings.records, strange: findings.strange },
  });
}

/** By the other centres of the circle and status whose lists are at hand. */
function cosignaturesOf(
  checkpoint: VerifiedCheckpoint,
  note: Uint8Array,
  { owner, standing }: { readonly owner: KeyList; readonly standing: readonly StandingKeys[] },
): readonly VerifiedCosignature[] {
  const witnesses = standing.flatMap(({ keyList: { list }, witness }) =>
    witness !== null && list.centre !== owner.centre && list.circle === owner.circle && list.status === owner.status
      ? [witness]
      : [],
  );
  return taken(verifyCosignatures(checkpoint, taken(parseNote(note)).signatures, witnesses));
}

async function readLog(log: LogFolder, checkpoint: VerifiedCheckpoint): Promise<ReadLog> {
  const progress = new Progress();
  try {
    return await readBundles(log, checkpoint, progress);
  } finally {
    progress.end();
  }
}

async function readBundles(log: LogFolder, checkpoint: VerifiedCheckpoint, progress: Progress): Promise<ReadLog> {
  const { size } = checkpoint;
  const bundles = checkedBundles(log, lowestPlaces(size), Math.ceil(size / tileWidth));
  // A full bundle is one complete subtree, so the bundles are the leaves of a tree of their own.
  let full: Frontier = emptyFrontier;
  let rest: readonly Uint8Array[] = [];
  const roots: Uint8Array[] = [];
  let records = 0;
  const strange: StrangeLeaf[] = [];
  for await (const bundle of bundles) {
    if (roots.length < Math.floor(size / tileWidth)) {
      full = append(full, bundle.nodes).frontier;
      roots.push(...bundle.nodes);
    } else rest = bundle.nodes;
    records += bundle.records;
    strange.push(...bundle.strange.slice(0, strangeShownMax - strange.length));
    progress.show(`${Math.min(size, roots.length * tileWidth)} of ${size} records`);
  }
  if (!equalBytes(rootOf({ size, nodes: [...full.nodes, ...rest] }), checkpoint.root)) {
    throw new Refused(refuse('proof.inclusion', 'the entries do not give the root that the owner signed', { size }));
  }
  await checkUpperTiles(log.folder, size, roots);
  return { checkpoint, owner: log.owner, records, strange };
}

function* lowestPlaces(size: number): Generator<TilePlace> {
  for (const place of tilePlaces(size)) {
    if (place.level > 0) return;
    yield place;
  }
}

/** Whoever reads the log by its tiles must find the same tree in them. `roots` are those of the full lowest tiles. */
async function checkUpperTiles(folder: string, size: number, roots: readonly Uint8Array[]): Promise<void> {
  const levels: Uint8Array[][] = [[], [...roots]];
  for (const place of tilePlaces(size)) {
    if (place.level === 0) continue;
    const hashes = levels[place.level]?.slice(place.index * tileWidth, place.index * tileWidth + place.width) ?? [];
    const path = tilePath(place);
    if (!equalBytes(new Uint8Array(await readInput(`${folder}/${path}`)), concatBytes(...hashes))) {
      throw new Refused(refuse('proof.inclusion', `${path} does not have the hashes of the tiles below it`, { path }));
    }
    if (place.width === tileWidth) (levels[place.level + 1] ??= []).push(rootOf(append(emptyFrontier, hashes).frontier));
  }
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accept, mustAccept, type Result } from '#base/refusal.ts';
import { pathsOf, readPeerConfig } from '#centre/config.ts';
import { isErrno } from '#centre/store/durable-file.ts';
import { type OfflineKeys, parseKeyList, publicKeysOf, type VerifiedKeyList, verifyKeyList } from '#log/keys.ts';
import { type Succession, standingKeys, successionsOf } from '#log/succession.ts';

/** The key lists of a centre's directory, each verified. */
export interface KeyLists {
  readonly own: VerifiedKeyList;
  /** The other side's, once paired. */
  readonly peer: VerifiedKeyList | undefined;
  /** Of both: the lists of the logs from which these go on. */
  readonly former: readonly VerifiedKeyList[];
  readonly successions: readonly Succession[];
  /** All of them as they travel: what a proof carries. */
  readonly notes: readonly Uint8Array[];
}

/** Reads our own key list, the other side's if there is one, and those before them. */
export async function readKeyLists(directory: string): Promise<Result<KeyLists>> {
  const paths = pathsOf(directory);
  const ownNote = await readFile(paths.keyList);
  const own = keptList(ownNote);
  if (!own.ok) return own;
  const former = await readFormer(paths.former);
  if (!former.ok) return former;
  const theirs = await readTheirs(directory);
  if (!theirs.ok) return theirs;
  const peer = theirs.value?.list;
  const current = [own.value, ...(peer === undefined ? [] : [peer])];
  const lists = [...current, ...former.value.map(({ list }) => list)];
  const standing = standingKeys(lists);
  if (!standing.ok) return standing;
  const notes = [ownNote, ...(theirs.value === undefined ? [] : [theirs.value.note]), ...former.value.map(({ note }) => note)];
  return accept({
    own: own.value,
    peer,
    former: former.value.map(({ list }) => list),
    successions: successionsOf(lists),
    notes,
  });
}

interface KeptList {
  readonly note: Uint8Array;
  readonly list: VerifiedKeyList;
}

/** The other side's list, by the offline keys of the pairing; nothing before it. */
async function readTheirs(directory: string): Promise<Result<KeptList | undefined>> {
  const config = await readPeerConfig(directory);
  if (!config.ok || config.value === undefined) return config.ok ? accept(undefined) : config;
  const pinned = publicKeysOf(config.value.offline);
  if (!pinned.ok) return pinned;
  const note = new Uint8Array(await readFile(pathsOf(directory).peerKeyList));
  const list = pinnedList(note, pinned.value);
  return list.ok ? accept({ note, list: list.value }) : list;
}

/** The lists before those in force, of both sides. */
export async function readFormer(folder: string): Promise<Result<readonly KeptList[]>> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  });
  const former: KeptList[] = [];
  for (const name of names.filter((each) => each.endsWith('.keys.note')).toSorted()) {
    const note = new Uint8Array(await readFile(join(folder, name)));
    const list = keptList(note);
    if (!list.ok) return list;
    former.push({ note, list: list.value });
  }
  return accept(former);
}

/** A list of a file that this centre wrote, under the offline keys that it names: they were compared when it was taken. */
export function keptList(note: Uint8Array): Result<VerifiedKeyList> {
  const parsed = parseKeyList(note);
  return parsed.ok ? verifyKeyList(parsed.value, mustAccept(publicKeysOf(parsed.value.list.offline))) : parsed;
}

function pinnedList(note: Uint8Array, pinned: OfflineKeys): Result<VerifiedKeyList> {
  const parsed = parseKeyList(note);
  return parsed.ok ? verifyKeyList(parsed.value, pinned) : parsed;
}

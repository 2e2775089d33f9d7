import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accept, mustAccept, type Result } from '#base/refusal.ts';
import { pathsOf, readPeerConfig } from '#centre/config.ts';
import { isErrno } from '#centre/store/durable-file.ts';
import type { Succession } from '#exchange/former-names.ts';
import { type OfflineKeys, parseKeyList, publicKeysOf, type VerifiedKeyList, verifyKeyList } from '#log/keys.ts';
import { standingKeys } from '#log/succession.ts';

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
  const own = verifiedBy(ownNote, undefined);
  if (!own.ok) return own;
  const former = await readFormer(paths.former);
  if (!former.ok) return former;
  const peerConfig = await readPeerConfig(directory);
  if (!peerConfig.ok) return peerConfig;
  const peerNote = peerConfig.value === undefined ? undefined : await readFile(paths.peerKeyList);
  const pinned = peerConfig.value === undefined ? undefined : publicKeysOf(peerConfig.value.offline);
  if (pinned?.ok === false) return pinned;
  const peer = peerNote === undefined ? undefined : verifiedBy(peerNote, pinned?.value);
  if (peer?.ok === false) return peer;
  const current = [own.value, ...(peer === undefined ? [] : [peer.value])];
  const lists = [...current, ...former.value.map(({ list }) => list)];
  const standing = standingKeys(lists);
  if (!standing.ok) return standing;
  const notes = [ownNote, ...(peerNote === undefined ? [] : [peerNote]), ...former.value.map(({ note }) => note)];
  return accept({
    own: own.value,
    peer: peer?.value,
    former: former.value.map(({ list }) => list),
    successions: lists.flatMap(successionOf),
    notes,
  });
}

function successionOf({ list }: VerifiedKeyList): readonly Succession[] {
  const { succeeds } = list;
  return succeeds === undefined ? [] : [{ from: succeeds.origin, to: list.origin, size: succeeds.size, root: succeeds.root }];
}

async function readFormer(
  folder: string,
): Promise<Result<readonly { readonly note: Uint8Array; readonly list: VerifiedKeyList }[]>> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  });
  const former: { readonly note: Uint8Array; readonly list: VerifiedKeyList }[] = [];
  for (const name of names.filter((each) => each.endsWith('.keys.note')).toSorted()) {
    const note = new Uint8Array(await readFile(join(folder, name)));
    const list = verifiedBy(note, undefined);
    if (!list.ok) return list;
    former.push({ note, list: list.value });
  }
  return accept(former);
}

/** A list under the keys that the pairing pinned; our own, and one that was pinned before, under those that it names. */
function verifiedBy(note: Uint8Array, pinned: OfflineKeys | undefined): Result<VerifiedKeyList> {
  const parsed = parseKeyList(note);
  if (!parsed.ok) return parsed;
  return verifyKeyList(parsed.value, pinned ?? mustAccept(publicKeysOf(parsed.value.list.offline)));
}

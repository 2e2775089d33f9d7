import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOfHex, hexOf } from '#base/bytes.ts';
import { accept, mustAccept, type Result, refuse } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import { pathsOf, readCentreConfig, writeConfig } from '#centre/config.ts';
import { type KeyLists, readKeyLists } from '#centre/key-lists.ts';
import { openParts } from '#centre/opened.ts';
import { OwnSeries } from '#centre/own-series.ts';
import { Journal } from '#centre/people/journal.ts';
import type { Officer } from '#centre/people/officer.ts';
import { ScenarioClock } from '#centre/scenario.ts';
import { Scribe } from '#centre/scribe.ts';
import { openSigner } from '#centre/setup.ts';
import { entryAt } from '#centre/signer/anchor.ts';
import { AnchorFile, createAnchorFile } from '#centre/signer/anchor-file.ts';
import { writeDurably } from '#centre/store/durable-file.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import type { Store } from '#centre/store/store.ts';
import { carryOver, treeOf } from '#centre/succession/carry-over.ts';
import { checkGroups, checkSecond } from '#centre/succession/confirmation.ts';
import { readRequest, successionPaths } from '#centre/succession/prepare.ts';
import { successorHost } from '#centre/succession/successor-list.ts';
import { keyListText, parseKeyList, publicKeysOf, type VerifiedKeyList, verifyKeyList } from '#log/keys.ts';
import { checkSuccession } from '#log/succession.ts';
import { hashBytes, rootAt } from '#log/tree.ts';

export interface ApplyOptions {
  readonly directory: string;
  readonly passphrase: Uint8Array;
  readonly nowMs: TimeMs;
  /** The supervisor who confirms; another than the one who prepared. */
  readonly officer: Officer;
  /** The list as the offline keys signed it. */
  readonly note: Uint8Array;
  /** The groups of digits that were read out where it was signed. */
  readonly groups: string;
}

/** What a centre became. */
export interface Applied {
  readonly origin: string;
  readonly size: number;
}

/**
 * Opens the next log of this centre: its leaves, keys, list, anchor and name, then the record that says so. Each step can be done
 * again, so that a run which was cut off is begun anew. The centre must not be running. Refused: `key.succession`,
 * `people.same-person`, and what the list, the store and the signer refuse.
 */
export async function applySuccession(options: ApplyOptions): Promise<Result<Applied>> {
  const checked = await checkedList(options);
  if (!checked.ok) return checked;
  const { list, older, by } = checked.value;
  const moved = await moveStore(options, { list, older, by });
  if (!moved.ok) return moved;
  await changeFiles(options, { list, older });
  const admitted = await admitOwn(options, list);
  if (!admitted.ok) return admitted;
  const said = await saySuccession(options, list);
  if (!said.ok) return said;
  await rm(successionPaths(options.directory).folder, { recursive: true });
  return accept({ origin: list.list.origin, size: list.list.succeeds?.size ?? 0 });
}

interface Checked {
  readonly list: VerifiedKeyList;
  readonly older: VerifiedKeyList;
  readonly by: string;
}

async function checkedList({ directory, note, groups, officer }: ApplyOptions): Promise<Result<Checked>> {
  const request = await readRequest(directory);
  if (!request.ok) return request;
  const parsed = parseKeyList(note);
  if (!parsed.ok) return parsed;
  const { text, by } = request.value;
  if (keyListText(parsed.value.list) !== text) return refuse('key.succession', 'the file is not of the request prepared here');
  const confirmed = checkGroups(text, groups);
  if (!confirmed.ok) return confirmed;
  const second = checkSecond(by, officer);
  if (!second.ok) return second;
  const lists = await readKeyLists(directory);
  if (!lists.ok) return lists;
  const older = predecessorIn(lists.value, parsed.value.list.succeeds?.origin);
  if (older === undefined) return refuse('key.succession', 'the file names no log of this centre before it');
  const byOffline = parsed.value.list.succeeds?.reason === 'new-pairing' ? parsed.value.list.offline : older.list.offline;
  const list = verifyKeyList(parsed.value, mustAccept(publicKeysOf(byOffline)));
  if (!list.ok) return list;
  const fits = checkSuccession(older, list.value);
  return fits.ok ? accept({ list: list.value, older, by }) : fits;
}

/** The list that the new one follows: our own, or the one before it where a run was cut off after the change. */
function predecessorIn({ own, former }: KeyLists, origin: string | undefined): VerifiedKeyList | undefined {
  return [own, ...former].find(({ list }) => list.origin === origin);
}

async function moveStore({ directory, officer, nowMs }: ApplyOptions, { list, older, by }: Checked): Promise<Result<void>> {
  const opened = await openSqliteStore(pathsOf(directory).store);
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    const { origin, succeeds } = list.list;
    const size = succeeds?.size ?? 0;
    if (store.size(origin) > size) return accept(undefined);
    if (hexOf(rootAt(size, treeOf(store, older.list.origin))) !== succeeds?.root)
      return refuse('key.succession', `the store has another root at ${size} leaves than the list names`, { size });
    const carried = await carryOver(store, { from: older.list.origin, to: origin, size });
    if (!carried.ok) return carried;
    const lists = await readKeyLists(directory);
    if (!lists.ok) return lists;
    await store.commit({ leaves: [], tiles: [], documents: await countsOf(store, origin, lists.value) });
    const journal = await Journal.open(store, () => nowMs);
    const details = { origin, size, preparedBy: by, reason: succeeds.reason };
    await journal.enter({ act: 'succession-applied', officer: officer.id, details }, []);
    return accept(undefined);
  } finally {
    await store.close();
  }
}

/** Numbers and receipts as the leaves that were taken over have them. */
async function countsOf(store: Store, origin: string, { successions }: KeyLists) {
  const series = new OwnSeries(successions);
  for (let from = 0; from < store.size(origin); ) {
    const leaves = await store.leaves(origin, from, { count: 512, bytes: 4_194_304 });
    for (const leaf of leaves) series.note(leaf);
    from += leaves.length;
  }
  return series.writes(origin);
}

/** Keys first, then the list that names them, then the name: what a cut leaves is refused at a start, and mended by doing this again. */
async function changeFiles(
  { directory, note }: ApplyOptions,
  { older }: { readonly list: VerifiedKeyList; readonly older: VerifiedKeyList },
): Promise<void> {
  const [paths, next] = [pathsOf(directory), successionPaths(directory)];
  await mkdir(paths.former, { recursive: true, mode: 0o755 });
  const own = new Uint8Array(await readFile(paths.keyList));
  const isOld = keyListText(mustAccept(parseKeyList(own)).list) === keyListText(older.list);
  if (isOld) await writeDurably(formerPath(directory, older), own, { mode: 0o644, how: 'replace' });
  await writeDurably(paths.keys, await readFile(next.keys), { mode: 0o600, how: 'replace' });
  await writeDurably(paths.keyList, note, { mode: 0o644, how: 'replace' });
  const offline = await readFile(next.offline).catch(() => undefined);
  if (offline !== undefined) await writeDurably(paths.offline, offline, { mode: 0o600, how: 'replace' });
  const config = mustAccept(await readCentreConfig(directory));
  const host = successorHost(older.list.origin.split('/')[0] ?? '');
  await writeConfig(paths.config, { ...config, host }, 'replace');
}

/** Where the list that was in force before a succession is kept, for good: earlier proofs are checked with it. */
export function formerPath(directory: string, { list }: VerifiedKeyList): string {
  return join(pathsOf(directory).former, `${list.centre}-${String(list.serial).padStart(4, '0')}.keys.note`);
}

async function admitOwn({ directory, passphrase, nowMs }: ApplyOptions, { list }: VerifiedKeyList): Promise<Result<void>> {
  const { origin, succeeds } = list;
  const begins = { size: succeeds?.size ?? 0, root: mustAccept(bytesOfHex(succeeds?.root ?? '', hashBytes)) };
  if (succeeds?.reason === 'lost-anchor') {
    const made = await newAnchor(directory, { origin, begins, nowMs });
    if (!made.ok) return made;
  }
  const signing = await openSigner({ directory, passphrase, clock: () => nowMs });
  if (!signing.ok) return signing;
  const { signer } = signing.value;
  const isKnown = signer.anchor().own.some((entry) => entry.origin === origin);
  const admitted = isKnown ? accept(undefined) : await signer.admit({ role: 'own', origin, begins });
  await signer.close();
  return admitted;
}

/** An anchor in the place of one that is lost: the new log, and theirs as far as the store holds it. Our witness has new keys. */
async function newAnchor(
  directory: string,
  {
    origin,
    begins,
    nowMs,
  }: { readonly origin: string; readonly begins: { size: number; root: Uint8Array }; readonly nowMs: TimeMs },
): Promise<Result<void>> {
  const lists = await readKeyLists(directory);
  if (!lists.ok) return lists;
  const theirs = lists.value.peer?.list.origin ?? '';
  const store = await openSqliteStore(pathsOf(directory).store);
  if (!store.ok) return store;
  const held = store.value.size(theirs);
  const followed = {
    ...entryAt(theirs, { size: held, root: rootAt(held, treeOf(store.value, theirs)) }),
    timeS: Math.floor(nowMs / 1000),
  };
  await store.value.close();
  const path = pathsOf(directory).anchor;
  const known = await AnchorFile.open(path);
  if (known.ok) {
    await known.value.close();
    return accept(undefined);
  }
  if (known.refusal.code !== 'signer.anchor') return known;
  await rename(path, `${path}.before-${nowMs}`).catch(() => undefined);
  const made = await createAnchorFile(path, { own: [entryAt(origin, begins)], followed: [followed] });
  return made;
}

/** Leaf `size` of the new log says what the list says. */
async function saySuccession(options: ApplyOptions, { list }: VerifiedKeyList): Promise<Result<void>> {
  const { directory, passphrase, nowMs } = options;
  const opened = await openParts({ directory, passphrase, nowMs: () => nowMs });
  if (!opened.ok) return opened;
  const { store, signer, appender, config, lists } = opened.value;
  const { succeeds, origin } = list;
  try {
    if (succeeds === undefined || appender.checkpoint.size > succeeds.size) return accept(undefined);
    const peer = lists.peer === undefined ? null : { centre: lists.peer.list.centre, origin: lists.peer.list.origin };
    const { centre, host, circle, status, exercise = null } = config;
    const scenario = await ScenarioClock.open(store, () => undefined);
    const scribe = new Scribe({
      identity: { centre, host, circle, status, exercise, origin, peer, successions: lists.successions },
      appender,
      entered: appender.checkpoint.size,
      filedAtMs: nowMs,
      nowMs: () => nowMs,
      dutyTimeMs: () => scenario.at(nowMs),
      salt: () => hexOf(crypto.getRandomValues(new Uint8Array(16))),
      grown: () => undefined,
      alarm: () => undefined,
    });
    const content = {
      log: succeeds.origin,
      size: succeeds.size,
      root: succeeds.root,
      successor: origin,
      reason: succeeds.reason,
    };
    const filed = await scribe.file(
      scribe.draft({ format: 'SUCCEED', content, role: 'supervisor', precedence: 'R', references: [] }),
    );
    return filed.ok ? accept(undefined) : filed;
  } finally {
    await appender.close();
    await signer.close();
    await store.close();
  }
}

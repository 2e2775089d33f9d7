import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOfText, hexOf } from '#base/bytes.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import { pathsOf } from '#centre/config.ts';
import { CosignatureArchive } from '#centre/cosignature-archive.ts';
import { type KeyLists, readKeyLists } from '#centre/key-lists.ts';
import { Journal } from '#centre/people/journal.ts';
import type { Officer } from '#centre/people/officer.ts';
import type { Anchor } from '#centre/signer/anchor.ts';
import { AnchorFile } from '#centre/signer/anchor-file.ts';
import { createCentreKeys, createOfflineKeys, openCentreKeys, openOfflineKeys } from '#centre/signer/key-file.ts';
import { writeDurably } from '#centre/store/durable-file.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';
import type { Store } from '#centre/store/store.ts';
import { treeOf } from '#centre/succession/carry-over.ts';
import { groupsOf } from '#centre/succession/confirmation.ts';
import { type Ending, successorList, successorOrigin } from '#centre/succession/successor-list.ts';
import { realWorld } from '#centre/world.ts';
import type { KeyList, SuccessionReason } from '#log/key-list-schema.ts';
import { keyListText } from '#log/keys.ts';
import { rootAt } from '#log/tree.ts';

export interface PrepareOptions {
  readonly directory: string;
  readonly passphrase: Uint8Array;
  /** Cost of sealing, a power of two; `sealCost` outside tests and exercises. */
  readonly cost: number;
  readonly nowMs: TimeMs;
  /** The supervisor who asks for it. */
  readonly officer: Officer;
  readonly reason: SuccessionReason;
  readonly retired: 'ed25519' | 'ml-dsa-44' | undefined;
  /** Where the old log is to end before the end of this store: the last size that both sides know to be good. */
  readonly size: number | undefined;
  /** How far our witness had cosigned their log, where neither anchor nor store can tell. */
  readonly cosigned: number | undefined;
}

/** What the offline keys are to sign. */
export interface Prepared {
  readonly list: KeyList;
  readonly text: string;
  readonly groups: string;
}

/** The files of a succession under way. */
export function successionPaths(directory: string) {
  const folder = pathsOf(directory).succession;
  return {
    folder,
    request: join(folder, 'request'),
    by: join(folder, 'prepared-by'),
    keys: join(folder, 'keys.sealed'),
    offline: join(folder, 'offline.sealed'),
    confirmation: join(folder, 'confirmed-by'),
  } as const;
}

/**
 * Makes the keys of the next log and the list that its opening needs, unsigned: the first step of a succession (`spec/keys.md` 4).
 * The centre must not be running. An earlier request that was not carried out is given up.
 */
export async function prepareSuccession(options: PrepareOptions): Promise<Result<Prepared>> {
  const { directory } = options;
  const lists = await readKeyLists(directory);
  if (!lists.ok) return lists;
  const anchor = await readAnchor(pathsOf(directory).anchor, options.reason);
  if (!anchor.ok) return anchor;
  const store = await openStore(pathsOf(directory).store, options.reason);
  if (!store.ok) return store;
  try {
    const ending = await endingOf(store.value, { lists: lists.value, anchor: anchor.value, options });
    if (!ending.ok) return ending;
    const prepared = await makeRequest(options, lists.value.own.list, ending.value);
    if (!prepared.ok) return prepared;
    const { list, groups } = prepared.value;
    const details = { origin: list.origin, size: ending.value.size, reason: options.reason, groups };
    const journal = await Journal.open(store.value, () => options.nowMs);
    await journal.enter({ act: 'succession-prepared', officer: options.officer.id, details }, []);
    return prepared;
  } finally {
    await store.value.close();
  }
}

/** The anchor as it is, undefined only where it is lost and that is the reason. */
async function readAnchor(path: string, reason: SuccessionReason): Promise<Result<Anchor | undefined>> {
  const file = await AnchorFile.open(path);
  if (!file.ok) return file.refusal.code === 'signer.anchor' && reason === 'lost-anchor' ? accept(undefined) : file;
  const { anchor } = file.value;
  await file.value.close();
  return accept(anchor);
}

/** The store as it is; an empty one only where it is lost, with every copy, and that is the reason. */
async function openStore(path: string, reason: SuccessionReason): Promise<Result<Store>> {
  const store = await openSqliteStore(path);
  if (store.ok || store.refusal.code !== 'store.missing' || reason !== 'lost-store') return store;
  const made = await createSqliteStore(path);
  return made.ok ? await openSqliteStore(path) : made;
}

interface Known {
  readonly lists: KeyLists;
  readonly anchor: Anchor | undefined;
  readonly options: PrepareOptions;
}

async function endingOf(store: Store, { lists, anchor, options }: Known): Promise<Result<Ending>> {
  const { origin } = lists.own.list;
  if (lists.peer === undefined)
    return refuse('config.missing', 'this centre is not paired: nobody holds its log, so a new one is set up by anshin init');
  const held = store.size(origin);
  const signed = anchor?.own.find((entry) => entry.origin === origin)?.size ?? 0;
  if (held < signed && options.reason !== 'lost-store') {
    return refuse(
      'signer.went-back',
      `${signed} leaves were signed, and the store has ${held}: take them back first (anshin recover), or give the reason lost-store`,
      { signed, held },
    );
  }
  const size = options.size ?? held;
  if (size > held) return refuse('key.succession', `the store has ${held} leaves: the old log cannot end at ${size}`, { held });
  const cosigned = await cosignedOf(store, { lists, anchor, options });
  return accept({ size, root: hexOf(rootAt(size, treeOf(store, origin))), cosigned });
}

/** How far our witness cosigned: as the anchor has it, else as the store has kept it, else as the other side says. */
async function cosignedOf(store: Store, { lists, anchor, options }: Known): Promise<Ending['cosigned']> {
  const theirs = lists.peer?.list.origin ?? '';
  const sizes = new Map((anchor?.followed ?? []).map((entry) => [entry.origin, entry.size]));
  const archive = new CosignatureArchive({ store, after: realWorld.after, failed: () => undefined });
  let kept = options.cosigned ?? 0;
  for await (const fact of archive.facts(theirs, 0)) {
    if (fact.witness === lists.own.list.centre) kept = Math.max(kept, fact.size);
  }
  sizes.set(theirs, Math.max(sizes.get(theirs) ?? 0, kept));
  return [...sizes].filter(([, size]) => size > 0).map(([origin, size]) => ({ origin, size }));
}

async function makeRequest(options: PrepareOptions, older: KeyList, ending: Ending): Promise<Result<Prepared>> {
  const { directory, passphrase, cost, reason, retired, nowMs } = options;
  const paths = successionPaths(directory);
  await rm(paths.folder, { recursive: true, force: true });
  await mkdir(paths.folder, { recursive: true, mode: 0o700 });
  const made = await createCentreKeys({ path: paths.keys, passphrase, cost }, [successorOrigin(older)]);
  if (!made.ok) return made;
  const keys = await openCentreKeys({ path: paths.keys, passphrase, cost });
  if (!keys.ok) return keys;
  const fresh = { path: paths.offline, passphrase, cost };
  const created = reason === 'new-pairing' ? await createOfflineKeys(fresh) : accept(undefined);
  if (!created.ok) return created;
  const offline = reason === 'new-pairing' ? await openOfflineKeys(fresh) : accept(undefined);
  if (!offline.ok) return offline;
  const list = successorList({ older, keys: keys.value, ending, reason, retired, offline: offline.value, nowMs });
  const text = keyListText(list);
  await writeDurably(paths.request, bytesOfText(text), { mode: 0o600, how: 'replace' });
  await writeDurably(paths.by, bytesOfText(options.officer.id), { mode: 0o600, how: 'replace' });
  return accept({ list, text, groups: groupsOf(text) });
}

/** What was prepared and by whom. Refused: `key.succession` if there is nothing. */
export async function readRequest(directory: string): Promise<Result<{ readonly text: string; readonly by: string }>> {
  const paths = successionPaths(directory);
  try {
    return accept({ text: await readFile(paths.request, 'utf8'), by: await readFile(paths.by, 'utf8') });
  } catch {
    return refuse('key.succession', 'no succession was prepared here: anshin succession prepare', { path: paths.request });
  }
}

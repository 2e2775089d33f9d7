import { mkdir, readFile, rm } from 'node:fs/promises';
import { bytesOfHex, bytesOfText, hexOf, textOfBytes } from '#base/bytes.ts';
import { accept, mustAccept, type Result, refuse } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import { type PeerConfig, pathsOf, readPeerConfig, writeConfig } from '#centre/config.ts';
import { keptList, readFormer } from '#centre/key-lists.ts';
import { receiptedCollection, silentCollection } from '#centre/link/intake.ts';
import { readSpending, spendingWrite } from '#centre/link/spending-document.ts';
import { Journal, type JournalAct } from '#centre/people/journal.ts';
import type { Officer } from '#centre/people/officer.ts';
import { openSigner } from '#centre/setup.ts';
import { writeDurably } from '#centre/store/durable-file.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import type { DocumentWrite, Store } from '#centre/store/store.ts';
import { formerPath } from '#centre/succession/apply.ts';
import { carryOver, treeOf } from '#centre/succession/carry-over.ts';
import { checkGroups, checkSecond } from '#centre/succession/confirmation.ts';
import { successionPaths } from '#centre/succession/prepare.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import { fingerprintOf, keyListText, parseKeyList, publicKeysOf, type VerifiedKeyList, verifyKeyList } from '#log/keys.ts';
import { checkSuccession } from '#log/succession.ts';
import { hashBytes, rootAt } from '#log/tree.ts';

export interface AcceptOptions {
  readonly directory: string;
  readonly passphrase: Uint8Array;
  readonly nowMs: TimeMs;
  /** A supervisor; the second call is by another. */
  readonly officer: Officer;
  readonly note: Uint8Array;
  /** The groups of digits of the list, as the other side read them out. */
  readonly groups: string;
  /** Where its offline keys are new: their fingerprint, as the other side read it out. */
  readonly fingerprint: string | undefined;
  /** Leaves of theirs to go on with, where that is fewer than are held here: the rest is kept as evidence. */
  readonly keep: number | undefined;
  /** Where they are reached from now on, if not where they were. */
  readonly address: string | undefined;
}

/** What came of it: the first of two confirmations, or the change. */
export interface Accepted {
  readonly isDone: boolean;
  readonly list: KeyList;
  readonly keep: number;
  /** Leaves held under the old name that the new log does not have. */
  readonly leftOut: number;
}

/**
 * Takes over the log that goes on from the one followed, once two supervisors have confirmed it. Each step can be done again. The
 * centre must not be running. Refused: `key.succession`, `key.unknown`, `key.signature`, `people.same-person`.
 */
export async function acceptSuccession(options: AcceptOptions): Promise<Result<Accepted>> {
  const checked = await checkedLists(options);
  if (!checked.ok) return checked;
  const opened = await openSqliteStore(pathsOf(options.directory).store);
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    const keep = keptOf(store, checked.value, options.keep);
    if (!keep.ok) return keep;
    const leftOut = store.size(checked.value.older.list.origin) - keep.value;
    const said = { list: checked.value.list.list, keep: keep.value, leftOut };
    const first = await firstConfirmation(options, said);
    if (!first.ok) return first;
    if (first.value === undefined) {
      await enter(store, 'succession-confirmed', { ...options, said });
      return accept({ ...said, isDone: false });
    }
    const second = checkSecond(first.value, options.officer);
    if (!second.ok) return second;
    const moved = await moveTheirs(store, checked.value, keep.value);
    if (!moved.ok) return moved;
    const changed = await changePeer(options, checked.value);
    if (!changed.ok) return changed;
    await enter(store, 'succession-accepted', { ...options, said });
    await rm(successionPaths(options.directory).folder, { recursive: true });
    return accept({ ...said, isDone: true });
  } finally {
    await store.close();
  }
}

interface Lists {
  readonly list: VerifiedKeyList;
  readonly older: VerifiedKeyList;
}

async function checkedLists(options: AcceptOptions): Promise<Result<Lists>> {
  const parsed = parseKeyList(options.note);
  if (!parsed.ok) return parsed;
  const confirmed = checkGroups(keyListText(parsed.value.list), options.groups);
  if (!confirmed.ok) return confirmed;
  const older = await predecessorOf(options.directory, parsed.value.list);
  if (!older.ok) return older;
  const offline = offlineOf(parsed.value.list, older.value.list, options.fingerprint);
  if (!offline.ok) return offline;
  const list = verifyKeyList(parsed.value, mustAccept(publicKeysOf(offline.value)));
  if (!list.ok) return list;
  const fits = checkSuccession(older.value, list.value);
  return fits.ok ? accept({ list: list.value, older: older.value }) : fits;
}

/** Their list in force; where a run was cut off after the change, the one before it. */
async function predecessorOf(directory: string, next: KeyList): Promise<Result<VerifiedKeyList>> {
  const paths = pathsOf(directory);
  const note = await readFile(paths.peerKeyList).catch(() => undefined);
  if (note === undefined) return refuse('config.missing', 'this centre is not paired: there is no log to go on from');
  const current = keptList(note);
  if (!current.ok || keyListText(current.value.list) !== keyListText(next)) return current;
  const former = await readFormer(paths.former);
  if (!former.ok) return former;
  const isUnderWay = (await readFile(successionPaths(directory).confirmation).catch(() => undefined)) !== undefined;
  const older = former.value.find(({ list }) => list.list.origin === next.succeeds?.origin)?.list;
  if (isUnderWay && older !== undefined) return accept(older);
  return refuse('key.succession', `${next.origin} was taken over already: there is nothing to do`, { origin: next.origin });
}

/** The offline keys that must have signed: those of the pairing, or new ones whose fingerprint was read out. */
function offlineOf(list: KeyList, older: KeyList, fingerprint: string | undefined): Result<KeyList['offline']> {
  if (list.succeeds?.reason !== 'new-pairing') return accept(older.offline);
  const groups = fingerprintOf(mustAccept(publicKeysOf(list.offline)));
  if (fingerprint?.replaceAll(/\D/g, '') === groups.replaceAll(' ', '')) return accept(list.offline);
  return refuse(
    'key.unknown',
    'the offline keys are new: give the fingerprint that they read to you, and only if it is that of the list',
    {
      list: groups,
    },
  );
}

/** How many of their leaves go on. Refused where the two sides do not agree on them, or leaves held would be left out unsaid. */
function keptOf(store: Store, { list, older }: Lists, asked: number | undefined): Result<number> {
  const { origin } = older.list;
  const held = store.size(origin);
  const { size = 0, root = '' } = list.list.succeeds ?? {};
  const keep = asked ?? Math.min(held, size);
  if (keep > Math.min(held, size))
    return refuse('key.succession', `${held} leaves are held, and the list ends the log at ${size}: no more can go on`, {
      held,
      size,
    });
  const ours = size <= held ? hexOf(rootAt(size, treeOf(store, origin))) : undefined;
  if (keep === size && ours !== root) {
    return refuse(
      'key.succession',
      `the ${size} leaves held here have another root than the list names: find out with them up to which size both agree, and name it by --keep`,
      { size, root, ours: ours ?? '' },
    );
  }
  if (asked !== undefined || held <= size) return accept(keep);
  return refuse(
    'key.succession',
    `${held} leaves of ${origin} are held here, and the list ends it at ${size}: ${held - size} that its keys signed are not to be theirs. ` +
      `If a store was lost, let them recover first; if both sides know why, leave them out by --keep ${size}`,
    { held, size },
  );
}

/** Who confirmed the same thing first; undefined if this is the first, which is then kept. */
async function firstConfirmation(options: AcceptOptions, said: Omit<Accepted, 'isDone'>): Promise<Result<string | undefined>> {
  const paths = successionPaths(options.directory);
  const what = `${keyListText(said.list)}${said.keep}\n`;
  const kept = await readFile(paths.confirmation, 'utf8').catch(() => undefined);
  const [by, ...rest] = kept?.split('\n') ?? [];
  if (by !== undefined && rest.join('\n') === what) return accept(by);
  await mkdir(paths.folder, { recursive: true, mode: 0o700 });
  await writeDurably(paths.confirmation, bytesOfText(`${options.officer.id}\n${what}`), { mode: 0o600, how: 'replace' });
  return accept(undefined);
}

async function enter(
  store: Store,
  act: Extract<JournalAct, `succession-${string}`>,
  { officer, nowMs, said }: Pick<AcceptOptions, 'officer' | 'nowMs'> & { readonly said: Omit<Accepted, 'isDone'> },
): Promise<void> {
  const journal = await Journal.open(store, () => nowMs);
  const details = { origin: said.list.origin, reason: said.list.succeeds?.reason ?? '', keep: said.keep, leftOut: said.leftOut };
  await journal.enter({ act, officer: officer.id, details }, []);
}

async function moveTheirs(store: Store, { list, older }: Lists, keep: number): Promise<Result<void>> {
  const [from, to] = [older.list.origin, list.list.origin];
  const carried = await carryOver(store, { from, to, size: keep });
  if (!carried.ok) return carried;
  const receipted = await store.document(receiptedCollection, from);
  const reach = Math.min(keep, receipted === undefined ? 0 : Number(mustAccept(textOfBytes(receipted))));
  const documents: DocumentWrite[] = [
    { collection: receiptedCollection, key: to, value: bytesOfText(String(reach)) },
    spendingWrite(to, await readSpending(store, from)),
  ];
  const silent = await store.documents(silentCollection(from), { from: '', to: null, limit: 10_000 });
  const kept = silent.filter(({ key }) => Number(key) < keep);
  await store.commit({
    leaves: [],
    tiles: [],
    documents: [...documents, ...kept.map(({ key, value }) => ({ collection: silentCollection(to), key, value }))],
  });
  return accept(undefined);
}

/** The anchor, then the list, then who they are: what a cut leaves is mended by doing this again. */
async function changePeer(
  { directory, passphrase, nowMs, note, address }: AcceptOptions,
  { list, older }: Lists,
): Promise<Result<void>> {
  const paths = pathsOf(directory);
  const { origin, offline, succeeds } = list.list;
  const signing = await openSigner({ directory, passphrase, clock: () => nowMs });
  if (!signing.ok) return signing;
  const { signer } = signing.value;
  const begins = { size: succeeds?.size ?? 0, root: mustAccept(bytesOfHex(succeeds?.root ?? '', hashBytes)) };
  const isKnown = signer.anchor().followed.some((entry) => entry.origin === origin);
  const admitted = isKnown ? accept(undefined) : await signer.admit({ role: 'followed', origin, begins });
  await signer.close();
  if (!admitted.ok) return admitted;
  await mkdir(paths.former, { recursive: true, mode: 0o755 });
  await writeDurably(formerPath(directory, older), await readFile(paths.peerKeyList), { mode: 0o644, how: 'replace' });
  const peer = await readPeerConfig(directory);
  if (!peer.ok || peer.value === undefined) return peer.ok ? refuse('config.missing', 'not paired') : peer;
  const next: PeerConfig = { ...peer.value, origin, offline, ...(address === undefined ? {} : { address }) };
  await writeDurably(paths.peerKeyList, note, { mode: 0o644, how: 'replace' });
  return await writeConfig(paths.peer, next, 'replace');
}

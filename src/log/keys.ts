import { base64Of, bytesOfBase64, bytesOfText, concatBytes, equalBytes } from '#base/bytes.ts';
import { noteBytesMax } from '#base/limits.ts';
import { accept, assert, mustAccept, type Result, refuse } from '#base/refusal.ts';
import { sha256, verifierOfKey } from '#crypto/engine.ts';
import { type KeySigner, publicKeyBytes } from '#crypto/engine-shape.ts';
import { parseOrigin } from '#log/checkpoint.ts';
import { type KeyList, keyListSchema } from '#log/key-list-schema.ts';
import { isKeyName, noteKey, parseNote, type SignedNote, signText, verifyText } from '#log/note.ts';
import type { LogKeyPair, LogKeys, PeerWitness, PeerWitnessPair } from '#log/policy.ts';
import { canonicalText, parseCanonical } from '#record/canonical.ts';
import { faultsOf } from '#record/schema.ts';

// A centre's list of its keys (`spec/keys.md`): a note signed by the offline keys that pairing exchanged.

const header = 'anshin-keys/1\n';

/** The two public keys that pairing exchanged, and that the officers of both sides compared. */
export interface OfflineKeys {
  readonly ed25519: Uint8Array;
  readonly mldsa44: Uint8Array;
}

/** A key list as read: its form is right, its signatures are not yet checked. */
export interface ParsedKeyList {
  readonly list: KeyList;
  readonly note: SignedNote;
}

declare const verified: unique symbol;

/** A key list that the pinned offline keys signed. Only `verifyKeyList` makes one. */
export interface VerifiedKeyList {
  readonly list: KeyList;
  readonly logKeys: LogKeys;
  readonly witness: PeerWitness;
  readonly [verified]: 'key-list';
}

/** Reads a key list. Hostile input. */
export function parseKeyList(bytes: Uint8Array): Result<ParsedKeyList> {
  const note = parseNote(bytes);
  if (!note.ok) return note;
  const { text } = note.value;
  if (!text.startsWith(header)) return refuse('key.list', `the text does not begin with ${header.trim()}`);
  const value = parseCanonical(bytesOfText(text.slice(header.length, -1)), noteBytesMax);
  if (!value.ok) return value;
  const [fault] = faultsOf(keyListSchema, value.value);
  if (fault !== undefined) return refuse('key.list', `${fault.path}: ${fault.reason}`);
  const list = value.value as unknown as KeyList;
  const wrong = wrongIn(list);
  return wrong === undefined
    ? accept({ list, note: note.value })
    : refuse('key.list', wrong, { origin: list.origin, serial: list.serial });
}

/** What the schema cannot say. */
function wrongIn(list: KeyList): string | undefined {
  const origin = parseOrigin(list.origin);
  if (!origin.ok) return origin.refusal.detail;
  if (origin.value.circle !== list.circle || origin.value.status !== list.status)
    return 'the origin names another circle or status';
  if (list.witness.some(({ name }) => !isKeyName(name) || name === list.origin)) return 'a witness has no name of its own';
  if (list.log.some(({ fromSize, toSize }) => toSize !== undefined && toSize < fromSize))
    return 'a log key ends before it begins';
  const succession = wrongInSuccession(list);
  if (succession !== undefined) return succession;
  const pairs = [list.offline, ...list.log, ...list.witness];
  if (!pairs.every((pair) => publicKeysOf(pair).ok)) return 'a public key is not base64 of the right length';
  const keys = pairs.flatMap(({ ed25519, mldsa44 }) => [ed25519, mldsa44]);
  return new Set(keys).size === keys.length ? undefined : 'one key has two uses';
}

function wrongInSuccession({ succeeds, origin, circle, status, log }: KeyList): string | undefined {
  if (succeeds === undefined) return undefined;
  const before = parseOrigin(succeeds.origin);
  if (!before.ok) return before.refusal.detail;
  if (before.value.circle !== circle || before.value.status !== status) return 'it succeeds a log of another circle or status';
  if (succeeds.origin === origin) return 'a log does not succeed itself';
  return log.some(({ fromSize }) => fromSize < succeeds.size) ? 'a key is good for less than the log begins with' : undefined;
}

/** Checks a list against the offline keys pinned at pairing. */
export function verifyKeyList(parsed: ParsedKeyList, pinned: OfflineKeys): Result<VerifiedKeyList> {
  const { list, note } = parsed;
  const offline = mustAccept(publicKeysOf(list.offline));
  const evidence = { origin: list.origin, serial: list.serial };
  if (!equalBytes(offline.ed25519, pinned.ed25519) || !equalBytes(offline.mldsa44, pinned.mldsa44)) {
    return refuse('key.unknown', 'the list names offline keys other than those of the pairing', evidence);
  }
  const name = offlineNameOf(list.origin);
  const signed = verifyText(note, [
    noteKey(name, 'ed25519', verifierOfKey('ed25519', offline.ed25519)),
    noteKey(name, 'ml-dsa-44', verifierOfKey('ml-dsa-44', offline.mldsa44)),
  ]);
  if (!signed.ok) return refuse('key.signature', signed.refusal.detail, evidence);
  const logKeys: LogKeys = { origin: list.origin, pairs: list.log.map((entry) => logKeyPair(list.origin, entry)) };
  const witness: PeerWitness = { kind: 'peer', centre: list.centre, pairs: list.witness.map(witnessPair) };
  return accept({ list, logKeys, witness } as VerifiedKeyList);
}

function logKeyPair(origin: string, entry: KeyList['log'][number]): LogKeyPair {
  const keys = mustAccept(publicKeysOf(entry));
  const mldsa44 = verifierOfKey('ml-dsa-44', keys.mldsa44);
  return {
    fromSize: entry.fromSize,
    toSize: entry.toSize ?? null,
    ed25519: noteKey(origin, 'ed25519', verifierOfKey('ed25519', keys.ed25519)),
    mldsa44: noteKey(origin, 'ml-dsa-44-cosignature', mldsa44),
    mldsa44Text: noteKey(origin, 'ml-dsa-44', mldsa44),
  };
}

function witnessPair(entry: KeyList['witness'][number]): PeerWitnessPair {
  const keys = mustAccept(publicKeysOf(entry));
  return {
    ed25519: noteKey(entry.name, 'ed25519-cosignature', verifierOfKey('ed25519', keys.ed25519)),
    mldsa44: noteKey(entry.name, 'ml-dsa-44-cosignature', verifierOfKey('ml-dsa-44', keys.mldsa44)),
    until: entry.until ?? null,
  };
}

/** Reads a pair of public keys in base64. */
export function publicKeysOf(pair: { readonly ed25519: string; readonly mldsa44: string }): Result<OfflineKeys> {
  const ed25519 = bytesOfBase64(pair.ed25519);
  if (!ed25519.ok) return ed25519;
  const mldsa44 = bytesOfBase64(pair.mldsa44);
  if (!mldsa44.ok) return mldsa44;
  if (ed25519.value.length !== publicKeyBytes.ed25519 || mldsa44.value.length !== publicKeyBytes['ml-dsa-44']) {
    return refuse('key.form', 'a public key has the wrong length');
  }
  return accept({ ed25519: ed25519.value, mldsa44: mldsa44.value });
}

/** The name under which offline keys sign the list of a log. */
function offlineNameOf(origin: string): string {
  return `${origin}/offline`;
}

export function keyListText(list: KeyList): string {
  return `${header}${mustAccept(canonicalText(list))}\n`;
}

/** Signs a list with the offline keys that it names; gives the note's bytes. */
export async function signKeyList(
  list: KeyList,
  offline: { readonly ed25519: KeySigner; readonly mldsa44: KeySigner },
): Promise<Uint8Array> {
  const signer = { name: offlineNameOf(list.origin), ...offline };
  assert(list.offline.ed25519 === base64Of(offline.ed25519.publicKey), 'the list names the Ed25519 key that signs it');
  assert(list.offline.mldsa44 === base64Of(offline.mldsa44.publicKey), 'the list names the ML-DSA-44 key that signs it');
  return await signText(keyListText(list), signer);
}

/**
 * Whether a list may take the place of an older one: a higher serial of the same log and offline keys, every older key still
 * listed, and none good for more than it was.
 */
export function checkKeyListFollows(older: VerifiedKeyList, newer: VerifiedKeyList): Result<void> {
  const [before, after] = [older.list, newer.list];
  const refused = (why: string) =>
    refuse('key.list', `list ${after.serial} cannot follow list ${before.serial}: ${why}`, { origin: after.origin });
  if (after.origin !== before.origin || after.centre !== before.centre) return refused('it is of another log or centre');
  if (after.offline.ed25519 !== before.offline.ed25519 || after.offline.mldsa44 !== before.offline.mldsa44) {
    return refused('its offline keys differ');
  }
  if (after.serial <= before.serial) return refused('its serial is not higher');
  if (mustAccept(canonicalText(after.succeeds ?? {})) !== mustAccept(canonicalText(before.succeeds ?? {})))
    return refused('it names another log before it');
  if (!before.log.every((key) => after.log.some((kept) => keepsLogKey(key, kept))))
    return refused('a log key is missing or good for more');
  if (!before.witness.every((key) => after.witness.some((kept) => keepsWitnessKey(key, kept)))) {
    return refused('a witness key is missing or good for more');
  }
  return accept(undefined);
}

function keepsLogKey(key: KeyList['log'][number], kept: KeyList['log'][number]): boolean {
  const sameKeys = key.ed25519 === kept.ed25519 && key.mldsa44 === kept.mldsa44 && key.fromSize === kept.fromSize;
  return sameKeys && (key.toSize === undefined || kept.toSize === key.toSize);
}

/** Whether an entry is that of an older list, and good for no more than there. */
export function keepsWitnessKey(key: KeyList['witness'][number], kept: KeyList['witness'][number]): boolean {
  const sameKeys = key.ed25519 === kept.ed25519 && key.mldsa44 === kept.mldsa44 && key.name === kept.name;
  const last = (entry: KeyList['witness'][number]) => mustAccept(canonicalText(entry.until ?? []));
  return sameKeys && (key.until === undefined || last(key) === last(kept));
}

/** What two officers read to each other: 128 bits of a hash of the offline keys, as eight groups of five decimal digits. */
export function fingerprintOf(offline: OfflineKeys): string {
  const hash = sha256(concatBytes(bytesOfText('anshin-fingerprint/1\n'), offline.ed25519, offline.mldsa44));
  const view = new DataView(hash.buffer, hash.byteOffset, 16);
  return Array.from({ length: 8 }, (_, group) => String(view.getUint16(group * 2)).padStart(5, '0')).join(' ');
}

import { bytesOfText } from '#base/bytes.ts';
import { type Result, refuse } from '#base/refusal.ts';
import { readInput } from '#cli/terminal/input.ts';
import { Refused, taken } from '#cli/terminal/report.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import {
  checkKeyListFollows,
  fingerprintOf,
  type ParsedKeyList,
  parseKeyList,
  publicKeysOf,
  type VerifiedKeyList,
  verifyKeyList,
} from '#log/keys.ts';
import { parseKeyLists } from '#log/proof.ts';

const proofRemedy =
  'ask for the proof again, unchanged; the files that you gave by --keys are not what is refused. If it stays, compare the fingerprints';

/** A key list whose signatures hold under the offline keys that it names itself: whose keys those are, people compare. */
export interface NamedKeyList {
  readonly file: string;
  readonly keyList: VerifiedKeyList;
  /** Eight groups of five digits. */
  readonly fingerprint: string;
  /** Whether the person gave these groups, so that they were compared. */
  readonly isPinned: boolean;
}

/** Reads the key lists that the command line names. Every fingerprint given must be that of one of them. */
export async function readKeyListFiles(files: readonly string[], pins: readonly string[]): Promise<readonly NamedKeyList[]> {
  const named: NamedKeyList[] = [];
  for (const file of files) named.push(namedOf(file, listTextOf(await readInput(file)), pins));
  const stray = pins.find((pin) => !named.some(({ fingerprint }) => digitsOf(fingerprint) === digitsOf(pin)));
  if (stray === undefined) return named;
  const given = named.map(({ file, fingerprint }) => `${file} has ${fingerprint}`).join('; ');
  throw new Refused(refuse('key.unknown', `no key list has the fingerprint ${stray}: ${given}`));
}

/** A pairing file carries the list; a list may also stand by itself. */
function listTextOf(bytes: Uint8Array): Uint8Array {
  try {
    const file = JSON.parse(new TextDecoder().decode(bytes)) as { readonly keyList?: unknown };
    return typeof file.keyList === 'string' ? bytesOfText(file.keyList) : bytes;
  } catch {
    return bytes;
  }
}

function namedOf(file: string, bytes: Uint8Array, pins: readonly string[]): NamedKeyList {
  const parsed = taken(parseKeyList(bytes));
  const offline = taken(publicKeysOf(parsed.list.offline));
  const fingerprint = fingerprintOf(offline);
  const isPinned = pins.some((pin) => digitsOf(pin) === digitsOf(fingerprint));
  return { file, keyList: taken(verifyKeyList(parsed, offline)), fingerprint, isPinned };
}

function digitsOf(fingerprint: string): string {
  return fingerprint.replaceAll(/\D/g, '');
}

/**
 * The lists that a proof carries, as far as they are of centres whose offline keys were named: a newer one counts, and so does one
 * of the log that goes on from a log named, or before it. One that is not signed by those keys, or does not follow the list named,
 * refuses the whole; so does a stranger's that its own keys did not sign.
 */
export function carriedKeyLists(
  proofFile: string,
  extra: Uint8Array | null,
  named: readonly NamedKeyList[],
): readonly NamedKeyList[] {
  const notes = extra === null ? [] : takenFrom(proofFile, 'the key lists', parseKeyLists(extra));
  const waiting = notes.map((note, position) => takenFrom(proofFile, `key list ${position + 1}`, parseKeyList(note)));
  const trusted = [...named];
  const kinOf = ({ list }: ParsedKeyList) => trusted.find((known) => isKin(known.keyList.list, list));
  for (;;) {
    const position = waiting.findIndex((each) => kinOf(each) !== undefined);
    const [parsed] = position === -1 ? [] : waiting.splice(position, 1);
    const known = parsed === undefined ? undefined : kinOf(parsed);
    if (parsed === undefined || known === undefined) break;
    trusted.push({ ...known, file: `inside ${proofFile}`, keyList: verifiedLike(proofFile, parsed, known.keyList) });
  }
  for (const parsed of waiting) verifiedLike(proofFile, parsed, undefined);
  return trusted.slice(named.length);
}

/** Lists of one log, or of two of which one goes on from the other under the same offline keys. */
function isKin(known: KeyList, other: KeyList): boolean {
  if (known.origin === other.origin) return true;
  const isNext = known.origin === other.succeeds?.origin || known.succeeds?.origin === other.origin;
  return isNext && known.succeeds?.reason !== 'new-pairing' && other.succeeds?.reason !== 'new-pairing';
}

/** A carried list under the offline keys of one that was named or came before it; a stranger's under its own. */
function verifiedLike(proofFile: string, parsed: ParsedKeyList, known: VerifiedKeyList | undefined): VerifiedKeyList {
  const { origin, centre, serial } = parsed.list;
  const what = `the key list of ${centre} (${origin})`;
  const pinned = taken(publicKeysOf((known?.list ?? parsed.list).offline));
  const keyList = takenFrom(proofFile, what, verifyKeyList(parsed, pinned));
  if (known?.list.origin === origin && serial > known.list.serial)
    takenFrom(proofFile, what, checkKeyListFollows(known, keyList));
  return keyList;
}

/** What a proof carries is as good as the proof: the files named by --keys are not at fault for it. */
function takenFrom<T>(proofFile: string, what: string, result: Result<T>): T {
  if (result.ok) return result.value;
  const detail = `${what} inside ${proofFile} does not hold: ${result.refusal.detail}`;
  throw new Refused({ refusal: { ...result.refusal, detail } }, proofRemedy);
}

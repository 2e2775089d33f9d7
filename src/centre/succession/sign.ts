import { equalBytes, textOfBytes } from '#base/bytes.ts';
import { accept, mustAccept, type Result, refuse } from '#base/refusal.ts';
import { openOfflineKeys, type SealedFile } from '#centre/signer/key-file.ts';
import { checkGroups } from '#centre/succession/confirmation.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import { keyListText, parseKeyList, publicKeysOf, signKeyList, verifyKeyList } from '#log/keys.ts';

export interface SignedRequest {
  readonly list: KeyList;
  readonly note: Uint8Array;
}

/**
 * Signs the request of a succession with the offline keys, on the machine that has them. `groups` came by another way than the
 * request: a list that these keys signed is one, whoever wrote it. Refused: `key.list` (the request is no list), `key.succession` (the
 * groups are of another), `key.unknown` (it names other offline keys), `signer.sealed`, `signer.passphrase`.
 */
export async function signRequest(request: Uint8Array, groups: string, offline: SealedFile): Promise<Result<SignedRequest>> {
  const list = listIn(request);
  if (!list.ok) return list;
  const confirmed = checkGroups(keyListText(list.value), groups);
  if (!confirmed.ok) return confirmed;
  const keys = await openOfflineKeys(offline);
  if (!keys.ok) return keys;
  const named = publicKeysOf(list.value.offline);
  if (!named.ok) return named;
  const { ed25519, mldsa44 } = keys.value;
  if (!equalBytes(named.value.ed25519, ed25519.publicKey) || !equalBytes(named.value.mldsa44, mldsa44.publicKey)) {
    return refuse('key.unknown', 'the request names other offline keys than these', { origin: list.value.origin });
  }
  const note = await signKeyList(list.value, keys.value);
  const parsed = parseKeyList(note);
  if (!parsed.ok) return parsed;
  const verified = verifyKeyList(parsed.value, mustAccept(publicKeysOf(parsed.value.list.offline)));
  return verified.ok ? accept({ list: verified.value.list, note }) : verified;
}

/** The list that a request holds, as far as can be told before it is signed; what is signed is read again as any list. */
function listIn(request: Uint8Array): Result<KeyList> {
  const text = textOfBytes(request);
  if (!text.ok) return text;
  try {
    const list = JSON.parse(text.value.slice(text.value.indexOf('\n'))) as KeyList;
    if (typeof list.origin === 'string' && typeof list.offline === 'object' && keyListText(list) === text.value)
      return accept(list);
  } catch {
    // Not JSON, or not what a list can hold.
  }
  return refuse('key.list', 'the file is not the request of a succession');
}

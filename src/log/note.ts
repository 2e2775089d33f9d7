import { base64Of, bytesOfBase64, bytesOfText, concatBytes, hexOf, textOfBytes } from '#base/bytes.ts';
import { keyNameBytesMax, noteBytesMax, noteSignaturesMax } from '#base/limits.ts';
import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import { sha256, verifierOfKey } from '#crypto/engine.ts';
import { type Algorithm, type KeySigner, type KeyVerifier, publicKeyBytes } from '#crypto/engine-shape.ts';

// C2SP signed-note v1.0.0: text, signature lines, key ids and verifier keys ("vkeys").

/** What a key signs: a note's text by itself, or a checkpoint together with a time (a cosignature). */
export type NoteKeyType = 'ed25519' | 'ed25519-cosignature' | 'ml-dsa-44-cosignature' | 'ml-dsa-44';

const noteKeyTypes: readonly NoteKeyType[] = ['ed25519', 'ed25519-cosignature', 'ml-dsa-44-cosignature', 'ml-dsa-44'];

export const algorithmOfType: Readonly<Record<NoteKeyType, Algorithm>> = {
  ed25519: 'ed25519',
  'ed25519-cosignature': 'ed25519',
  'ml-dsa-44-cosignature': 'ml-dsa-44',
  'ml-dsa-44': 'ml-dsa-44',
};

// C2SP assigns no type to an ML-DSA signature of a note's text, so ours follows 0xff by a name of its own.
const typeBytes: Readonly<Record<NoteKeyType, Uint8Array>> = {
  ed25519: Uint8Array.of(0x01),
  'ed25519-cosignature': Uint8Array.of(0x04),
  'ml-dsa-44-cosignature': Uint8Array.of(0x06),
  'ml-dsa-44': concatBytes(Uint8Array.of(0xff), bytesOfText('anshin.ml-dsa-44')),
};

const control = /[\u0000-\u0009\u000b-\u001f]/;

/** A public key under a name. `id` is eight hexadecimal digits; it finds a key and proves nothing. */
export interface NoteKey {
  readonly name: string;
  readonly type: NoteKeyType;
  readonly id: string;
  readonly verifier: KeyVerifier;
}

/** One signature line. `signature` is what follows the key id: for a cosignature it begins with a time. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** A note as read: nothing in it is verified. `text` ends with a line feed. */
export interface SignedNote {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Reads a note. Hostile input: only what `formatNote` gives back byte for byte is accepted. */
export function parseNote(bytes: Uint8Array): Result<SignedNote> {
  if (bytes.length > noteBytesMax) return refuse('note.form', `the note has more than ${noteBytesMax} bytes`);
  const decoded = textOfBytes(bytes);
  if (!decoded.ok) return decoded;
  const note = decoded.value;
  if (control.test(note)) return refuse('note.form', 'the note holds a control character');
  const split = note.lastIndexOf('\n\n');
  if (split === -1) return refuse('note.form', 'no empty line divides text and signatures');
  const signatures = parseSignatureLines(note.slice(split + 2));
  if (!signatures.ok) return signatures;
  return accept({ text: note.slice(0, split + 1), signatures: signatures.value });
}

/** Reads one or more signature lines, as a note ends with and as a witness answers. */
export function parseSignatureLines(lines: string): Result<readonly NoteSignature[]> {
  if (!lines.endsWith('\n')) return refuse('note.form', 'the last signature line does not end with a line feed');
  const signatures: NoteSignature[] = [];
  for (const line of lines.slice(0, -1).split('\n')) {
    if (signatures.length === noteSignaturesMax) return refuse('note.form', `more than ${noteSignaturesMax} signature lines`);
    const signature = parseSignatureLine(line);
    if (!signature.ok) return signature;
    signatures.push(signature.value);
  }
  return accept(signatures);
}

function parseSignatureLine(line: string): Result<NoteSignature> {
  const [, name, base64] = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
  if (name === undefined || base64 === undefined) return refuse('note.form', 'a line after the text is not a signature line');
  if (!isKeyName(name)) return refuse('note.form', 'a signature line has no proper key name');
  const bytes = bytesOfBase64(base64);
  if (!bytes.ok) return bytes;
  if (bytes.value.length < 5) return refuse('note.form', 'a signature line has no signature');
  return accept({ name, keyId: hexOf(bytes.value.subarray(0, 4)), signature: bytes.value.subarray(4) });
}

export function formatNote(note: SignedNote): Uint8Array {
  assert(note.text.endsWith('\n') && note.signatures.length > 0, 'a note has text that ends with a line feed, and a signature');
  assert(!control.test(note.text), 'a text holds no control character, so that no text is the message of an ML-DSA cosignature');
  return bytesOfText(`${note.text}\n${formatSignatureLines(note.signatures)}`);
}

export function formatSignatureLines(signatures: readonly NoteSignature[]): string {
  return signatures
    .map(({ name, keyId, signature }) => `— ${name} ${base64Of(concatBytes(Uint8Array.fromHex(keyId), signature))}\n`)
    .join('');
}

/** Key names hold no white space and no plus sign; the limit is that of a name inside an ML-DSA cosignature. */
export function isKeyName(name: string): boolean {
  return (
    name !== '' &&
    name.isWellFormed() &&
    !/[\p{White_Space}\u0000-\u001f+]/u.test(name) &&
    bytesOfText(name).length <= keyNameBytesMax
  );
}

export function noteKey(name: string, type: NoteKeyType, verifier: KeyVerifier): NoteKey {
  assert(isKeyName(name) && verifier.algorithm === algorithmOfType[type], 'a note key has a proper name and fits its type');
  return { name, type, id: keyIdOf(name, type, verifier.publicKey), verifier };
}

export function keyIdOf(name: string, type: NoteKeyType, publicKey: Uint8Array): string {
  return hexOf(sha256(concatBytes(bytesOfText(`${name}\n`), typeBytes[type], publicKey)).subarray(0, 4));
}

/** Writes a verifier key: `name+id+base64(type, public key)`. */
export function formatVkey(key: NoteKey): string {
  return `${key.name}+${key.id}+${base64Of(concatBytes(typeBytes[key.type], key.verifier.publicKey))}`;
}

export function parseVkey(vkey: string): Result<NoteKey> {
  const [, name, id, base64] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey) ?? [];
  if (name === undefined || id === undefined || base64 === undefined) return refuse('key.form', 'not of the form name+id+key');
  if (!isKeyName(name)) return refuse('key.form', 'the key has no proper name');
  const bytes = bytesOfBase64(base64);
  if (!bytes.ok) return bytes;
  const type = noteKeyTypes.find((candidate) => hasTypeAndLength(bytes.value, candidate));
  if (type === undefined) return refuse('key.form', 'the key is of a type or length that is not understood');
  const publicKey = bytes.value.subarray(typeBytes[type].length);
  if (keyIdOf(name, type, publicKey) !== id) return refuse('key.form', 'the key id is not that of the key', { name, id });
  return accept({ name, type, id, verifier: verifierOfKey(algorithmOfType[type], publicKey) });
}

function hasTypeAndLength(bytes: Uint8Array, type: NoteKeyType): boolean {
  const prefix = typeBytes[type];
  return (
    bytes.length === prefix.length + publicKeyBytes[algorithmOfType[type]] &&
    prefix.every((byte, position) => bytes[position] === byte)
  );
}

/** The line that a key signed, or nothing. Two lines by one key are refused: a note says each thing once. */
export function signatureBy(signatures: readonly NoteSignature[], key: NoteKey): Result<NoteSignature | undefined> {
  const lines = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.id);
  if (lines.length > 1) return refuse('note.signature', `two signature lines by the key ${key.name}+${key.id}`);
  return accept(lines[0]);
}

/** The two keys that sign together, under one name. */
export interface DualSigner {
  readonly name: string;
  readonly ed25519: KeySigner;
  readonly mldsa44: KeySigner;
}

/** Signs a text that is not a checkpoint (a key list, a heartbeat) with both keys. */
export async function signText(text: string, by: DualSigner): Promise<Uint8Array> {
  const message = bytesOfText(text);
  const line = async (type: NoteKeyType, signer: KeySigner): Promise<NoteSignature> => ({
    name: by.name,
    keyId: keyIdOf(by.name, type, signer.publicKey),
    signature: await signer.sign(message),
  });
  const signatures = await Promise.all([line('ed25519', by.ed25519), line('ml-dsa-44', by.mldsa44)]);
  return formatNote({ text, signatures });
}

/** Checks that a text is signed by both of two keys, types `ed25519` and `ml-dsa-44`. */
export function verifyText(note: SignedNote, keys: readonly [NoteKey, NoteKey]): Result<void> {
  for (const key of keys) {
    const line = signatureBy(note.signatures, key);
    if (!line.ok) return line;
    if (line.value === undefined) return refuse('note.policy', `the note is not signed by ${key.name}+${key.id} (${key.type})`);
    if (!key.verifier.verify(bytesOfText(note.text), line.value.signature)) {
      return refuse('note.signature', `the signature of ${key.name}+${key.id} (${key.type}) does not fit the text`);
    }
  }
  return accept(undefined);
}

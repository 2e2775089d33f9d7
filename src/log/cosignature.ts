import { bytesOfText, concatBytes, uint64Of } from '#base/bytes.ts';
import { timeSMax } from '#base/limits.ts';
import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import { type KeySigner, signatureBytes } from '#crypto/engine-shape.ts';
import { type Checkpoint, checkpointText } from '#log/checkpoint.ts';
import {
  algorithmOfType,
  type DualSigner,
  formatNote,
  keyIdOf,
  type NoteKey,
  type NoteKeyType,
  type NoteSignature,
} from '#log/note.ts';

// C2SP tlog-cosignature: what is signed, and the time in front of the signature. Times are POSIX seconds.

/** What a cosignature says: `cosigner` saw `checkpoint` as the largest of its log at `timeS`. */
export interface CosignatureStatement {
  readonly cosigner: string;
  readonly checkpoint: Checkpoint;
  readonly timeS: number;
}

/** The bytes that a key of this type signs for a statement about a checkpoint. */
export function messageToSign(type: NoteKeyType, statement: CosignatureStatement): Uint8Array {
  switch (type) {
    case 'ed25519':
    case 'ml-dsa-44':
      return bytesOfText(checkpointText(statement.checkpoint));
    case 'ed25519-cosignature':
      return bytesOfText(`cosignature/v1\ntime ${statement.timeS}\n${checkpointText(statement.checkpoint)}`);
    case 'ml-dsa-44-cosignature':
      return cosignedMessage(statement);
  }
}

/** The structure `cosigned_message` for a whole tree: it begins at leaf 0. It is no text, since it holds a zero byte. */
function cosignedMessage({ cosigner, checkpoint, timeS }: CosignatureStatement): Uint8Array {
  return concatBytes(
    bytesOfText('subtree/v1\n\0'),
    shortText(cosigner),
    uint64Of(timeS),
    shortText(checkpoint.origin),
    uint64Of(0),
    uint64Of(checkpoint.size),
    checkpoint.root,
  );
}

function shortText(text: string): Uint8Array {
  const bytes = bytesOfText(text);
  assert(bytes.length > 0 && bytes.length <= 255, 'a name inside a cosignature has 1 to 255 bytes');
  return concatBytes(Uint8Array.of(bytes.length), bytes);
}

export interface TimedSignature {
  readonly timeS: number;
  readonly signature: Uint8Array;
}

/** Writes `timestamped_signature`: eight bytes of time, then the signature. */
export function encodeTimedSignature({ timeS, signature }: TimedSignature): Uint8Array {
  assert(
    Number.isSafeInteger(timeS) && timeS >= 0 && timeS <= timeSMax,
    'a time is a whole number of seconds up to the year 9999',
  );
  return concatBytes(uint64Of(timeS), signature);
}

/** Reads `timestamped_signature` of a key type. Hostile input. */
export function parseTimedSignature(type: NoteKeyType, bytes: Uint8Array): Result<TimedSignature> {
  if (bytes.length !== 8 + signatureBytes[algorithmOfType[type]]) {
    return refuse('cosignature.form', `${bytes.length} bytes are not a time and a signature of type ${type}`);
  }
  const timeS = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
  if (timeS > timeSMax) return refuse('cosignature.time', 'the time lies beyond the year 9999');
  return accept({ timeS, signature: bytes.subarray(8) });
}

/** Signs our own log's checkpoint: Ed25519 over the text, ML-DSA-44 as a cosignature under the log's own name. */
export async function signCheckpoint(checkpoint: Checkpoint, timeS: number, log: DualSigner): Promise<Uint8Array> {
  assert(log.name === checkpoint.origin, "a log signs under its origin's name");
  const text = checkpointText(checkpoint);
  const statement = { cosigner: log.name, checkpoint, timeS };
  const signatures = await Promise.all([
    signatureOf('ed25519', log.ed25519, statement),
    signatureOf('ml-dsa-44-cosignature', log.mldsa44, statement),
  ]);
  return formatNote({ text, signatures });
}

/** Cosigns a checkpoint as a witness, with both keys and one time. The caller has checked consistency and made it durable. */
export async function cosignCheckpoint(
  checkpoint: Checkpoint,
  timeS: number,
  witness: DualSigner,
): Promise<readonly NoteSignature[]> {
  assert(witness.name !== checkpoint.origin, 'log and witness have distinct names');
  const statement = { cosigner: witness.name, checkpoint, timeS };
  return await Promise.all([
    signatureOf('ed25519-cosignature', witness.ed25519, statement),
    signatureOf('ml-dsa-44-cosignature', witness.mldsa44, statement),
  ]);
}

async function signatureOf(type: NoteKeyType, signer: KeySigner, statement: CosignatureStatement): Promise<NoteSignature> {
  const signature = await signer.sign(messageToSign(type, statement));
  return {
    name: statement.cosigner,
    keyId: keyIdOf(statement.cosigner, type, signer.publicKey),
    signature: isTimed(type) ? encodeTimedSignature({ timeS: statement.timeS, signature }) : signature,
  };
}

function isTimed(type: NoteKeyType): boolean {
  return type === 'ed25519-cosignature' || type === 'ml-dsa-44-cosignature';
}

/** Checks one line over a checkpoint by its key; gives its time, or `null` for a type that carries none. */
export function verifyLine(line: NoteSignature, key: NoteKey, checkpoint: Checkpoint): Result<number | null> {
  const timed = isTimed(key.type)
    ? parseTimedSignature(key.type, line.signature)
    : accept({ timeS: 0, signature: line.signature });
  if (!timed.ok) return timed;
  const { timeS, signature } = timed.value;
  if (!key.verifier.verify(messageToSign(key.type, { cosigner: key.name, checkpoint, timeS }), signature)) {
    return refuse('note.signature', `the signature of ${key.name}+${key.id} (${key.type}) does not fit the checkpoint`, {
      origin: checkpoint.origin,
      size: checkpoint.size,
    });
  }
  return accept(isTimed(key.type) ? timeS : null);
}

import { accept, type Result, refuse } from '#base/refusal.ts';
import { type Checkpoint, parseCheckpointText } from '#log/checkpoint.ts';
import { verifyLine } from '#log/cosignature.ts';
import { type NoteKey, type NoteKeyType, type NoteSignature, parseNote, type SignedNote, signatureBy } from '#log/note.ts';

// Which signatures are asked of whom (`spec/log.md` 6): a log's owner and a peer's witness sign with both keys, any other
// witness with either, and all lines of one cosigner over one checkpoint carry one time.

/** A log's pair of public keys, and the sizes of the log for which it is good; `toSize` is the last, or null while in use. */
export interface LogKeyPair {
  readonly fromSize: number;
  readonly toSize: number | null;
  /** Ed25519 over a text: checkpoints, heartbeats. */
  readonly ed25519: NoteKey;
  /** ML-DSA-44 over a checkpoint, as a cosignature under the log's own name. */
  readonly mldsa44: NoteKey;
  /** The same ML-DSA-44 key over a text that is not a checkpoint. */
  readonly mldsa44Text: NoteKey;
}

export interface LogKeys {
  readonly origin: string;
  readonly pairs: readonly LogKeyPair[];
}

/** A peer's witness: both keys of a pair sign. `until` is null while in use; once retired, the last good size for each log. */
export interface PeerWitness {
  readonly kind: 'peer';
  readonly centre: string;
  readonly pairs: readonly PeerWitnessPair[];
}

export interface PeerWitnessPair {
  readonly ed25519: NoteKey;
  readonly mldsa44: NoteKey;
  readonly until: readonly { readonly origin: string; readonly size: number }[] | null;
}

/** A witness that is no party: any of its keys is enough. */
export interface OtherWitness {
  readonly kind: 'other';
  readonly name: string;
  readonly keys: readonly NoteKey[];
}

export type Witness = PeerWitness | OtherWitness;

declare const verified: unique symbol;

/** A checkpoint that its owner signed with both keys of a pair good for its size. Only `verifyCheckpoint` makes one. */
export type VerifiedCheckpoint = Checkpoint & {
  /** When the owner says that it signed, in POSIX seconds. */
  readonly signedAtS: number;
  /** The text with the owner's two lines alone: a line that nobody verified is not kept, shown or sent on. */
  readonly note: SignedNote;
  readonly [verified]: 'checkpoint';
};

/** Checks a checkpoint of a log whose keys are known. Hostile input. */
export function verifyCheckpoint(noteBytes: Uint8Array, log: LogKeys): Result<VerifiedCheckpoint> {
  const note = parseNote(noteBytes);
  if (!note.ok) return note;
  const checkpoint = parseCheckpointText(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  const { origin, size } = checkpoint.value;
  if (origin !== log.origin) {
    return refuse('checkpoint.origin', `a checkpoint of ${origin} where one of ${log.origin} is due`, {
      origin,
      expected: log.origin,
    });
  }
  const [good, retired] = dividePairs(log.pairs, (pair) => isGoodFor(pair, size));
  const signed = verifyByPair({ checkpoint: checkpoint.value, signatures: note.value.signatures, good, retired });
  if (!signed.ok) return signed;
  if (signed.value === undefined) return refuse('note.policy', `the checkpoint is not signed by ${origin}`, { origin, size });
  const { timeS: signedAtS, signatures } = signed.value;
  return accept({ ...checkpoint.value, signedAtS, note: { text: note.value.text, signatures } } as VerifiedCheckpoint);
}

/** Whether a pair of a log's keys is good for a size of that log. */
export function isGoodFor(pair: LogKeyPair, size: number): boolean {
  return pair.fromSize <= size && (pair.toSize === null || size <= pair.toSize);
}

/** What a witness is shown to have said: that this was the largest tree of the log that it knew at `timeS` (POSIX seconds). */
export interface VerifiedCosignature {
  /** The centre of a peer; the name of any other witness. */
  readonly witness: string;
  readonly kind: Witness['kind'];
  readonly types: readonly NoteKeyType[];
  readonly timeS: number;
  readonly origin: string;
  readonly size: number;
  /** The lines that say so, and that alone may be kept. */
  readonly signatures: readonly NoteSignature[];
  readonly [verified]: 'cosignature';
}

/**
 * Checks the lines that known witnesses put under a checkpoint. A witness without a line is absent from the answer; one with a
 * line that does not hold, with one of two, or with two times, refuses the whole. Lines of unknown keys are passed over.
 */
export function verifyCosignatures(
  checkpoint: VerifiedCheckpoint,
  signatures: readonly NoteSignature[],
  witnesses: readonly Witness[],
): Result<readonly VerifiedCosignature[]> {
  const cosignatures: VerifiedCosignature[] = [];
  for (const witness of witnesses) {
    const seen =
      witness.kind === 'peer' ? verifyPeer(checkpoint, signatures, witness) : verifyOther(checkpoint, signatures, witness);
    if (!seen.ok) return seen;
    if (seen.value !== undefined) cosignatures.push(seen.value);
  }
  return accept(cosignatures);
}

function verifyPeer(
  checkpoint: VerifiedCheckpoint,
  signatures: readonly NoteSignature[],
  peer: PeerWitness,
): Result<VerifiedCosignature | undefined> {
  const { origin, size } = checkpoint;
  const [good, retired] = dividePairs(
    peer.pairs,
    ({ until }) => until === null || until.some((last) => last.origin === origin && size <= last.size),
  );
  const signed = verifyByPair({ checkpoint, signatures, good, retired });
  if (!signed.ok) return signed;
  if (signed.value === undefined) return accept(undefined);
  const types: readonly NoteKeyType[] = ['ed25519-cosignature', 'ml-dsa-44-cosignature'];
  return accept({ witness: peer.centre, kind: 'peer', types, ...signed.value, origin, size } as VerifiedCosignature);
}

function verifyOther(
  checkpoint: VerifiedCheckpoint,
  signatures: readonly NoteSignature[],
  other: OtherWitness,
): Result<VerifiedCosignature | undefined> {
  const { origin, size } = checkpoint;
  const lines: (TimedLine & { readonly type: NoteKeyType })[] = [];
  for (const key of other.keys) {
    const line = timedLineBy(checkpoint, signatures, key);
    if (!line.ok) return line;
    if (line.value !== undefined) lines.push({ type: key.type, ...line.value });
  }
  if (lines.length === 0) return accept(undefined);
  const signed = oneTime(lines, other.name);
  if (!signed.ok) return signed;
  const types: readonly NoteKeyType[] = lines.map(({ type }) => type);
  return accept({ witness: other.name, kind: 'other', types, ...signed.value, origin, size } as VerifiedCosignature);
}

interface Pair {
  readonly ed25519: NoteKey;
  readonly mldsa44: NoteKey;
}

/** Lines of one cosigner that hold, and the one time that they carry. */
interface SignedAt {
  readonly timeS: number;
  readonly signatures: readonly NoteSignature[];
}

/** The two lines of the first pair that signed; nothing if none did. Every line of a known pair must hold. */
function verifyByPair(question: {
  readonly checkpoint: Checkpoint;
  readonly signatures: readonly NoteSignature[];
  readonly good: readonly Pair[];
  readonly retired: readonly Pair[];
}): Result<SignedAt | undefined> {
  const { checkpoint, signatures, good, retired } = question;
  let signed: SignedAt | undefined;
  for (const pair of good) {
    const first = timedLineBy(checkpoint, signatures, pair.ed25519);
    if (!first.ok) return first;
    const second = timedLineBy(checkpoint, signatures, pair.mldsa44);
    if (!second.ok) return second;
    if (first.value === undefined && second.value === undefined) continue;
    if (first.value === undefined || second.value === undefined) {
      return refuse('note.policy', `${pair.ed25519.name} signed with one of two keys; both are required`);
    }
    const both = oneTime([first.value, second.value], pair.ed25519.name);
    if (!both.ok) return both;
    signed ??= both.value;
  }
  const late = retired.find(({ ed25519, mldsa44 }) => signatures.some((line) => isBy(line, ed25519) || isBy(line, mldsa44)));
  if (signed === undefined && late !== undefined) {
    const { name, id } = late.ed25519;
    return refuse(
      'key.retired',
      `the key ${name}+${id} is not good for ${checkpoint.size} leaves of ${checkpoint.origin}: the list of its centre bounds it`,
      { name, id, size: checkpoint.size },
    );
  }
  return accept(signed);
}

/** A line that holds; the time is null if its type carries none. */
interface TimedLine {
  readonly line: NoteSignature;
  readonly timeS: number | null;
}

function timedLineBy(checkpoint: Checkpoint, signatures: readonly NoteSignature[], key: NoteKey): Result<TimedLine | undefined> {
  const line = signatureBy(signatures, key);
  if (!line.ok) return line;
  if (line.value === undefined) return accept(undefined);
  const timeS = verifyLine(line.value, key, checkpoint);
  return timeS.ok ? accept({ line: line.value, timeS: timeS.value }) : timeS;
}

/** The time of the line that a key put under a checkpoint, null if the type carries none, or nothing if there is no line. */
export function verifyLineBy(
  checkpoint: Checkpoint,
  signatures: readonly NoteSignature[],
  key: NoteKey,
): Result<number | null | undefined> {
  const timed = timedLineBy(checkpoint, signatures, key);
  return timed.ok ? accept(timed.value?.timeS) : timed;
}

function oneTime(lines: readonly TimedLine[], cosigner: string): Result<SignedAt> {
  const [timeS, ...others] = new Set(lines.map((line) => line.timeS).filter((each) => each !== null));
  if (timeS === undefined || others.length > 0) {
    const times = lines.map((line) => line.timeS).join(' ');
    return refuse('cosignature.time', `the lines of ${cosigner} do not carry one time`, { cosigner, times });
  }
  if (timeS === 0) return refuse('cosignature.time', `the cosignature of ${cosigner} carries no time`, { cosigner });
  return accept({ timeS, signatures: lines.map(({ line }) => line) });
}

function dividePairs<P>(pairs: readonly P[], isGood: (pair: P) => boolean): readonly [readonly P[], readonly P[]] {
  return [pairs.filter(isGood), pairs.filter((pair) => !isGood(pair))];
}

function isBy(line: NoteSignature, key: NoteKey): boolean {
  return line.name === key.name && line.keyId === key.id;
}

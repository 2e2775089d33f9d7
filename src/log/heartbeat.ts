import { base64Of, bytesOfBase64, equalBytes } from '#base/bytes.ts';
import { timeSMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { type Checkpoint, checkpointText, countOfText, parseCheckpointText } from '#log/checkpoint.ts';
import { type DualSigner, parseNote, type SignedNote, signText, verifyText } from '#log/note.ts';
import { isGoodFor, type LogKeys } from '#log/policy.ts';

// "I am here": a centre's statement of its newest checkpoint, now, on one path, to the side that sent the nonce.

const header = 'anshin-heartbeat/1';
export const nonceBytes = 32;

export interface Heartbeat {
  readonly checkpoint: Checkpoint;
  /** POSIX seconds. */
  readonly timeS: number;
  /** The path that it goes over, such as `direct` or `courier`. */
  readonly path: string;
  /** The last 32 random bytes that the other side sent, so that an old heartbeat cannot be played again. */
  readonly nonce: Uint8Array;
}

declare const verified: unique symbol;

/** A heartbeat signed by both of the log's keys, in answer to our bytes on this path. Only `verifyHeartbeat` makes one. */
export type VerifiedHeartbeat = Heartbeat & { readonly [verified]: 'heartbeat' };

export function heartbeatText({ checkpoint, timeS, path, nonce }: Heartbeat): string {
  return `${header}\n${checkpointText(checkpoint)}time ${timeS}\npath ${path}\nnonce ${base64Of(nonce)}\n`;
}

/** Reads a heartbeat's text. Hostile input: only what `heartbeatText` gives back is accepted. */
export function parseHeartbeatText(text: string): Result<Heartbeat> {
  const parts = /^anshin-heartbeat\/1\n((?:[^\n]+\n){3})time (\d+)\npath ([a-z0-9][a-z0-9.-]{0,63})\nnonce ([^\n]{44})\n$/.exec(
    text,
  );
  const [, checkpointLines, time, path, nonceLine] = parts ?? [];
  if (checkpointLines === undefined || time === undefined || path === undefined || nonceLine === undefined) {
    return refuse('heartbeat.form', 'the text is not that of a heartbeat');
  }
  const checkpoint = parseCheckpointText(checkpointLines);
  if (!checkpoint.ok) return checkpoint;
  const timeS = countOfText(time);
  if (timeS === undefined) return refuse('heartbeat.form', 'the time is not a decimal without leading zeros');
  if (timeS > timeSMax) return refuse('heartbeat.form', 'the time lies beyond the year 9999');
  const nonce = bytesOfBase64(nonceLine);
  if (!nonce.ok) return nonce;
  if (nonce.value.length !== nonceBytes) return refuse('heartbeat.form', 'the nonce has not 32 bytes');
  return accept({ checkpoint: checkpoint.value, timeS, path, nonce: nonce.value });
}

/** Signs a heartbeat with both of the log's keys; gives the note's bytes. */
export async function signHeartbeat(heartbeat: Heartbeat, log: DualSigner): Promise<Uint8Array> {
  return await signText(heartbeatText(heartbeat), log);
}

/** What a heartbeat must be to count: of this log, on this path, with the bytes that we sent last. */
export interface HeartbeatClaim {
  readonly note: Uint8Array;
  readonly log: LogKeys;
  readonly path: string;
  readonly nonce: Uint8Array;
}

/** Checks a heartbeat. Hostile input: the note. Whether its time is near ours is the caller's question. */
export function verifyHeartbeat(claim: HeartbeatClaim): Result<VerifiedHeartbeat> {
  const note = parseNote(claim.note);
  if (!note.ok) return note;
  const heartbeat = parseHeartbeatText(note.value.text);
  if (!heartbeat.ok) return heartbeat;
  const { checkpoint, path, nonce } = heartbeat.value;
  const { origin, size } = checkpoint;
  if (origin !== claim.log.origin)
    return refuse('checkpoint.origin', `a heartbeat of ${origin}`, { origin, expected: claim.log.origin });
  const signed = verifyByAnyPair(note.value, claim.log, size);
  if (!signed.ok) return signed;
  if (path !== claim.path) return refuse('link.heartbeat', `a heartbeat for the path ${path}`, { path, expected: claim.path });
  if (!equalBytes(nonce, claim.nonce))
    return refuse('link.heartbeat', 'the heartbeat does not answer the bytes that we sent last');
  return accept(heartbeat.value as VerifiedHeartbeat);
}

function verifyByAnyPair(note: SignedNote, log: LogKeys, size: number): Result<void> {
  let answer: Result<void> = refuse('key.retired', `no key of ${log.origin} is good for ${size} leaves`, {
    origin: log.origin,
    size,
  });
  for (const pair of log.pairs) {
    if (isGoodFor(pair, size)) answer = verifyText(note, [pair.ed25519, pair.mldsa44Text]);
    if (answer.ok) return answer;
  }
  return answer;
}

import { base64Of, equalBytes, hexOf } from '#base/bytes.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { type Anchor, type Anchored, withEntry } from '#centre/signer/anchor.ts';
import type { CosignRequest, RaiseRequest, SignRequest } from '#centre/signer/signer.ts';
import { verifierOfKey } from '#crypto/engine.ts';
import type { Checkpoint } from '#log/checkpoint.ts';
import { type DualSigner, noteKey } from '#log/note.ts';
import { verifyLineBy } from '#log/policy.ts';
import { verifyConsistency } from '#log/tree.ts';

// What the anchor allows (`spec/signer.md` 2, 3): pure functions from one anchor to the next.

/** Allows our own log's checkpoint: not smaller than the last signed, the same root at one size, shown to continue it. */
export function allowSigning(anchor: Anchor, { checkpoint, proof }: SignRequest, timeS: number): Result<Anchor> {
  const last = entryOf(anchor.own, checkpoint.origin);
  if (last === undefined) return refuseUnanchored(checkpoint.origin);
  const wrong = wrongAfter(last, checkpoint, proof);
  if (wrong !== undefined) return refuseWentBack(last, checkpoint, wrong.why);
  // Signing the same tree again says nothing new, so that nothing need be flushed.
  if (checkpoint.size === last.size) return accept(anchor);
  return accept({ ...anchor, own: withEntry(anchor.own, entryFor(checkpoint, timeS)) });
}

/** Allows a cosignature: paired, continuing what was last cosigned, and no earlier than our last cosignature on any log. */
export function allowCosigning(anchor: Anchor, { checkpoint, proof }: CosignRequest, timeS: number): Result<Anchor> {
  const last = entryOf(anchor.followed, checkpoint.origin);
  if (last === undefined) return refuseUnpaired(checkpoint.origin);
  const wrong = wrongAfter(last, checkpoint, proof);
  if (wrong !== undefined) {
    return refuse(wrong.code, `the checkpoint of ${checkpoint.origin} does not continue the one last cosigned: ${wrong.why}`, {
      ...evidenceOf(last, checkpoint),
      proof: proof.map(base64Of).join(' '),
    });
  }
  const lastTimeS = Math.max(...anchor.followed.map((entry) => entry.timeS));
  if (timeS < lastTimeS) {
    return refuse(
      'signer.clock',
      'our clock is before our last cosignature: set it right; nothing is cosigned until it has passed that',
      {
        timeS,
        lastTimeS,
      },
    );
  }
  return accept({ ...anchor, followed: withEntry(anchor.followed, entryFor(checkpoint, timeS)) });
}

/**
 * Moves the anchor on to what we are shown to have signed. Our own signature is all the proof that this needs: having signed it,
 * we may sign nothing that does not continue it. `witness` is null for a log of our own, whose checkpoint was verified by our own
 * key list.
 */
export function allowRaise(
  anchor: Anchor,
  { checkpoint, cosignatures }: RaiseRequest,
  witness: DualSigner | null,
): Result<Anchor> {
  const role = witness === null ? 'own' : 'followed';
  const last = entryOf(anchor[role], checkpoint.origin);
  if (last === undefined) return witness === null ? refuseUnanchored(checkpoint.origin) : refuseUnpaired(checkpoint.origin);
  const timeS = witness === null ? accept(checkpoint.signedAtS) : timeOfCosignature({ checkpoint, cosignatures }, witness);
  if (!timeS.ok) return timeS;
  if (checkpoint.size < last.size) return accept(anchor);
  if (checkpoint.size > last.size)
    return accept({ ...anchor, [role]: withEntry(anchor[role], entryFor(checkpoint, timeS.value)) });
  if (hexOf(checkpoint.root) === last.root) return accept(anchor);
  const why = 'one size has two roots, both with our signature';
  return witness === null
    ? refuseWentBack(last, checkpoint, why)
    : refuse('log.fork', `${checkpoint.origin}: ${why}`, evidenceOf(last, checkpoint));
}

interface Wrong {
  readonly code: 'log.shrunk' | 'log.fork' | 'proof.consistency';
  readonly why: string;
}

/** Why a checkpoint may not follow the last one of its log; undefined if it may. */
function wrongAfter(last: Anchored, checkpoint: Checkpoint, proof: readonly Uint8Array[]): Wrong | undefined {
  const { size, root } = checkpoint;
  const lastRoot = Uint8Array.fromHex(last.root);
  if (size < last.size) return { code: 'log.shrunk', why: `it has ${size} leaves, and ${last.size} were signed for` };
  if (size === last.size && !equalBytes(root, lastRoot)) return { code: 'log.fork', why: `${size} leaves with another root` };
  const shown = verifyConsistency({ from: last.size, fromRoot: lastRoot, to: size, toRoot: root, proof });
  return shown.ok ? undefined : { code: 'proof.consistency', why: shown.refusal.detail };
}

/** The time of our own cosignature on a checkpoint; both lines must hold, with one time. */
function timeOfCosignature({ checkpoint, cosignatures }: RaiseRequest, { name, ed25519, mldsa44 }: DualSigner): Result<number> {
  const times = new Set<number | null>();
  for (const key of [
    noteKey(name, 'ed25519-cosignature', verifierOfKey('ed25519', ed25519.publicKey)),
    noteKey(name, 'ml-dsa-44-cosignature', verifierOfKey('ml-dsa-44', mldsa44.publicKey)),
  ]) {
    const line = verifyLineBy(checkpoint, cosignatures, key);
    if (!line.ok) return line;
    if (line.value !== undefined) times.add(line.value);
    else return refuse('key.signature', `the checkpoint of ${checkpoint.origin} does not carry both our cosignatures`, { name });
  }
  const [timeS] = times;
  return times.size === 1 && typeof timeS === 'number'
    ? accept(timeS)
    : refuse('cosignature.time', 'our two lines carry two times');
}

function entryOf(entries: readonly Anchored[], origin: string): Anchored | undefined {
  return entries.find((entry) => entry.origin === origin);
}

function entryFor({ origin, size, root }: Checkpoint, timeS: number): Anchored {
  return { origin, size, root: hexOf(root), timeS };
}

function refuseWentBack(last: Anchored, checkpoint: Checkpoint, why: string): ReturnType<typeof refuse> {
  return refuse(
    'signer.went-back',
    `the store does not continue what we have signed of ${last.origin} (${why}): nothing is signed; the store is most likely an ` +
      'old copy: take the missing leaves back from a member of the circle (anshin recover)',
    evidenceOf(last, checkpoint),
  );
}

function refuseUnanchored(origin: string): ReturnType<typeof refuse> {
  return refuse('key.unknown', `the anchor does not name ${origin} as a log of ours: begin it first`, { origin });
}

function refuseUnpaired(origin: string): ReturnType<typeof refuse> {
  return refuse('checkpoint.origin', `${origin} is not a log that we follow: pair first`, { origin });
}

function evidenceOf(last: Anchored, checkpoint: Checkpoint): Readonly<Record<string, string | number>> {
  return {
    origin: last.origin,
    signedSize: last.size,
    signedRoot: last.root,
    signedTimeS: last.timeS,
    size: checkpoint.size,
    root: hexOf(checkpoint.root),
  };
}

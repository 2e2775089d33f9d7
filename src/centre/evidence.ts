import { type TimeMs, timeOfText } from '#base/time.ts';
import type { Store } from '#centre/store/store.ts';

/** The collection of what is kept against the other side: signed histories that contradict each other, and leaves kept apart. */
export const evidenceCollection = 'evidence';

/** Pieces of evidence of a fork that a centre keeps: after so many, more of them say nothing new. */
export const evidenceKeptMax = 100;

/** Something kept, as the bytes that came. */
export interface KeptPiece {
  readonly keptAtMs: TimeMs;
  readonly bytes: Uint8Array;
}

export interface KeptEvidence {
  /** Files that `anshin verify --fork` takes. */
  readonly forks: readonly KeptPiece[];
  /** Urgent leaves of a history that is not the one followed. */
  readonly apart: readonly KeptPiece[];
}

/** The first first, at most `evidenceKeptMax` of each. */
export async function readEvidence(store: Store): Promise<KeptEvidence> {
  return { forks: await readPieces(store, 'fork'), apart: await readPieces(store, 'apart') };
}

async function readPieces(store: Store, kind: 'fork' | 'apart'): Promise<readonly KeptPiece[]> {
  const kept = await store.documents(evidenceCollection, { from: `${kind}/`, to: `${kind}0`, limit: evidenceKeptMax });
  return kept.flatMap(({ key, value }) => {
    const keptAt = timeOfText(key.split('/')[1] ?? '');
    return keptAt.ok ? [{ keptAtMs: keptAt.value, bytes: value }] : [];
  });
}

import { deliveryBytesMax, deliveryLeavesMax, leafBytesMax, peerNoteBytesMax } from '#base/limits.ts';
import { type Result, refuse } from '#base/refusal.ts';
import { hashesOf } from '#centre/link/own-log.ts';
import type { NextDelivery, UrgentDelivery } from '#exchange/follow.ts';

/** Reads the attachments of `next` and `give` (`spec/link.md` 3): checkpoint, consistency, leaves. */
export function nextOf(from: number, attachments: readonly Uint8Array[]): Result<NextDelivery> {
  const [checkpoint, joined, ...leaves] = attachments;
  const proof = hashesOf(joined ?? new Uint8Array());
  if (checkpoint === undefined || proof === undefined || leaves.length === 0) {
    return refuse('link.message', 'a delivery without checkpoint, proof or leaves');
  }
  if (checkpoint.length > peerNoteBytesMax) return refuseNote(checkpoint);
  const long = leaves.find((leaf) => leaf.length > leafBytesMax);
  if (long !== undefined) return refuseLong(long);
  const bytes = leaves.reduce((sum, leaf) => sum + leaf.length, 0);
  if (leaves.length > deliveryLeavesMax || (leaves.length > 1 && bytes > deliveryBytesMax)) {
    return refuse(
      'link.message',
      `${leaves.length} leaves of ${bytes} bytes in one delivery; at most ${deliveryLeavesMax} of ${deliveryBytesMax}`,
    );
  }
  return { ok: true, value: { from, leaves, checkpoint, proof } };
}

/** Reads the attachments of `urgent`: checkpoint, inclusion, consistency, leaf. */
export function urgentOf(
  header: { readonly index: number; readonly base: number },
  attachments: readonly Uint8Array[],
): Result<UrgentDelivery> {
  const [checkpoint, joinedInclusion, joinedConsistency, leaf] = attachments;
  const inclusion = hashesOf(joinedInclusion ?? new Uint8Array());
  const consistency = hashesOf(joinedConsistency ?? new Uint8Array());
  if (checkpoint === undefined || leaf === undefined || inclusion === undefined || consistency === undefined) {
    return refuse('link.message', 'an urgent delivery without checkpoint, proofs or leaf');
  }
  if (checkpoint.length > peerNoteBytesMax) return refuseNote(checkpoint);
  if (leaf.length > leafBytesMax) return refuseLong(leaf);
  const { index, base } = header;
  return { ok: true, value: { index, base, checkpoint, inclusion, consistency, leaf } };
}

/** No tile can hold such a leaf, so no log may have it. */
function refuseLong(leaf: Uint8Array) {
  return refuse('link.message', `a leaf of ${leaf.length} bytes; a log's leaf has at most ${leafBytesMax}`);
}

/** Two signatures and three lines: what is longer brings what nobody asked for. */
function refuseNote(note: Uint8Array) {
  return refuse('link.message', `a checkpoint's note of ${note.length} bytes; on the link it has at most ${peerNoteBytesMax}`);
}

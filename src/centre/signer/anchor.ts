import { bytesOfText, concatBytes, equalBytes, hexOf, uint64Of } from '#base/bytes.ts';
import { assert, mustAccept } from '#base/refusal.ts';
import { sha256 } from '#crypto/engine.ts';
import { emptyRoot } from '#log/tree.ts';
import { canonicalBytes, parseCanonical } from '#record/canonical.ts';
import { faultsOf, type Static } from '#record/schema.ts';

const logs = {
  type: 'array',
  maxItems: 128,
  items: {
    type: 'object',
    properties: {
      origin: { type: 'string', minLength: 1, maxLength: 255 },
      size: { type: 'integer', minimum: 0 },
      root: { type: 'string', pattern: '^[0-9a-f]{64}$', maxLength: 64 },
      timeS: { type: 'integer', minimum: 0 },
    },
    required: ['origin', 'size', 'root', 'timeS'],
    additionalProperties: false,
  },
} as const;

const anchorSchema = {
  type: 'object',
  properties: { own: logs, followed: logs },
  required: ['own', 'followed'],
  additionalProperties: false,
} as const;

/** How far a signature has gone for one log: the largest size, its root (hexadecimal), and when (POSIX seconds; 0: never). */
export type Anchored = Static<typeof logs.items>;

/**
 * How far this centre has signed: for each own log the last signed checkpoint, for each followed log the last cosigned one.
 * It never goes back, and a log that it does not name is not signed for.
 */
export type Anchor = Static<typeof anchorSchema>;

export const anchoredLogsMax = logs.maxItems;

/** What a log begins with that goes on from no other. */
export const noTree = { size: 0, root: emptyRoot } as const;

export function freshEntry(origin: string): Anchored {
  return entryAt(origin, noTree);
}

/** A log that nothing was signed for yet, and whose every tree must continue this one. */
export function entryAt(origin: string, { size, root }: { readonly size: number; readonly root: Uint8Array }): Anchored {
  return { origin, size, root: hexOf(root), timeS: 0 };
}

export function withEntry(entries: readonly Anchored[], entry: Anchored): readonly Anchored[] {
  return [...entries.filter(({ origin }) => origin !== entry.origin), entry];
}

// A slot: 16 bytes of magic, the sequence (8 bytes), the length of the content (8 bytes), the SHA-256 of magic, sequence,
// length and content, and the content as canonical JSON. What stands after it in its half of the file is left over and unread.
const magic = bytesOfText('anshin-anchor/1\n');
const checksumStart = magic.length + 16;
const headBytes = checksumStart + 32;

/** Bytes of a slot, a multiple of any disk's block: writing one cannot tear the other. */
export const slotBytes = 131_072;

export interface Slot {
  /** Counts writes; the valid slot with the higher one is the anchor. */
  readonly sequence: number;
  readonly anchor: Anchor;
}

export function encodeSlot({ sequence, anchor }: Slot): Uint8Array {
  const content = canonicalBytes(anchor);
  const slot = concatBytes(magic, uint64Of(sequence), uint64Of(content.length), new Uint8Array(32), content);
  assert(slot.length <= slotBytes, 'the anchor fits its slot');
  slot.set(checksumOf(slot, content), checksumStart);
  return slot;
}

/** Reads a slot out of its half of the file; undefined if it is torn, flipped or was never written. */
export function decodeSlot(bytes: Uint8Array): Slot | undefined {
  if (bytes.length < headBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, headBytes);
  const [sequence, length] = [Number(view.getBigUint64(magic.length)), Number(view.getBigUint64(magic.length + 8))];
  if (!Number.isSafeInteger(sequence) || length > bytes.length - headBytes) return undefined;
  const content = bytes.subarray(headBytes, headBytes + length);
  if (!equalBytes(checksumOf(bytes, content), bytes.subarray(checksumStart, headBytes))) return undefined;
  // What carries the right checksum was written by this program, so that its form is ours to answer for.
  const anchor = mustAccept(parseCanonical(content, slotBytes));
  assert(
    equalBytes(bytes.subarray(0, magic.length), magic) && faultsOf(anchorSchema, anchor).length === 0,
    'a slot has its form',
  );
  return { sequence, anchor: anchor as unknown as Anchor };
}

function checksumOf(slot: Uint8Array, content: Uint8Array): Uint8Array {
  return sha256(concatBytes(slot.subarray(0, checksumStart), content));
}

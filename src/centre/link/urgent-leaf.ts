import { base64Of, bytesOfBase64 } from '#base/bytes.ts';
import { leafBytesMax, peerNoteBytesMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { canonicalBytes, parseCanonical } from '#record/canonical.ts';
import { faultsOf, type Static } from '#record/schema.ts';

/** An urgent leaf as it waits in the store for those before it, with the checkpoint that showed it. */
export interface UrgentLeaf {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly checkpoint: Uint8Array;
}

/** Both in base64, and the rest of the document. */
const bytesMax = Math.ceil(((leafBytesMax + peerNoteBytesMax) * 4) / 3) + 256;
const base64 = { type: 'string', pattern: '^[A-Za-z0-9+/]*={0,2}$' } as const;
const schema = {
  type: 'object',
  properties: { index: { type: 'integer', minimum: 0 }, leaf: base64, checkpoint: base64 },
  required: ['index', 'leaf', 'checkpoint'],
  additionalProperties: false,
} as const;

export function urgentCollection(origin: string): string {
  return `urgent/${origin}`;
}

/** Keys sort as their indices do. */
export function urgentKey(index: number): string {
  return String(index).padStart(16, '0');
}

export function writeUrgentLeaf(urgent: UrgentLeaf): Uint8Array {
  return canonicalBytes({ index: urgent.index, leaf: base64Of(urgent.leaf), checkpoint: base64Of(urgent.checkpoint) });
}

export function parseUrgentLeaf(bytes: Uint8Array): Result<UrgentLeaf> {
  const value = parseCanonical(bytes, bytesMax);
  if (!value.ok) return value;
  const [fault] = faultsOf(schema, value.value);
  if (fault !== undefined) return refuse('store.damaged', `an urgent leaf in the store: ${fault.path} ${fault.reason}`);
  const stored = value.value as unknown as Static<typeof schema>;
  const leaf = bytesOfBase64(stored.leaf);
  if (!leaf.ok) return leaf;
  const checkpoint = bytesOfBase64(stored.checkpoint);
  return checkpoint.ok ? accept({ index: stored.index, leaf: leaf.value, checkpoint: checkpoint.value }) : checkpoint;
}

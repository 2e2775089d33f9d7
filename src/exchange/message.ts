import { concatBytes } from '#base/bytes.ts';
import { deliveryLeavesMax, frameBytesMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { canonicalBytes, parseCanonical } from '#record/canonical.ts';
import { centreSchema, originSchema } from '#record/envelope-schema.ts';
import { faultsOf, type Static } from '#record/schema.ts';

// The messages of the link (`spec/link.md` 3): a short canonical header and byte strings beside it. One frame carries one message.

const count = { type: 'integer', minimum: 0 } as const;
const headerBytesMax = 16_384;
const attachmentsMax = deliveryLeavesMax + 8;

const headers = {
  oneOf: [
    header('hello', {
      protocol: { const: 1 },
      centre: centreSchema,
      origin: originSchema,
      lane: { enum: ['next', 'urgent'] },
      held: count,
      urgentHeld: { type: 'array', items: count, maxItems: 256 },
    }),
    header('next', { from: count }),
    header('urgent', { index: count, base: count }),
    header('held', { held: count, again: { type: 'boolean' } }),
    header('held-urgent', { index: count }),
    header('cosigned', { size: count }),
    header('deferred', { until: { type: 'string', format: 'time' }, reason: { type: 'string', maxLength: 200 } }),
    header('refusal', {
      code: { type: 'string', maxLength: 40 },
      clause: { type: 'string', maxLength: 40 },
      detail: { type: 'string', maxLength: 600 },
    }),
    header('heartbeat', { nonce: { type: 'string', pattern: '^[0-9a-f]{64}$' } }),
    header('evidence', {}),
    header('ask', { from: count }),
    header('give', { from: count }),
  ],
} as const;

export type MessageHeader = Static<typeof headers>;

export interface Message {
  readonly header: MessageHeader;
  /** What the kind's clause lists, in its order: notes, proofs as joined hashes, leaves. */
  readonly attachments: readonly Uint8Array[];
}

/** One frame: the length of the rest, the length of the header, the header, then each attachment behind its length (32 bits, big-endian). */
export function encodeFrame(message: Message): Uint8Array {
  const head = canonicalBytes(message.header);
  const parts = message.attachments.flatMap((attachment) => [uint32Of(attachment.length), attachment]);
  const body = concatBytes(uint32Of(head.length), head, ...parts);
  return concatBytes(uint32Of(body.length), body);
}

/** Reads the body of a frame. Hostile input: the peer may be anybody who holds a link key. */
export function parseFrameBody(body: Uint8Array): Result<Message> {
  const pieces = piecesOf(body);
  if (!pieces.ok) return pieces;
  const [head, ...attachments] = pieces.value;
  if (head === undefined) return refuse('link.frame', 'the frame is empty');
  const value = parseCanonical(head, headerBytesMax);
  if (!value.ok) return value;
  const [fault] = faultsOf(headers, value.value);
  if (fault !== undefined) return refuse('link.message', `${fault.path} ${fault.reason}`);
  return accept({ header: value.value as unknown as MessageHeader, attachments });
}

/** The length of the frame body that four bytes announce. */
export function frameLength(prefix: Uint8Array): Result<number> {
  const length = uint32At(prefix, 0);
  return length <= frameBytesMax
    ? accept(length)
    : refuse('link.frame', `a frame of ${length} bytes; at most ${frameBytesMax} are allowed`);
}

function piecesOf(body: Uint8Array): Result<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let offset = 0;
  while (offset < body.length) {
    if (offset + 4 > body.length) return refuse('link.frame', 'the frame ends inside a length', { offset });
    const end = offset + 4 + uint32At(body, offset);
    if (end > body.length) return refuse('link.frame', 'a part reaches beyond its frame', { offset });
    if (pieces.length > attachmentsMax) return refuse('link.frame', `more than ${attachmentsMax} parts`);
    pieces.push(body.subarray(offset + 4, end));
    offset = end;
  }
  return accept(pieces);
}

function header<K extends string, const P extends object>(kind: K, properties: P) {
  return {
    type: 'object',
    properties: { kind: { const: kind }, ...properties },
    required: ['kind', ...(Object.keys(properties) as (keyof P & string)[])],
    additionalProperties: false,
  } as const;
}

function uint32Of(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function uint32At(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + offset, 4).getUint32(0);
}

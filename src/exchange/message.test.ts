import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText, concatBytes, equalBytes } from '#base/bytes.ts';
import { deliveryLeavesMax, frameBytesMax } from '#base/limits.ts';
import { mustAccept } from '#base/refusal.ts';
import { encodeFrame, frameLength, type Message, parseFrameBody } from '#exchange/message.ts';
import { canonicalBytes } from '#record/canonical.ts';

const count = fc.nat(Number.MAX_SAFE_INTEGER);
const origin = fc.constantFrom('cn.anshin.example/us-cn/test', 'us.anshin.example/us-cn/exercise');
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ maxLength, unit: fc.constantFrom('a', ' ', '安', '9', '"') });
const header: fc.Arbitrary<Message['header']> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    protocol: fc.constant(1 as const),
    centre: fc.constantFrom('CN', 'US'),
    origin,
    lane: fc.constantFrom('next' as const, 'urgent' as const),
    held: count,
    urgentHeld: fc.array(count, { maxLength: 256 }),
  }),
  fc.record({ kind: fc.constant('next' as const), from: count }),
  fc.record({ kind: fc.constant('urgent' as const), index: count, base: count }),
  fc.record({ kind: fc.constant('held' as const), held: count, again: fc.boolean() }),
  fc.record({ kind: fc.constant('held-urgent' as const), index: count }),
  fc.record({ kind: fc.constant('cosigned' as const), size: count }),
  fc.record({ kind: fc.constant('deferred' as const), until: fc.constant('2026-01-01T00:00:00.000Z'), reason: text(200) }),
  fc.record({ kind: fc.constant('refusal' as const), code: text(40), clause: text(40), detail: text(600) }),
  fc.record({ kind: fc.constant('heartbeat' as const), nonce: fc.constant('0f'.repeat(32)) }),
  fc.record({ kind: fc.constant('evidence' as const) }),
  fc.record({ kind: fc.constant('ask' as const), from: count }),
  fc.record({ kind: fc.constant('give' as const), from: count }),
);
const message: fc.Arbitrary<Message> = fc
  .tuple(header, fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 }))
  .map(([given, attachments]) => ({ header: { ...given }, attachments }));

function body(given: Message): Uint8Array {
  const frame = encodeFrame(given);
  assert.deepEqual(frameLength(frame.subarray(0, 4)), { ok: true, value: frame.length - 4 });
  return frame.subarray(4);
}

function codeOf(bytes: Uint8Array): string {
  const parsed = parseFrameBody(bytes);
  return parsed.ok ? 'accepted' : parsed.refusal.code;
}

test('what is written is read back', () => {
  fc.assert(
    fc.property(message, (given) => {
      assert.deepEqual(mustAccept(parseFrameBody(body(given))), given);
    }),
  );
});

test('a frame that is changed is refused or is the frame of another message, byte for byte; nothing else can come of it', () => {
  const changes = fc.tuple(message, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom('flip', 'cut', 'add'));
  fc.assert(
    fc.property(changes, ([given, at, byte, how]) => {
      const bytes = Uint8Array.from(body(given));
      const place = at % bytes.length;
      if (how === 'flip') bytes[place] = byte;
      const changed = how === 'cut' ? bytes.subarray(0, place) : how === 'add' ? concatBytes(bytes, Uint8Array.of(byte)) : bytes;
      const parsed = parseFrameBody(changed);
      if (parsed.ok) assert.ok(equalBytes(body(parsed.value), changed));
    }),
    { numRuns: 2_000 },
  );
});

test('any bytes at all are refused or read, and never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const parsed = parseFrameBody(bytes);
      if (parsed.ok) assert.ok(equalBytes(body(parsed.value), bytes));
    }),
    { numRuns: 2_000 },
  );
});

test('a length beyond the limit is refused before anything is read, and one at the limit is not', () => {
  const prefix = (length: number): Uint8Array =>
    Uint8Array.of(length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255);
  assert.equal(frameLength(prefix(frameBytesMax)).ok, true);
  for (const length of [frameBytesMax + 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
    const refused = frameLength(prefix(length));
    assert.equal(refused.ok ? 'accepted' : refused.refusal.code, 'link.frame', String(length));
  }
});

test('empty frames, headers of no kind, stray and missing fields, and too many parts are refused', () => {
  const framed = (value: Parameters<typeof canonicalBytes>[0]): Uint8Array => {
    const head = canonicalBytes(value);
    return concatBytes(Uint8Array.of(0, 0, head.length >> 8, head.length & 255), head);
  };
  assert.equal(codeOf(new Uint8Array()), 'link.frame');
  assert.equal(codeOf(Uint8Array.of(0, 0, 0)), 'link.frame');
  assert.equal(codeOf(Uint8Array.of(0, 0, 0, 9, 1)), 'link.frame');
  assert.equal(codeOf(framed({ kind: 'goodbye' })), 'link.message');
  assert.equal(codeOf(framed({ kind: 'next' })), 'link.message');
  assert.equal(codeOf(framed({ kind: 'next', from: -1 })), 'link.message');
  assert.equal(codeOf(framed({ kind: 'next', from: 1, to: 2 })), 'link.message');
  assert.equal(codeOf(framed({ kind: 'heartbeat', nonce: 'AB'.repeat(32) })), 'link.message');
  assert.equal(codeOf(concatBytes(Uint8Array.of(0, 0, 0, 20), bytesOfText('{"kind":"evidence" }'))), 'record.canonical');
  const parts = Array.from({ length: deliveryLeavesMax + 8 }, () => new Uint8Array());
  assert.equal(codeOf(body({ header: { kind: 'evidence' }, attachments: parts })), 'accepted');
  assert.equal(codeOf(body({ header: { kind: 'evidence' }, attachments: [...parts, new Uint8Array()] })), 'link.frame');
});

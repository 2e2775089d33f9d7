// The vectors in spec/vectors/link are what the code makes today, but for ML-DSA signatures, which differ each time. To write them
// anew when a format changes: ANSHIN_WRITE_VECTORS=1 node --test test/interop/link-vectors.test.ts (and delivery-vectors.test.ts).
import { test } from 'node:test';
import { base64Of, bytesOfText, concatBytes, hexOf, textOfBytes } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { Message } from '#exchange/message.ts';
import { signHeartbeat } from '#log/heartbeat.ts';
import { rootAt } from '#log/tree.ts';
import type { CoreContent } from '#record/core-formats.ts';
import { cn, frameOf, History, keep, ofCentre, timeS, us } from '#test/interop/link-history.ts';
import { coreDraft, PaperLog } from '#test/paper-log.ts';

const first = new History(11);

const hello = {
  kind: 'hello',
  protocol: 1,
  centre: 'CN',
  origin: cn.list.origin,
  lane: 'next',
  held: 12,
  urgentHeld: [14],
} as const;
const messages: readonly Message[] = [
  { header: hello, attachments: [] },
  { header: { ...hello, lane: 'urgent', urgentHeld: [] }, attachments: [bytesOfText('a checkpoint')] },
  { header: { kind: 'next', from: 3 }, attachments: ['a checkpoint', '', 'leaf 3', 'leaf 4'].map(bytesOfText) },
  { header: { kind: 'urgent', index: 9, base: 3 }, attachments: ['a checkpoint', '', '', 'leaf 9'].map(bytesOfText) },
  { header: { kind: 'held', held: 5, again: false }, attachments: [] },
  { header: { kind: 'held-urgent', index: 9 }, attachments: [] },
  { header: { kind: 'cosigned', size: 5 }, attachments: [bytesOfText('two lines')] },
  { header: { kind: 'deferred', until: '2026-01-06T00:00:00.000Z', reason: 'over budget' }, attachments: [] },
  { header: { kind: 'refusal', code: 'log.fork', clause: 'log 9', detail: 'two roots' }, attachments: [] },
  { header: { kind: 'heartbeat', nonce: '07'.repeat(32) }, attachments: [bytesOfText('a note')] },
  { header: { kind: 'evidence' }, attachments: [bytesOfText('a fork')] },
  { header: { kind: 'ask', from: 5 }, attachments: [] },
  { header: { kind: 'give', from: 5 }, attachments: ['a checkpoint', '', 'leaf 5'].map(bytesOfText) },
];
/** A frame whose header is these bytes, whatever they are. */
function rawFrame(header: Uint8Array, attachments: readonly Uint8Array[]): string {
  const parts = [header, ...attachments].flatMap((part) => [uint32Of(part.length), part]);
  const body = concatBytes(...parts);
  return base64Of(concatBytes(uint32Of(body.length), body));
}

function uint32Of(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

const headed = (text: string) => rawFrame(bytesOfText(text), []);
const refused: readonly (readonly [string, string, string])[] = [
  ['a body longer than 4 MiB is announced', base64Of(uint32Of(4_194_305)), 'link.frame'],
  ['an empty body', base64Of(uint32Of(0)), 'link.frame'],
  ['a body that ends inside a length', base64Of(concatBytes(uint32Of(3), new Uint8Array(3))), 'link.frame'],
  ['a part that reaches beyond the body', base64Of(concatBytes(uint32Of(5), uint32Of(2), new Uint8Array(1))), 'link.frame'],
  [
    '4,105 attachments',
    rawFrame(
      bytesOfText('{"from":5,"kind":"give"}'),
      Array.from({ length: 4105 }, () => new Uint8Array()),
    ),
    'link.frame',
  ],
  ['a header with a space', headed('{"from": 5,"kind":"ask"}'), 'record.canonical'],
  ['a header out of order', headed('{"kind":"ask","from":5}'), 'record.canonical'],
  ['a header that is not JSON', headed('{"from":5'), 'record.json'],
  ['a header that is not UTF-8', rawFrame(Uint8Array.of(0x22, 0xff, 0x22), []), 'text.utf8'],
  ['a header with a byte order mark', headed('\ufeff{"from":5,"kind":"ask"}'), 'text.byte-order-mark'],
  ['a header of 16,385 bytes', headed(`"${'x'.repeat(16_383)}"`), 'record.size'],
  ['a header that is no object', headed('5'), 'link.message'],
  ['an unknown kind', headed('{"from":5,"kind":"take"}'), 'link.message'],
  ['a field too many', headed('{"from":5,"kind":"ask","to":6}'), 'link.message'],
  ['a field too few', headed('{"kind":"ask"}'), 'link.message'],
  ['a negative place', headed('{"from":-1,"kind":"ask"}'), 'link.message'],
  ['a place as text', headed('{"from":"5","kind":"ask"}'), 'link.message'],
  ['a nonce in capitals', headed(`{"kind":"heartbeat","nonce":"${'AB'.repeat(32)}"}`), 'link.message'],
  ['a nonce of 31 bytes', headed(`{"kind":"heartbeat","nonce":"${'07'.repeat(31)}"}`), 'link.message'],
  ['a time that is none', headed('{"kind":"deferred","reason":"x","until":"2026-02-30T00:00:00.000Z"}'), 'link.message'],
  [
    'another protocol',
    headed('{"centre":"CN","held":0,"kind":"hello","lane":"next","origin":"cn.example/us-cn/test","protocol":2,"urgentHeld":[]}'),
    'link.message',
  ],
];
test('frames.json is what the code makes', () => {
  keep('frames', {
    accepted: messages.map((message) => ({
      frame: frameOf(message),
      header: message.header,
      attachments: message.attachments.map(base64Of),
    })),
    refused: refused.map(([name, frame, code]) => ({ name, frame, code })),
  });
});

test('heartbeats.json is what the code makes', async () => {
  const checkpoint = { origin: cn.list.origin, size: 11, root: rootAt(11, first.read) };
  const bytes = (value: number) => new Uint8Array(32).fill(value);
  const beat = async (path: string, nonce: Uint8Array, by = cn) =>
    frameOf({
      header: { kind: 'heartbeat', nonce: '09'.repeat(32) },
      attachments: [await signHeartbeat({ checkpoint: { ...checkpoint, origin: by.list.origin }, timeS, path, nonce }, by.log)],
    });
  const sent = [bytes(8), bytes(7)].map(hexOf);
  keep('heartbeats', {
    keyLists: ofCentre,
    lane: 'next',
    accepted: [
      { name: 'the first, which answers nothing and is not counted', sent: [], frame: await beat('next', bytes(0)) },
      { name: 'an answer to the bytes sent last', sent, frame: await beat('next', bytes(8)) },
      { name: 'an answer to the bytes sent before, which crossed on the way', sent, frame: await beat('next', bytes(7)) },
    ],
    refused: [
      { name: 'an answer to older bytes', sent, frame: await beat('next', bytes(6)), code: 'link.heartbeat' },
      { name: 'an answer to nothing, after the first', sent, frame: await beat('next', bytes(0)), code: 'link.heartbeat' },
      { name: 'for the other lane', sent, frame: await beat('urgent', bytes(8)), code: 'link.heartbeat' },
      { name: 'by another centre', sent, frame: await beat('next', bytes(8), us), code: 'checkpoint.origin' },
      {
        name: 'a checkpoint in its place',
        sent,
        frame: frameOf({ header: { kind: 'heartbeat', nonce: '09'.repeat(32) }, attachments: [await first.signed(11)] }),
        code: 'heartbeat.form',
      },
    ],
  });
});

test('receipts.json is what the code makes', () => {
  const parties = ['CN', 'US'];
  const sender = new PaperLog({ origin: cn.list.origin, owner: 'CN', status: 'test', parties, successions: [] });
  const receiver = new PaperLog({ origin: us.list.origin, owner: 'US', status: 'test', parties, successions: [] });
  const fromMs = timeS * 1000;
  for (const index of Array(8).keys())
    sender.file(coreDraft(sender, { format: 'TEST', content: { text: `test ${index}` }, to: 'US' }), fromMs);
  const at = (offsetMs: number) => new Date(fromMs + offsetMs).toISOString();
  const said: { name: string; text: string; judged: string }[] = [];
  const receipt = (name: string, judged: string, content: Partial<CoreContent<'RECEIPT'>>) => {
    const size = content.size ?? 8;
    const whole = { log: sender.origin, from: 0, to: 0, size, root: sender.rootAt(size), receivedAt: at(1000), lane: 'next' };
    const draft = coreDraft(receiver, { format: 'RECEIPT', content: { ...whole, ...content }, to: 'CN' });
    const { known } = receiver.file(draft, fromMs + 2000);
    said.push({ name, text: mustAccept(textOfBytes(known.bytes)), judged });
  };
  receipt('the first range', 'accepted', { to: 3, size: 5 });
  receipt('an urgent leaf', 'accepted', { from: 6, to: 7, size: 8, lane: 'urgent' });
  receipt('a range that leaves a gap', 'receipt.range', { from: 4, to: 5 });
  receipt('a range that overlaps', 'receipt.range', { from: 2, to: 5 });
  receipt('no leaves', 'receipt.range', { from: 3, to: 3 });
  receipt('more than the size', 'receipt.range', { from: 3, to: 6, size: 5 });
  receipt('an urgent receipt of two leaves', 'receipt.range', { from: 4, to: 6, lane: 'urgent' });
  receipt('an urgent leaf a second time', 'receipt.range', { from: 6, to: 7, lane: 'urgent' });
  receipt('an urgent receipt of a leaf that a range covers', 'receipt.range', { from: 1, to: 2, lane: 'urgent' });
  receipt('two minutes after its own filing', 'accepted', { from: 3, to: 5, receivedAt: at(122_000) });
  receipt('more than two minutes after its own filing', 'receipt.time', { from: 5, to: 6, receivedAt: at(122_001) });
  receipt('the log of the receiver itself', 'record.reference', { from: 5, to: 6, log: receiver.origin });
  receipt('a log of another status', 'record.reference', { from: 5, to: 6, log: 'cn.anshin.example/us-cn/actual' });
  receipt('a range over an urgent leaf', 'accepted', { from: 5, to: 7 });
  receipt('a root that the log does not have', 'receipt.root', { from: 7, to: 8, root: sender.rootAt(7) });
  keep('receipts', {
    parties,
    sender: { origin: sender.origin, owner: 'CN', leaves: sender.leaves.map((leaf) => mustAccept(textOfBytes(leaf))) },
    receiver: { origin: receiver.origin, owner: 'US', leaves: said },
    firstReceipts: [0, 0, 0, 9, 9, 13, 1, null],
  });
});

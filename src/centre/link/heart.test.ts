import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { mustAccept } from '#base/refusal.ts';
import { Connection } from '#centre/link/connection.ts';
import { Heart } from '#centre/link/heart.ts';
import { realWorld } from '#centre/world.ts';
import type { Message } from '#exchange/message.ts';
import { signHeartbeat } from '#log/heartbeat.ts';
import { parseNote } from '#log/note.ts';
import { type SampleCentre, sampleCentre } from '#log/sample-centre.ts';
import { emptyRoot } from '#log/tree.ts';

const nowMs = 1_767_600_000_000;

/** A connection whose messages are kept rather than written. */
class KeptConnection extends Connection {
  readonly sent: Message[] = [];
  #sentOne: () => void = () => undefined;

  constructor() {
    super(new TLSSocket(new PassThrough()), { message: () => undefined, closed: () => undefined }, realWorld.turn);
  }

  override send(message: Message): void {
    this.sent.push(message);
    this.#sentOne();
  }

  /** Resolves to a message of a number, from 0 on, once it is sent. */
  async nth(number: number): Promise<Message> {
    while (this.sent.length <= number) {
      await new Promise<void>((resolve) => {
        this.#sentOne = resolve;
      });
    }
    return this.sent[number] ?? assert.fail('it was sent');
  }
}

function heartOf(own: SampleCentre, peer: SampleCentre, first: number): Heart {
  let drawn = first;
  return new Heart({
    peer: peer.keyList.logKeys,
    intervalMs: 3_600_000,
    nowMs: () => nowMs,
    world: { ...realWorld, randomBytes: (length) => new Uint8Array(length).fill((drawn += 1)) },
    sign: async (path, nonce) => {
      const checkpoint = { origin: own.list.origin, size: 0, root: emptyRoot };
      return { ok: true, value: await signHeartbeat({ checkpoint, timeS: nowMs / 1000, path, nonce }, own.log) };
    },
  });
}

function answered({ attachments }: Message): string {
  const note = mustAccept(parseNote(attachments[0] ?? assert.fail('a heartbeat has its note')));
  return Buffer.from(/nonce (.*)\n/.exec(note.text)?.[1] ?? '', 'base64').toString('hex');
}

function nonceOf({ header }: Message): string {
  assert.ok(header.kind === 'heartbeat');
  return header.nonce;
}

async function twoHearts(t: TestContext) {
  const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
  const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
  const [heart, other] = [heartOf(cn, us, 0), heartOf(us, cn, 100)];
  const [wire, otherWire] = [new KeptConnection(), new KeptConnection()];
  t.after(() => [heart, other].forEach((each) => each.stop()));
  heart.opened('next', wire);
  other.opened('next', otherWire);
  return { heart, other, wire, otherWire };
}

const hear = (to: Heart, message: Message) => to.heard('next', nonceOf(message), message.attachments[0]);
const codeOf = (heard: ReturnType<typeof hear>): string => (heard.ok ? 'accepted' : heard.refusal.code);

test('the first heartbeat of a connection answers zeros and is not counted; each later one answers what came last', async (t) => {
  const { heart, other, wire, otherWire } = await twoHearts(t);
  const [first, otherFirst] = [await wire.nth(0), await otherWire.nth(0)];
  assert.equal(answered(first), '00'.repeat(32));
  mustAccept(hear(other, first));
  mustAccept(hear(heart, otherFirst));
  assert.equal(heart.watches.get('next')?.verified, 0);
  const second = await otherWire.nth(1);
  assert.equal(answered(second), nonceOf(first));
  mustAccept(hear(heart, second));
  assert.equal(heart.watches.get('next')?.verified, 1);
});

test('zeros are passed over until ours were answered once, and count for nothing; from then on they are a repetition', async (t) => {
  const { heart, other, wire, otherWire } = await twoHearts(t);
  const [first, zeros] = [await wire.nth(0), await otherWire.nth(0)];
  mustAccept(hear(heart, zeros));
  mustAccept(hear(heart, zeros));
  assert.equal(heart.watches.get('next')?.verified, 0);
  assert.equal(codeOf(hear(heart, { ...zeros, attachments: [] })), 'link.heartbeat');
  mustAccept(hear(other, first));
  mustAccept(hear(heart, await otherWire.nth(1)));
  assert.equal(codeOf(hear(heart, zeros)), 'link.heartbeat');
  assert.equal(heart.watches.get('next')?.verified, 1);
});

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { addressOf } from '#centre/config.ts';
import { certificateOf } from '#centre/link/certificate.ts';
import type { MessageHeader } from '#exchange/message.ts';
import { Caller, type CallOptions, call } from './caller.ts';
import { alarmsOf, fileTest, isReceipted } from './concord.ts';
import { identityOf } from './courier.ts';
import { PairOfCentres, until } from './pair-of-centres.ts';

const strangers = 80;

async function stranger(): Promise<NonNullable<CallOptions['identity']>> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' });
  return { key, cert: certificateOf(key, 'cn.anshin.example') };
}

async function usAlone(t: { after: (end: () => Promise<void>) => void }) {
  const pair = await PairOfCentres.make({ status: 'test', heartbeatSeconds: 1 });
  t.after(() => pair.remove());
  const { centre, linkAddress = '' } = await pair.start('US');
  return { pair, us: centre, alarms: alarmsOf(centre), address: linkAddress, peer: await identityOf(pair, 'CN') };
}

test('whoever does not prove the pinned key is cut off before a byte is read or said', async (t) => {
  const { alarms, address } = await usAlone(t);
  for (const identity of [undefined, await stranger()]) {
    const socket = await call({ address, identity });
    const said: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => said.push(chunk));
    await once(socket, 'close');
    assert.deepEqual(said, []);
  }
  await until('the alarms', () => alarms.length === 2);
  assert.deepEqual(alarms, ['link.peer', 'link.peer']);
});

test('the pinned key with a lesser key exchange, or with another protocol, is refused in the handshake', async (t) => {
  const { us, alarms, address, peer } = await usAlone(t);
  for (const lesser of ['X25519', 'P-256', 'secp384r1']) {
    await assert.rejects(call({ address, identity: peer, group: lesser }), lesser);
  }
  await assert.rejects(call({ address, identity: peer, protocols: ['http/1.1'] }));
  await assert.rejects(call({ address, identity: peer, protocols: ['anshin-next/2'] }));
  await until('the alarms', () => alarms.length === 5);
  assert.deepEqual(new Set(alarms), new Set(['link.peer']));
  assert.ok(us.linkState().paths.every(({ connected }) => !connected));
  const good = await Caller.call({ address, identity: peer });
  assert.equal((await good.hear('hello')).header.kind, 'hello');
  good.close();
});

test('half-open strangers, however many, neither lock the other side out nor push it out once it is in', async (t) => {
  const { pair, us, alarms, address } = await usAlone(t);
  const crowd: Socket[] = [];
  t.after(() => crowd.forEach((socket) => socket.destroy()));
  const gather = async (localAddress: string): Promise<void> => {
    for (let number = 0; number < strangers; number += 1) {
      const socket = connect({ ...addressOf(address), localAddress });
      socket.on('error', () => socket.destroy());
      crowd.push(socket);
      await once(socket, 'connect');
    }
  };
  await gather('127.0.0.2');
  const cn = (await pair.start('CN')).centre;
  await until('the line is open', () => cn.linkState().line === 'open' && us.linkState().line === 'open');
  await until('both lanes', () => cn.linkState().paths.every(({ connected }) => connected));
  let lost = 0;
  cn.listen((news) => news.kind === 'link' && !news.connected && (lost += 1));
  await gather('127.0.0.2');
  await gather('127.0.0.1');
  const filed = await fileTest(cn, 'through the crowd', 'Z');
  await until('the receipt', () => isReceipted(cn, filed));
  assert.equal(lost, 0, 'who was let in is no stranger');
  assert.ok(alarms.length <= 10, `an alarm for each stranger would be heard by nobody: ${alarms.length}`);
});

test('the right key with another name, origin or lane, out of turn, or twice, is cut off', async (t) => {
  const { pair, alarms, address, peer } = await usAlone(t);
  const origin = 'cn.anshin.example/us-cn/test';
  const hello: MessageHeader = { kind: 'hello', protocol: 1, centre: 'CN', origin, lane: 'next', held: 0, urgentHeld: [] };
  const wrong: readonly (readonly [MessageHeader, string])[] = [
    [{ ...hello, centre: 'FR' }, 'link.peer'],
    [{ ...hello, centre: 'US' }, 'link.peer'],
    [{ ...hello, origin: 'cn.anshin.example/us-cn/actual' }, 'link.peer'],
    [{ ...hello, origin: 'us.anshin.example/us-cn/test' }, 'link.peer'],
    [{ ...hello, lane: 'urgent' }, 'link.peer'],
    [{ kind: 'held', held: 0, again: true }, 'link.message'],
    [{ kind: 'give', from: 0 }, 'link.message'],
  ];
  for (const [header, code] of wrong) {
    const caller = await Caller.call({ address, identity: peer });
    caller.say(header);
    await caller.closed();
    await until(`an alarm ${code}`, () => alarms.length > 0);
    assert.deepEqual(alarms.splice(0), [code], JSON.stringify(header));
  }
  const twice = await Caller.call({ address, identity: peer });
  twice.say(hello);
  await twice.hear('heartbeat');
  assert.equal(twice.isClosed, false);
  twice.say(hello);
  await twice.closed();
  assert.deepEqual(alarms.splice(0), ['link.message']);
  const cn = (await pair.start('CN')).centre;
  await until('the line is open', () => cn.linkState().line === 'open');
});

test('bytes that are no frame close the connection, in whatever pieces they come', async (t) => {
  const { alarms, address, peer } = await usAlone(t);
  const body = new TextEncoder().encode('no frame');
  const endless = Uint8Array.of(0x7f, 0xff, 0xff, 0xff);
  for (const [bytes, code] of [
    [endless, 'link.frame'],
    [Uint8Array.of(0, 0, 0, 8, ...body), 'link.frame'],
    [Uint8Array.of(0, 0, 0, 12, 0, 0, 0, 8, ...body), 'record.json'],
    [Uint8Array.of(0, 0, 0, 0), 'link.frame'],
  ] as const) {
    const socket = await call({ address, identity: peer });
    for (const byte of bytes) socket.write(Uint8Array.of(byte));
    socket.resume();
    await once(socket, 'close');
    await until('the alarm', () => alarms.length > 0);
    assert.deepEqual(alarms.splice(0), [code]);
  }
});

test('a large frame in very many small pieces is taken like any other', async (t) => {
  const { us, alarms, address, peer } = await usAlone(t);
  const socket = await call({ address, identity: peer });
  socket.resume();
  const length = 2_000_000;
  const frame = new Uint8Array(length);
  new DataView(frame.buffer).setUint32(0, length - 4);
  for (let at = 0; at < length && !socket.destroyed; at += 16) {
    if (!socket.write(frame.subarray(at, at + 16))) await once(socket, 'drain');
  }
  await once(socket, 'close');
  await until('the alarm', () => alarms.length > 0);
  assert.deepEqual(alarms, ['link.frame']);
  assert.equal(us.linkState().theirs.held, 0);
});

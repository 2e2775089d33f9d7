import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Refusal, refuse } from '#base/refusal.ts';
import { admittedNetworksMax, type Stranger, Strangers, strangersMax, turnedAwayPerMinuteMax } from '#centre/link/strangers.ts';

class Visitor implements Stranger {
  readonly remoteAddress: string;
  readonly remotePort: number;
  gone = false;
  #leave: () => void = () => undefined;

  constructor(remoteAddress: string, remotePort: number) {
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  once(_event: 'close', handler: () => void): void {
    this.#leave = handler;
  }

  destroy(): void {
    this.gone = true;
    this.#leave();
  }
}

function crowd(strangers: Strangers, address: string, ports: readonly number[]): readonly Visitor[] {
  const visitors = ports.map((port) => new Visitor(address, port));
  for (const visitor of visitors) strangers.enter(visitor);
  return visitors;
}

const nobody = (): void => assert.fail('nobody was turned away');
const ports = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, offset) => from + offset);

test('a crowd from one address pushes out its own oldest, and nobody from another address', () => {
  const strangers = new Strangers(nobody, strangersMax);
  const [peer] = crowd(strangers, '192.0.2.1', [1]);
  const visitors = crowd(strangers, '192.0.2.2', ports(1, strangersMax + 5));
  assert.equal(peer?.gone, false);
  assert.deepEqual(
    visitors.map(({ gone }) => gone),
    visitors.map((_, position) => position < 6),
  );
});

test('many networks together push out nobody who comes from where the other side was admitted before', () => {
  const strangers = new Strangers(nobody, strangersMax);
  const [before] = crowd(strangers, '192.0.2.1', [1]);
  strangers.admitted(before ?? assert.fail('it came in'));
  before?.destroy();
  const [again] = crowd(strangers, '192.0.2.1', [2]);
  const others = Array.from({ length: 3 * strangersMax }, (_, number) => crowd(strangers, `198.51.100.${number}`, [1])).flat();
  assert.equal(again?.gone, false);
  assert.equal(others.filter(({ gone }) => !gone).length, strangersMax - 1);
});

test('a crowd from the network of the other side keeps nobody else out, and is itself bounded', () => {
  const strangers = new Strangers(nobody, strangersMax);
  strangers.admitted(new Visitor('192.0.2.1', 1));
  const near = crowd(strangers, '192.0.2.1', ports(2, 2 * strangersMax));
  assert.deepEqual(
    near.map(({ gone }) => gone),
    near.map((_, position) => position < strangersMax),
  );
});

test('so many networks are remembered; the one that was admitted longest ago is forgotten first', () => {
  const strangers = new Strangers(nobody, strangersMax);
  const networks = Array.from({ length: admittedNetworksMax + 1 }, (_, number) => `192.0.2.${number}`);
  for (const network of networks) strangers.admitted(new Visitor(network, 1));
  const [forgotten, kept] = networks.slice(0, 2).flatMap((network) => crowd(strangers, network, [2]));
  Array.from({ length: strangersMax }, (_, number) => crowd(strangers, `198.51.100.${number}`, [1]));
  assert.deepEqual([forgotten?.gone, kept?.gone], [true, false]);
});

test('addresses of one /64 are one network, however they are written; those of another are not', () => {
  const strangers = new Strangers(nobody, strangersMax);
  const [peer] = crowd(strangers, '2001:db8:0:2::1', [1]);
  const hosts = Array.from({ length: strangersMax }, (_, number) => `2001:db8::1:0:0:${(number + 1).toString(16)}`);
  const near = hosts.flatMap((host, number) => crowd(strangers, number % 2 === 0 ? host : host.replace('::', ':0:0:'), [1]));
  assert.equal(peer?.gone, false);
  assert.deepEqual(
    near.map(({ gone }) => gone),
    near.map((_, position) => position === 0),
  );
});

test('whoever is admitted is no stranger, and whoever left makes room', () => {
  const strangers = new Strangers(nobody, strangersMax);
  const [peer] = crowd(strangers, '192.0.2.1', [1]);
  strangers.admitted(peer ?? assert.fail('it came in'));
  const first = crowd(strangers, '192.0.2.1', ports(2, strangersMax));
  first[0]?.destroy();
  crowd(strangers, '192.0.2.1', [1000]);
  assert.deepEqual([peer?.gone, first[1]?.gone], [false, false]);
  strangers.dismiss();
  assert.deepEqual([peer?.gone, first[1]?.gone], [false, true]);
});

test('so many are shown in a minute, the last of them with the word that more follow; then the next minute begins', () => {
  const shown: Refusal[] = [];
  const strangers = new Strangers((refusal) => shown.push(refusal), strangersMax);
  const refused = refuse('link.peer', 'a stranger');
  for (let number = 0; number < 50; number += 1) strangers.turnedAway(refused.refusal, 1_000 + number);
  assert.equal(shown.length, turnedAwayPerMinuteMax);
  assert.match(shown.at(-1)?.detail ?? '', /more in this minute/);
  strangers.turnedAway(refused.refusal, 61_000);
  assert.deepEqual(shown.at(-1), refused.refusal);
});

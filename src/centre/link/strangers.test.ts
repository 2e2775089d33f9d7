import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Refusal, refuse } from '#base/refusal.ts';
import { type Stranger, Strangers, strangersMax, turnedAwayPerMinuteMax } from '#centre/link/strangers.ts';

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
  const strangers = new Strangers(nobody);
  const [peer] = crowd(strangers, '192.0.2.1', [1]);
  const visitors = crowd(strangers, '192.0.2.2', ports(1, strangersMax + 5));
  assert.equal(peer?.gone, false);
  assert.deepEqual(
    visitors.map(({ gone }) => gone),
    visitors.map((_, position) => position < 6),
  );
});

test('whoever is admitted is no stranger, and whoever left makes room', () => {
  const strangers = new Strangers(nobody);
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
  const strangers = new Strangers((refusal) => shown.push(refusal));
  const refused = refuse('link.peer', 'a stranger');
  for (let number = 0; number < 50; number += 1) strangers.turnedAway(refused.refusal, 1_000 + number);
  assert.equal(shown.length, turnedAwayPerMinuteMax);
  assert.match(shown.at(-1)?.detail ?? '', /more in this minute/);
  strangers.turnedAway(refused.refusal, 61_000);
  assert.deepEqual(shown.at(-1), refused.refusal);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { type Following, followNext, followUrgent, type NextDelivery, type UrgentDelivery } from '#exchange/follow.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { sampleCentre } from '#log/sample-centre.ts';
import {
  append,
  consistencyProof,
  emptyFrontier,
  frontierAt,
  hashLeaf,
  inclusionProof,
  type NodeReader,
  rootAt,
} from '#log/tree.ts';

const size = 90;
const held = 37;
const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const leaves = Array.from({ length: size }, (_, index) => bytesOfText(`leaf ${index}`));
const nodes = new Map(
  append(emptyFrontier, leaves.map(hashLeaf)).nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]),
);
const read: NodeReader = (level, index) => nodes.get(`${level}/${index}`) ?? assert.fail('a node of the tree');
const note = (at: number): Promise<Uint8Array> =>
  signCheckpoint({ origin: cn.list.origin, size: at, root: rootAt(at, read) }, 1_767_600_000, cn.log);
const checkpoint = await note(size);
const following: Following = {
  log: cn.keyList.logKeys,
  frontier: frontierAt(held, read),
  ahead: [],
  urgent: new Map(),
  anchored: null,
};

const nextDelivery: NextDelivery = {
  from: held,
  leaves: leaves.slice(held, 60),
  checkpoint,
  proof: consistencyProof(60, size, read),
};
const urgentDelivery: UrgentDelivery = {
  index: 70,
  leaf: leaves[70] ?? assert.fail('a leaf'),
  inclusion: inclusionProof(70, size, read),
  base: held,
  consistency: consistencyProof(held, size, read),
  checkpoint,
};

/** Another value in place of one part. */
const changedBytes = (bytes: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc
      .tuple(fc.nat(bytes.length - 1), fc.nat(7))
      .map(([at, bit]) => bytes.map((byte, place) => (place === at ? byte ^ (1 << bit) : byte))),
    fc.nat(bytes.length - 1).map((end) => bytes.slice(0, end)),
    fc.uint8Array({ minLength: 1, maxLength: 40 }).map((more) => Uint8Array.of(...bytes, ...more)),
  );
const changedList = (list: readonly Uint8Array[]): fc.Arbitrary<readonly Uint8Array[]> =>
  fc.nat(list.length - 1).chain((at) =>
    fc.oneof(
      changedBytes(list[at] ?? new Uint8Array()).map((bytes) => list.with(at, bytes)),
      fc.constant(list.toSpliced(at, 1)),
      fc.constant(list.toSpliced(at, 0, list[at] ?? new Uint8Array())),
      fc.constant(list.toSpliced(at, 0, new Uint8Array(32))),
      fc.constant(list.with(at, list[(at + 1) % list.length] ?? new Uint8Array())),
    ),
  );

function assertRefusedUnchanged<T>(delivery: T, follow: (following: Following, delivery: T) => Result<unknown>): void {
  const before = structuredClone({ frontier: following.frontier, ahead: following.ahead, urgent: following.urgent });
  assert.equal(follow(following, delivery).ok, false);
  assert.deepEqual({ frontier: following.frontier, ahead: following.ahead, urgent: following.urgent }, before);
}

test('the deliveries that are changed below are good ones', () => {
  mustAccept(followNext(following, nextDelivery));
  mustAccept(followUrgent(following, urgentDelivery, read));
});

test('leaves in order with anything changed are refused, and nothing is changed by them', () => {
  const changes = fc.oneof(
    changedBytes(checkpoint).map((changed) => ({ ...nextDelivery, checkpoint: changed })),
    changedList(nextDelivery.leaves).map((changed) => ({ ...nextDelivery, leaves: changed })),
    changedList(nextDelivery.proof).map((changed) => ({ ...nextDelivery, proof: changed })),
    fc.integer({ min: 1, max: 22 }).map((less) => ({ ...nextDelivery, from: held - less })),
  );
  fc.assert(
    fc.property(changes, (delivery) => assertRefusedUnchanged(delivery, followNext)),
    { numRuns: 300 },
  );
});

test('an urgent leaf with anything changed is refused, and nothing is changed by it', () => {
  const changes = fc.oneof(
    changedBytes(checkpoint).map((changed) => ({ ...urgentDelivery, checkpoint: changed })),
    changedBytes(urgentDelivery.leaf).map((changed) => ({ ...urgentDelivery, leaf: changed })),
    changedList(urgentDelivery.inclusion).map((changed) => ({ ...urgentDelivery, inclusion: changed })),
    changedList(urgentDelivery.consistency).map((changed) => ({ ...urgentDelivery, consistency: changed })),
    fc
      .nat(2 ** 31)
      .filter((index) => index !== 70)
      .map((index) => ({ ...urgentDelivery, index })),
    fc
      .nat(2 ** 31)
      .filter((base) => base !== held)
      .map((base) => ({ ...urgentDelivery, base })),
  );
  fc.assert(
    fc.property(changes, (delivery) => assertRefusedUnchanged(delivery, (state, changed) => followUrgent(state, changed, read))),
    {
      numRuns: 300,
    },
  );
});

test('a checkpoint of another log, or under other keys, is refused', async () => {
  const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 2 });
  const thief = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 3 });
  for (const { list, log } of [us, thief]) {
    const other = await signCheckpoint({ origin: list.origin, size, root: rootAt(size, read) }, 1_767_600_000, log);
    assertRefusedUnchanged({ ...nextDelivery, checkpoint: other }, followNext);
    assertRefusedUnchanged({ ...urgentDelivery, checkpoint: other }, (state, delivery) => followUrgent(state, delivery, read));
  }
});

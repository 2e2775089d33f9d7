import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { type Following, followNext, followUrgent, verifyApart } from '#exchange/follow.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { sampleCentre } from '#log/sample-centre.ts';
import { append, consistencyProof, emptyFrontier, hashLeaf, inclusionProof, type NodeReader, rootAt } from '#log/tree.ts';

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const leaves = Array.from({ length: 300 }, (_, index) => bytesOfText(`leaf ${index}`));
const nodes = new Map(
  append(emptyFrontier, leaves.map(hashLeaf)).nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]),
);
const read: NodeReader = (level, index) => nodes.get(`${level}/${index}`) ?? assert.fail('a node of the tree');
const checkpoint = await signCheckpoint({ origin: cn.list.origin, size: 300, root: rootAt(300, read) }, 1_767_600_000, cn.log);
const nothing: Following = { log: cn.keyList.logKeys, frontier: emptyFrontier, ahead: [], urgent: new Map(), anchored: null };

function urgentLeaf(index: number) {
  const leaf = leaves[index] ?? assert.fail('a leaf of the log');
  return { index, leaf, inclusion: inclusionProof(index, 300, read), base: 0, consistency: [], checkpoint };
}

function withUrgent(count: number): Following {
  let following = nothing;
  for (let index = 299; index >= 300 - count; index -= 1)
    following = mustAccept(followUrgent(following, urgentLeaf(index), read)).following;
  return following;
}

test('256 urgent leaves may wait for those before them, and no more', () => {
  const full = withUrgent(256);
  const refused = followUrgent(full, urgentLeaf(0), read);
  assert.equal(refused.ok ? 'accepted' : refused.refusal.code, 'link.range');
});

test('leaves in order take the urgent ones among them off what waits, whatever the stretches', () => {
  let following = withUrgent(3);
  for (const [from, to] of [
    [0, 100],
    [100, 298],
    [298, 300],
  ] as const) {
    const delivery = { from, leaves: leaves.slice(from, to), checkpoint, proof: consistencyProof(to, 300, read) };
    following = mustAccept(followNext(following, delivery)).following;
    assert.deepEqual(
      [...following.urgent.keys()].toReversed(),
      [297, 298, 299].filter((index) => index >= to),
    );
  }
  assert.deepEqual(following.ahead, []);
});

test('a leaf apart needs its owner’s signature and its inclusion, and no history', () => {
  assert.equal(verifyApart(cn.keyList.logKeys, urgentLeaf(7)).ok, true);
  assert.equal(verifyApart(cn.keyList.logKeys, { ...urgentLeaf(7), index: 8 }).ok, false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText } from '#base/bytes.ts';
import {
  append,
  consistencyNodes,
  consistencyProof,
  emptyFrontier,
  emptyRoot,
  type Frontier,
  frontierAt,
  hashLeaf,
  hashNode,
  inclusionProof,
  type NodeReader,
  rootAt,
  rootOf,
  rootsOfNodes,
  verifyConsistency,
  verifyInclusion,
} from '#log/tree.ts';

const leafHashes = Array.from({ length: 300 }, (_, index) => hashLeaf(bytesOfText(`leaf ${index}`)));

/** MTH of RFC 6962, 2.1, word for word: what the code is measured against. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return emptyRoot;
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hashNode(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

const read: NodeReader = (level, index) => treeHash(leafHashes.slice(index * 2 ** level, (index + 1) * 2 ** level));

function grown(sizes: readonly number[]): Frontier {
  let frontier = emptyFrontier;
  for (const size of sizes) frontier = append(frontier, leafHashes.slice(frontier.size, frontier.size + size)).frontier;
  return frontier;
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const position = Math.floor(bit / 8) % bytes.length;
  return bytes.with(position, (bytes[position] ?? 0) ^ (1 << (bit % 8)));
}

/** Each way in which one proof can be changed: a bit of a hash, a hash left out, doubled, exchanged or added. */
function changesOf(proof: readonly Uint8Array[], bit: number): readonly (readonly Uint8Array[])[] {
  const changed: (readonly Uint8Array[])[] = [
    [...proof, emptyRoot],
    [emptyRoot, ...proof],
  ];
  for (const [position, hash] of proof.entries()) {
    changed.push(proof.with(position, flipped(hash, bit)), proof.toSpliced(position, 1), proof.toSpliced(position, 0, hash));
    if (position > 0) changed.push(proof.with(position, proof[position - 1] ?? hash).with(position - 1, hash));
    changed.push(proof.with(position, hash.subarray(1)));
  }
  return changed;
}

test('the empty tree has the root of RFC 6962', () => {
  assert.equal(emptyRoot.toHex(), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.deepEqual(rootOf(emptyFrontier), emptyRoot);
  assert.deepEqual(rootAt(0, read), emptyRoot);
});

test('appending in any portions gives the tree hash of RFC 6962', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 6 }), (sizes) => {
      const frontier = grown(sizes);
      const expected = treeHash(leafHashes.slice(0, frontier.size));
      assert.deepEqual(rootOf(frontier).toHex(), expected.toHex());
      assert.equal(rootAt(frontier.size, read).toHex(), expected.toHex());
      assert.deepEqual(
        frontierAt(frontier.size, read).nodes.map((node) => node.toHex()),
        frontier.nodes.map((node) => node.toHex()),
      );
    }),
  );
});

test('an append names each completed subtree once, children before parents', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(60), (before, added) => {
      const start = grown([before]);
      const { nodes } = append(start, leafHashes.slice(before, before + added));
      const expected = [];
      for (let level = 0; 2 ** level <= before + added; level += 1) {
        for (let index = Math.floor(before / 2 ** level); (index + 1) * 2 ** level <= before + added; index += 1) {
          expected.push(`${level}/${index}/${read(level, index).toHex()}`);
        }
      }
      const named = nodes.map(({ level, index, hash }) => `${level}/${index}/${hash.toHex()}`);
      assert.deepEqual(named.toSorted(), expected.toSorted());
      const seen = new Set<string>();
      for (const { level, index } of nodes) {
        if (level > 0) assert.ok(index * 2 ** level < before || seen.has(`${level - 1}/${index * 2}`));
        if (level > 0) assert.ok(seen.has(`${level - 1}/${index * 2 + 1}`));
        seen.add(`${level}/${index}`);
      }
    }),
  );
});

test('every inclusion proof verifies, and none does when proof, leaf, root or index is changed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), (size, place, bit) => {
      const index = place % size;
      const leafHash = leafHashes[index] ?? emptyRoot;
      const proof = inclusionProof(index, size, read);
      const claim = { index, size, root: rootAt(size, read), leafHash, proof };
      assert.deepEqual(verifyInclusion(claim), { ok: true, value: undefined });
      const wrong = [
        ...changesOf(proof, bit).map((changed) => ({ ...claim, proof: changed })),
        { ...claim, leafHash: flipped(leafHash, bit) },
        { ...claim, leafHash: leafHash.subarray(1) },
        { ...claim, root: flipped(claim.root, bit) },
        { ...claim, root: new Uint8Array() },
        ...[index - 1, index + 1, index ^ 2, size, -1, 0.5, Number.NaN]
          .filter((each) => each !== index)
          .map((each) => ({ ...claim, index: each })),
        ...[index, size * 2, Math.floor(size / 2), -1, 2 ** 53]
          .filter((each) => each !== size)
          .map((each) => ({ ...claim, size: each })),
      ];
      for (const each of wrong) {
        const verdict = verifyInclusion(each);
        assert.equal(verdict.ok ? 'accepted' : verdict.refusal.code, 'proof.inclusion');
      }
    }),
  );
});

test('every consistency proof verifies, and none does when proof or a root is changed', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.nat(), (a, b, bit) => {
      const [from, to] = a <= b ? [a, b] : [b, a];
      const proof = consistencyProof(from, to, read);
      const claim = { from, fromRoot: rootAt(from, read), to, toRoot: rootAt(to, read), proof };
      assert.deepEqual(verifyConsistency(claim), { ok: true, value: undefined });
      const wrong = [
        ...changesOf(proof, bit).map((changed) => ({ ...claim, proof: changed })),
        { ...claim, fromRoot: flipped(claim.fromRoot, bit) },
        ...(from === 0 && to > 0 ? [] : [{ ...claim, toRoot: flipped(claim.toRoot, bit) }]),
        { ...claim, toRoot: claim.toRoot.subarray(1) },
        ...[to + 1, -1, 1.5].map((each) => ({ ...claim, from: each })),
        { ...claim, to: 2 ** 53 },
      ];
      for (const each of wrong) {
        const verdict = verifyConsistency(each);
        assert.equal(verdict.ok ? 'accepted' : verdict.refusal.code, 'proof.consistency');
      }
    }),
  );
});

test('the nodes of a consistency proof give both roots by themselves', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), (to, place) => {
      const from = 1 + (place % (to - 1));
      const nodes = consistencyNodes(from, to, read);
      assert.deepEqual(rootsOfNodes(from, to, nodes), { fromRoot: rootAt(from, read), toRoot: rootAt(to, read) });
      assert.equal(rootsOfNodes(from, to, [...nodes, emptyRoot]), undefined);
      assert.equal(rootsOfNodes(from, to, nodes.slice(1, -1)), undefined);
      assert.equal(rootsOfNodes(from, to, []), undefined);
    }),
  );
});

test('a proof holds in trees of up to 2^53 - 1 leaves', () => {
  // All leaves are equal, so a subtree's hash depends on its level alone.
  const levels = [hashLeaf(new Uint8Array())];
  const readEqual: NodeReader = (level) => {
    while (levels.length <= level) levels.push(hashNode(levels.at(-1) ?? emptyRoot, levels.at(-1) ?? emptyRoot));
    return levels[level] ?? emptyRoot;
  };
  const size = fc.integer({ min: 2 ** 31, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(size, size, (a, b) => {
      const [from, to] = a <= b ? [a, b] : [b, a];
      const toRoot = rootAt(to, readEqual);
      const inclusion = {
        index: from - 1,
        size: to,
        root: toRoot,
        leafHash: readEqual(0, 0),
        proof: inclusionProof(from - 1, to, readEqual),
      };
      assert.equal(verifyInclusion(inclusion).ok, true);
      assert.equal(verifyInclusion({ ...inclusion, proof: inclusion.proof.slice(1) }).ok, false);
      const consistency = { from, fromRoot: rootAt(from, readEqual), to, toRoot, proof: consistencyProof(from, to, readEqual) };
      assert.equal(verifyConsistency(consistency).ok, true);
    }),
  );
});

test('a proof longer than any tree needs is refused before it is hashed', () => {
  const proof = Array.from({ length: 105 }, () => emptyRoot);
  const inclusion = verifyInclusion({ index: 0, size: 2, root: emptyRoot, leafHash: emptyRoot, proof });
  assert.match(inclusion.ok ? '' : inclusion.refusal.detail, /too long/);
  const consistency = verifyConsistency({ from: 1, fromRoot: emptyRoot, to: 2, toRoot: emptyRoot, proof });
  assert.match(consistency.ok ? '' : consistency.refusal.detail, /too long/);
});

test('a bug in our own code is an assertion', () => {
  assert.throws(() => inclusionProof(3, 3, read), /assertion/);
  assert.throws(() => consistencyProof(4, 3, read), /assertion/);
  assert.throws(() => consistencyNodes(0, 3, read), /assertion/);
  assert.throws(() => rootAt(-1, read), /assertion/);
  assert.throws(() => append({ size: Number.MAX_SAFE_INTEGER, nodes: [] }, [emptyRoot]), /assertion/);
  assert.throws(() => append({ size: 1, nodes: [] }, [emptyRoot]), /assertion/);
});

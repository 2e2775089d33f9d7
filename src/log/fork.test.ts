import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText, concatBytes, textOfBytes } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { type ForkEvidence, forkEvidence, formatFork, parseFork, verifyFork } from '#log/fork.ts';
import { type VerifiedCheckpoint, verifyCheckpoint } from '#log/policy.ts';
import { sampleCentre } from '#log/sample-centre.ts';
import { append, emptyFrontier, emptyRoot, hashLeaf, type NodeReader, rootAt } from '#log/tree.ts';

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const { logKeys } = cn.keyList;

/** A history of 20 leaves that parts from the first at leaf `parting`. */
function history(parting: number): NodeReader {
  const leaves = Array.from({ length: 20 }, (_, index) =>
    hashLeaf(bytesOfText(index < parting ? `leaf ${index}` : `other ${index}`)),
  );
  const { nodes } = append(emptyFrontier, leaves);
  const byPlace = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  return (level, index) => byPlace.get(`${level}/${index}`) ?? emptyRoot;
}

const first = history(20);
const second = history(7);

async function checkpointOf(size: number, read: NodeReader): Promise<VerifiedCheckpoint> {
  const note = await signCheckpoint({ origin: cn.list.origin, size, root: rootAt(size, read) }, 1_767_600_000 + size, cn.log);
  return mustAccept(verifyCheckpoint(note, logKeys));
}

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

test('two histories convict when the smaller checkpoint lies beyond the parting, and never before it', async () => {
  for (let from = 0; from <= 20; from += 1) {
    for (const to of [from, 16, 20]) {
      if (to < from) continue;
      const evidence = forkEvidence(await checkpointOf(from, first), await checkpointOf(to, second), second);
      const fork = verifyFork(evidence, logKeys);
      assert.equal(codeOf(fork), from > 7 ? 'accepted' : 'log.fork-not-shown', `${from} to ${to}`);
      if (fork.ok) assert.equal(fork.value.rootInLarger.toHex(), rootAt(from, second).toHex());
    }
  }
});

test('evidence comes back from its bytes and can be verified by anyone who has the keys', async () => {
  const evidence = forkEvidence(await checkpointOf(10, first), await checkpointOf(20, second), second);
  const bytes = formatFork(evidence);
  assert.deepEqual(formatFork(mustAccept(parseFork(bytes))), bytes);
  const same: ForkEvidence = forkEvidence(await checkpointOf(10, first), await checkpointOf(10, second), second);
  assert.deepEqual(same.nodes, []);
  const parsed = mustAccept(parseFork(formatFork(same)));
  const fork = mustAccept(verifyFork(parsed, logKeys));
  assert.deepEqual([fork.origin, fork.smaller.size, fork.larger.size], [cn.list.origin, 10, 10]);
});

test('honest checkpoints never convict, whatever the nodes', async () => {
  const [smaller, larger] = [await checkpointOf(10, first), await checkpointOf(20, first)];
  const evidence = forkEvidence(smaller, larger, first);
  assert.equal(codeOf(verifyFork(evidence, logKeys)), 'log.fork-not-shown');
  fc.assert(
    fc.property(fc.nat(evidence.nodes.length - 1), fc.uint8Array({ minLength: 32, maxLength: 32 }), (position, hash) => {
      const nodes = evidence.nodes.with(position, hash);
      assert.equal(codeOf(verifyFork({ ...evidence, nodes }, logKeys)), 'log.fork-not-shown');
    }),
  );
  assert.equal(codeOf(verifyFork({ ...evidence, nodes: [] }, logKeys)), 'log.fork-not-shown');
  assert.equal(codeOf(verifyFork({ ...evidence, nodes: [...evidence.nodes, emptyRoot] }, logKeys)), 'log.fork-not-shown');
  assert.equal(
    codeOf(verifyFork({ smaller: evidence.larger, larger: evidence.smaller, nodes: [] }, logKeys)),
    'log.fork-not-shown',
  );
  const same = { smaller: evidence.smaller, larger: evidence.smaller, nodes: [] };
  assert.equal(codeOf(verifyFork(same, logKeys)), 'log.fork-not-shown');
});

test('nodes cut elsewhere hash to the same root and yet convict nobody', async () => {
  const evidence = forkEvidence(await checkpointOf(8, first), await checkpointOf(16, first), first);
  const [left, right] = evidence.nodes;
  assert.ok(left !== undefined && right !== undefined);
  const joined = concatBytes(left, right);
  for (const cut of [0, 31, 33, 64]) {
    const nodes = [joined.subarray(0, cut), joined.subarray(cut)];
    assert.equal(codeOf(verifyFork({ ...evidence, nodes }, logKeys)), 'log.fork-not-shown');
  }
});

test('evidence with a checkpoint that the owner did not sign is refused', async () => {
  const evidence = forkEvidence(await checkpointOf(10, first), await checkpointOf(20, second), second);
  for (const side of ['smaller', 'larger'] as const) {
    const text = mustAccept(textOfBytes(evidence[side])).replace(/\n(1|2)0\n/, '\n19\n');
    assert.equal(codeOf(verifyFork({ ...evidence, [side]: bytesOfText(text) }, logKeys)), 'note.signature');
  }
  const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
  assert.equal(codeOf(verifyFork(evidence, us.keyList.logKeys)), 'checkpoint.origin');
});

test('what is not evidence is refused by its form', async () => {
  const evidence = mustAccept(
    textOfBytes(formatFork(forkEvidence(await checkpointOf(10, first), await checkpointOf(20, second), second))),
  );
  const wrong: readonly (readonly [string, string])[] = [
    ['', 'proof.form'],
    [evidence.replace('anshin-fork/1', 'anshin-fork/2'), 'proof.form'],
    [evidence.replace('anshin-fork/1\n', 'anshin-fork/1\nAAAA\n'), 'proof.form'],
    [evidence.replace('anshin-fork/1\n', 'anshin-fork/1\n?\n'), 'bytes.base64'],
    [`${evidence}\n`, 'proof.form'],
    [evidence.slice(0, -1), 'note.form'],
    [`${evidence}\nmore\n\n`, 'proof.form'],
    [evidence.slice(0, evidence.lastIndexOf('\n\n')), 'proof.form'],
    ['x'.repeat(1_048_577), 'proof.form'],
  ];
  for (const [text, code] of wrong) assert.equal(codeOf(parseFork(bytesOfText(text))), code, text.slice(0, 60));
  assert.equal(codeOf(parseFork(Uint8Array.of(0xff))), 'text.utf8');
});

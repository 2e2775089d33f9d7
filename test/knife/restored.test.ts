import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { pathsOf } from '#centre/config.ts';
import { readKeyLists } from '#centre/key-lists.ts';
import { openCentre } from '#centre/open-centre.ts';
import { recover } from '#centre/recover.ts';
import { forkEvidence, verifyFork } from '#log/fork.ts';
import { verifyCheckpoint } from '#log/policy.ts';
import { parseProof } from '#log/proof.ts';
import { append, emptyFrontier, hashLeaf, type NodeReader } from '#log/tree.ts';
import { alarmsOf, assertConcord, fileTest, testDraft, untilQuiet } from '#test/federation/concord.ts';
import { PairOfCentres, type Party, until } from '#test/federation/pair-of-centres.ts';

// One side restored while the other answers: test/federation/going-back.test.ts. Here the other cannot tell.

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

/** Two centres that have exchanged something and are stopped; each has been copied as a machine is copied, anchor and all. */
async function copiedPair(): Promise<PairOfCentres> {
  const pair = await PairOfCentres.make({ status: 'test', askSeconds: 1 });
  const { cn, us } = await pair.startBoth();
  await fileTest(us, 'before');
  await fileTest(cn, 'before');
  await untilQuiet(cn, us);
  for (const party of ['CN', 'US'] as const) {
    await pair.stop(party);
    await cp(pair.directory(party), copyOf(pair, party), { recursive: true });
  }
  return pair;
}

function copyOf(pair: PairOfCentres, party: Party): string {
  return join(pair.folder, `copy-${party}`);
}

async function restore(pair: PairOfCentres, party: Party): Promise<void> {
  await rm(pair.directory(party), { recursive: true });
  await cp(copyOf(pair, party), pair.directory(party), { recursive: true });
}

async function exportedProof(centre: Centre, text: string): Promise<string> {
  const { origin, index } = await fileTest(centre, text);
  return mustAccept(await centre.proof(origin, index));
}

/** A log's tree as its centre holds it. */
async function treeOf(centre: Centre): Promise<NodeReader> {
  const leaves = await centre.store.leaves(centre.identity.origin, 0, { count: 1_000, bytes: 10_000_000 });
  const nodes = new Map(
    append(emptyFrontier, leaves.map(hashLeaf)).nodes.map((node) => [`${node.level}/${node.index}`, node.hash]),
  );
  return (level, index) => nodes.get(`${level}/${index}`) ?? assert.fail('a node of the tree');
}

test('a machine restored while the other side is silent, and wrongly confirmed, is stopped by the first greeting; nothing of it was sent', async (t) => {
  const pair = await copiedPair();
  t.after(() => pair.remove());
  const first = await pair.startBoth();
  for (let number = 0; number < 8; number += 1) await fileTest(first.us, `after the copy ${number}`);
  await untilQuiet(first.cn, first.us);
  const { logged } = first.us.linkState().own;
  await pair.stop('US');
  await pair.stop('CN');
  await restore(pair, 'US');
  const us = (await pair.start('US')).centre;
  await until('the time to confirm', () => us.linkState().line === 'confirm');
  mustAccept(await us.confirmStore('nobody knew of a newer one'));
  const second = await exportedProof(us, 'a second history');
  const alarms = alarmsOf(us);
  const cn = (await pair.start('CN')).centre;
  await until('the alarm', () => alarms.includes('signer.went-back'));
  assert.equal(us.linkState().line, 'confirm');
  assert.equal(codeOf(await us.file(testDraft(us, 'no more of it', 'R'))), 'signer.went-back');
  assert.equal(codeOf(await us.confirmStore('a second time')), 'signer.went-back');
  assert.equal(cn.linkState().theirs.held, logged);
  await pair.stop('US');

  // The anchor was raised, so this history is signed no further; and it is not the one to which the missing leaves belong.
  assert.equal(codeOf(await openCentre(pair.optionsOf('US'))), 'signer.went-back');
  const options = { ...pair.optionsOf('US'), waitMs: 10_000, progress: () => undefined };
  assert.equal(codeOf(await recover(options)), 'proof.consistency');
  // The store of the copy, before the second history, takes the missing leaves; the anchor is never put back.
  const { store } = pathsOf(pair.directory('US'));
  for (const end of ['', '-wal', '-shm']) await rm(`${store}${end}`, { force: true });
  await cp(pathsOf(copyOf(pair, 'US')).store, store);
  assert.equal(mustAccept(await recover(options)).to, logged);
  const mended = (await pair.start('US')).centre;
  await until('the line is open', () => mended.linkState().line === 'open');
  await fileTest(mended, 'going on');
  await untilQuiet(cn, mended);
  await assertConcord(cn, mended);

  // Whoever was given something of the second history can show it: our keys signed two.
  await assertForkShown(pair, mended, second);
});

test('both sides restored to one moment go on and cannot tell; whoever kept a proof of what was lost can show two histories', async (t) => {
  const pair = await copiedPair();
  t.after(() => pair.remove());
  const first = await pair.startBoth();
  const lost = await exportedProof(first.us, 'lost by both');
  await untilQuiet(first.cn, first.us);
  for (const party of ['CN', 'US'] as const) {
    await pair.stop(party);
    await restore(pair, party);
  }
  const { cn, us } = await pair.startBoth();
  const alarms = [cn, us].map(alarmsOf);
  for (let number = 0; number < 4; number += 1) await fileTest(us, `in its place ${number}`);
  await untilQuiet(cn, us);
  await assertConcord(cn, us);
  assert.deepEqual(alarms.flat(), []);
  await assertForkShown(pair, us, lost);
});

test('both sides restored to two moments lose what is after the later one; the side that has more gives it back', async (t) => {
  const pair = await copiedPair();
  t.after(() => pair.remove());
  const first = await pair.startBoth();
  await fileTest(first.us, 'kept by China alone');
  await untilQuiet(first.cn, first.us);
  const { logged } = first.us.linkState().own;
  await pair.stop('US');
  await pair.stop('CN');
  await restore(pair, 'US');
  const cn = (await pair.start('CN')).centre;
  const us = (await pair.start('US')).centre;
  const alarms = alarmsOf(us);
  await until('the alarm', () => alarms.includes('signer.went-back'));
  await pair.stop('US');
  assert.equal(mustAccept(await recover({ ...pair.optionsOf('US'), waitMs: 10_000, progress: () => undefined })).to, logged);
  const mended = (await pair.start('US')).centre;
  await until('the line is open', () => mended.linkState().line === 'open');
  await untilQuiet(cn, mended);
  await assertConcord(cn, mended);
});

/** Makes evidence of a proof that somebody kept and of the log as it went on, as any third party can. */
async function assertForkShown(pair: PairOfCentres, us: Centre, kept: string): Promise<void> {
  const { logKeys } = mustAccept(await readKeyLists(pair.directory('US'))).own;
  const newest = mustAccept(await us.proof(us.identity.origin, 0));
  const [smaller, larger] = [kept, newest].map((proof) =>
    mustAccept(verifyCheckpoint(mustAccept(parseProof(bytesOfText(proof))).checkpoint, logKeys)),
  );
  assert.ok(smaller !== undefined && larger !== undefined && smaller.size < larger.size);
  const evidence = forkEvidence(smaller, larger, await treeOf(us));
  const { rootInLarger } = mustAccept(verifyFork(evidence, logKeys));
  assert.notDeepEqual(rootInLarger, smaller.root);
}

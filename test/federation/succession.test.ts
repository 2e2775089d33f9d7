import assert from 'node:assert/strict';
import { copyFile, cp, rm } from 'node:fs/promises';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { pathsOf } from '#centre/config.ts';
import { readKeyLists } from '#centre/key-lists.ts';
import { openCentre } from '#centre/open-centre.ts';
import { signRequest } from '#centre/succession/sign.ts';
import { indexKey } from '#exchange/shelf.ts';
import { fingerprintOf, publicKeysOf } from '#log/keys.ts';
import { parsePolicy } from '#log/policy-file.ts';
import { parseProof, verifyProof } from '#log/proof.ts';
import { ana, apply, at, bao, codeOf, pairThatSpoke, prepare, signed, succeed, take, textIn } from './ceremony.ts';
import { alarmsOf, assertConcord, fileTest, isReceipted, untilQuiet } from './concord.ts';
import { PairOfCentres, passphrase, until } from './pair-of-centres.ts';

const policy = mustAccept(parsePolicy(bytesOfText('quorum none\n')));

/** Both go on: each says something and has its receipt, and both fold the same. */
async function goOn(pair: PairOfCentres) {
  const { cn, us } = await pair.startBoth();
  const [ours, theirs] = [await fileTest(cn, 'going on', 'Z'), await fileTest(us, 'going on', 'Z')];
  await until('both receipts', () => isReceipted(cn, ours) && isReceipted(us, theirs));
  await untilQuiet(cn, us);
  await assertConcord(cn, us);
  return { cn, us };
}

/** What proves a record, as it leaves the house, by the lists that it carries. */
async function proves(centre: Awaited<ReturnType<typeof goOn>>['cn'], index: number, pair: PairOfCentres): Promise<string> {
  const { origin } = centre.identity;
  const proof = mustAccept(parseProof(bytesOfText(mustAccept(await centre.proof(origin, index)))));
  const { own, peer, former } = mustAccept(await readKeyLists(pair.directory('CN')));
  assert.ok(peer !== undefined);
  const record = (await centre.store.leaf(origin, index)) ?? new Uint8Array();
  const verified = verifyProof({ record, proof, keyLists: [own, peer, ...former], policy });
  return verified.ok ? verified.value.peerCosignatures.map(({ witness }) => witness).join(' ') : verified.refusal.code;
}

test('after stolen keys the log goes on under another name: numbers, receipts and proofs with it', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  const before = await pair.start('CN');
  const { logged } = before.centre.linkState().own;
  const proof = mustAccept(parseProof(bytesOfText(mustAccept(await before.centre.proof(before.centre.identity.origin, 0)))));
  const record = (await before.centre.store.leaf(before.centre.identity.origin, 0)) ?? new Uint8Array();
  await pair.stop('CN');
  const note = await succeed(at(pair, 'CN'), {});
  assert.equal(textIn(note).includes('"reason":"stolen-key"'), true);
  const { cn, us } = await goOn(pair);
  assert.equal(cn.identity.origin, 's2.cn.anshin.example/us-cn/test');
  assert.equal(us.identity.peer?.origin, cn.identity.origin);
  const said = cn.register.standing(cn.identity.origin, logged);
  assert.deepEqual(said, { kind: 'accepted' });
  assert.equal(cn.register.log(cn.identity.origin)?.held.entries.get(indexKey(logged))?.core, 'SUCCEED');
  assert.equal(await proves(cn, 0, pair), 'US', 'what was said before is proved by the new keys');
  assert.equal(await proves(cn, logged + 1, pair), 'US');
  const { own, peer, former } = mustAccept(await readKeyLists(pair.directory('CN')));
  assert.ok(peer !== undefined);
  const old = mustAccept(verifyProof({ record, proof, keyLists: [own, peer, ...former], policy }));
  assert.deepEqual(old.ended?.reason, 'stolen-key', 'and a proof from before stands by its cosignature');
});

test('what a thief had told the other side is left out, kept as evidence, and proves nothing to whoever has the new list', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  const stolen = `${pair.folder}/stolen`;
  await cp(pair.directory('CN'), stolen, { recursive: true });
  const us = (await pair.start('US')).centre;
  const thief = mustAccept(await openCentre({ ...pair.optionsOf('CN'), directory: stolen }));
  await until('the thief may speak', () => thief.centre.linkState().line === 'open');
  const told = await fileTest(thief.centre, 'in another’s name');
  await until('it was believed', () => isReceipted(thief.centre, told));
  await untilQuiet(thief.centre, us);
  const proof = mustAccept(parseProof(bytesOfText(mustAccept(await thief.centre.proof(told.origin, told.index)))));
  const record = (await thief.centre.store.leaf(told.origin, told.index)) ?? new Uint8Array();
  await thief.close();
  await pair.stop('US');
  const prepared = mustAccept(await prepare(pair, 'CN', {}));
  const size = prepared.list.succeeds?.size ?? 0;
  assert.ok(size <= told.index);
  const note = await signed(prepared, pathsOf(pair.directory('CN')).offline);
  mustAccept(await apply(at(pair, 'CN'), note));
  assert.equal(codeOf(await take(at(pair, 'US'), note)), 'key.succession', 'what is left out is to be said');
  mustAccept(await take(at(pair, 'US'), note, { keep: size }));
  mustAccept(await take(at(pair, 'US'), note, { keep: size, officer: bao }));
  const after = await goOn(pair);
  assert.deepEqual(await after.us.store.leaf(told.origin, told.index), record, 'the evidence stays');
  const { own, peer, former } = mustAccept(await readKeyLists(pair.directory('CN')));
  assert.ok(peer !== undefined);
  const keyLists = [own, peer, ...former];
  assert.equal(codeOf(verifyProof({ record, proof, keyLists, policy })), 'key.retired');
  const again = mustAccept(await openCentre({ ...pair.optionsOf('CN'), directory: stolen }));
  const alarms = alarmsOf(after.us);
  await until('the thief is turned away', () => alarms.includes('link.peer'));
  await again.close();
});

test('one after the other on both sides, and a second time', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  await succeed(at(pair, 'CN'), { reason: 'planned' });
  await succeed(at(pair, 'US'), { reason: 'retired-suite', retired: 'ed25519' });
  await goOn(pair);
  await pair.stop('CN');
  await pair.stop('US');
  await succeed(at(pair, 'CN'), { reason: 'lost-key' });
  const { cn, us } = await goOn(pair);
  assert.equal(cn.identity.origin, 's3.cn.anshin.example/us-cn/test');
  assert.equal(us.identity.origin, 's2.us.anshin.example/us-cn/test');
});

test('a lost anchor is replaced: the new log begins where the store ends', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  await rm(pathsOf(pair.directory('CN')).anchor);
  assert.equal(codeOf(await prepare(pair, 'CN', { reason: 'lost-key' })), 'signer.anchor');
  await succeed(at(pair, 'CN'), { reason: 'lost-anchor' });
  await goOn(pair);
});

test('a lost store that nobody gives back: the other side leaves out what it alone holds, and says so', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  const copy = `${pair.folder}/backup.sqlite`;
  await copyFile(pathsOf(pair.directory('CN')).store, copy);
  const { cn, us } = await pair.startBoth();
  for (const number of [0, 1, 2]) await fileTest(cn, `lost ${number}`);
  await untilQuiet(cn, us);
  const { logged } = cn.linkState().own;
  await pair.stop('CN');
  await pair.stop('US');
  const { store } = pathsOf(pair.directory('CN'));
  for (const end of ['', '-wal', '-shm']) await rm(`${store}${end}`, { force: true });
  await copyFile(copy, store);
  assert.equal(codeOf(await prepare(pair, 'CN', { reason: 'lost-key' })), 'signer.went-back');
  const prepared = mustAccept(await prepare(pair, 'CN', { reason: 'lost-store' }));
  const note = await signed(prepared, pathsOf(pair.directory('CN')).offline);
  mustAccept(await apply(at(pair, 'CN'), note));
  const { size } = prepared.list.succeeds ?? assert.fail('a succession');
  assert.ok(size < logged);
  assert.equal(codeOf(await take(at(pair, 'US'), note)), 'key.succession', 'leaves would be left out unsaid');
  const first = mustAccept(await take(at(pair, 'US'), note, { keep: size }));
  assert.deepEqual([first.isDone, first.leftOut], [false, logged - size]);
  mustAccept(await take(at(pair, 'US'), note, { keep: size, officer: bao }));
  const after = await goOn(pair);
  assert.equal(after.us.store.size('cn.anshin.example/us-cn/test'), logged, 'the evidence stays');
});

test('a store lost with every copy: the log begins anew, with the leaves that are left, none', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  const { store } = pathsOf(pair.directory('CN'));
  for (const end of ['', '-wal', '-shm']) await rm(`${store}${end}`, { force: true });
  const note = await succeed(at(pair, 'CN'), { reason: 'lost-store' }, { keep: 0 });
  assert.equal(textIn(note).includes('"size":0'), true);
  // Nothing of theirs is held any more, so that they are shown nothing, and a supervisor's word opens their line.
  await pair.start('CN');
  const us = (await pair.start('US')).centre;
  await until('the time to confirm', () => us.linkState().line !== 'opening');
  if (us.linkState().line === 'confirm') mustAccept(await us.confirmStore('their store was lost'));
  const cn = pair.running.get('CN')?.centre ?? assert.fail('China runs');
  await until('both lines are open', () => [cn, us].every((centre) => centre.linkState().line === 'open'));
  await untilQuiet(cn, us);
  await assertConcord(cn, us);
});

test('lost offline keys: the new ones count once their fingerprint was read out', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  await rm(pathsOf(pair.directory('CN')).offline);
  const prepared = mustAccept(await prepare(pair, 'CN', { reason: 'new-pairing' }));
  const offline = `${pathsOf(pair.directory('CN')).succession}/offline.sealed`;
  const note = await signed(prepared, offline);
  mustAccept(await apply(at(pair, 'CN'), note));
  assert.equal(codeOf(await take(at(pair, 'US'), note)), 'key.unknown');
  assert.equal(codeOf(await take(at(pair, 'US'), note, { fingerprint: '1'.repeat(40) })), 'key.unknown');

  const fingerprint = fingerprintOf(mustAccept(publicKeysOf(prepared.list.offline)));
  mustAccept(await take(at(pair, 'US'), note, { fingerprint }));
  mustAccept(await take(at(pair, 'US'), note, { fingerprint, officer: bao }));
  await goOn(pair);
});

test('each wrong order, person, file and repetition is refused, and changes nothing', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  const other = await PairOfCentres.make({ status: 'test' });
  t.after(() => other.remove());
  const prepared = mustAccept(await prepare(pair, 'CN', {}));
  const stale = await signed(prepared, pathsOf(pair.directory('CN')).offline);
  assert.equal(codeOf(await prepare(pair, 'CN', { size: 9_999 })), 'key.succession', 'beyond the end of the store');
  const again = mustAccept(await prepare(pair, 'CN', {}));
  const note = await signed(again, pathsOf(pair.directory('CN')).offline);
  const foreign = pathsOf(other.directory('CN')).offline;
  assert.equal(
    codeOf(await signRequest(bytesOfText(again.text), again.groups, { path: foreign, passphrase, cost: 10 })),
    'key.unknown',
  );
  const offline = { path: pathsOf(pair.directory('CN')).offline, passphrase, cost: 10 };
  assert.equal(
    codeOf(await signRequest(bytesOfText(again.text), prepared.groups, offline)),
    'key.succession',
    'another request than the one whose groups were read out is not signed at all',
  );
  assert.equal(codeOf(await signRequest(bytesOfText('anything'), again.groups, offline)), 'key.list');
  assert.equal(codeOf(await signRequest(bytesOfText(`${again.text} `), again.groups, offline)), 'key.list');
  assert.equal(
    codeOf(await signRequest(bytesOfText(again.text), again.groups, { ...offline, passphrase: bytesOfText('half') })),
    'signer.passphrase',
  );
  assert.equal(codeOf(await apply(at(pair, 'US'), note)), 'key.succession', 'nothing was prepared there');
  assert.equal(codeOf(await apply(at(pair, 'CN'), stale)), 'key.succession', 'the request was given up');
  assert.equal(codeOf(await apply(at(pair, 'CN'), note, { groups: '1'.repeat(40) })), 'key.succession');
  assert.equal(codeOf(await apply(at(pair, 'CN'), note, { officer: ana })), 'people.same-person');
  assert.equal(codeOf(await take(at(pair, 'US'), note, { groups: '1'.repeat(40) })), 'key.succession');
  assert.equal(codeOf(await take(at(pair, 'US'), bytesOfText('x'), { groups: '' })), 'note.form');
  assert.equal(codeOf(await take(at(other, 'US'), note)), 'key.unknown', 'by the offline keys of another');
  assert.equal(codeOf(await take(at(pair, 'CN'), note)), 'key.unknown', 'it is not theirs');
  assert.equal(codeOf(await take(at(pair, 'US'), note, { keep: 9_999 })), 'key.succession');
  assert.equal(mustAccept(await take(at(pair, 'US'), note)).isDone, false);
  assert.equal(codeOf(await take(at(pair, 'US'), note)), 'people.same-person');
  mustAccept(await apply(at(pair, 'CN'), note));
  assert.equal(codeOf(await apply(at(pair, 'CN'), note)), 'key.succession', 'it was carried out');
  mustAccept(await take(at(pair, 'US'), note, { officer: bao }));
  assert.equal(codeOf(await take(at(pair, 'US'), note, { officer: bao })), 'key.succession', 'it was taken over');
  await succeed(at(pair, 'CN'), { reason: 'planned' });
  assert.equal(codeOf(await take(at(pair, 'US'), note)), 'key.succession', 'an older list comes back');
  await goOn(pair);
});

test('a centre that is running is not changed', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  await pair.start('CN');
  assert.equal(codeOf(await prepare(pair, 'CN', {})), 'store.busy');
});

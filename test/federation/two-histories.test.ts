import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { pathsOf } from '#centre/config.ts';
import { readKeyLists } from '#centre/key-lists.ts';
import { type LogSigners, openCentreKeys } from '#centre/signer/key-file.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { parseFork, verifyFork } from '#log/fork.ts';
import type { LogKeys } from '#log/policy.ts';
import { append, consistencyProof, emptyFrontier, hashLeaf, inclusionProof, type NodeReader, rootAt } from '#log/tree.ts';
import { sealRecord } from '#record/envelope.ts';
import type { Precedence } from '#record/envelope-schema.ts';
import { Caller } from './caller.ts';
import { alarmsOf, fileTest, testDraft, untilQuiet } from './concord.ts';
import { identityOf } from './courier.ts';
import { PairOfCentres, passphrase, until } from './pair-of-centres.ts';

/** One history of a log, signed by hand with its owner's keys. */
class History {
  readonly leaves: readonly Uint8Array[];
  readonly #keys: LogSigners;
  readonly #nodes: ReadonlyMap<string, Uint8Array>;

  constructor(keys: LogSigners, leaves: readonly Uint8Array[]) {
    this.#keys = keys;
    this.leaves = leaves;
    const { nodes } = append(emptyFrontier, leaves.map(hashLeaf));
    this.#nodes = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  }

  readonly read: NodeReader = (level, index) => this.#nodes.get(`${level}/${index}`) ?? assert.fail('a node of the tree');

  note(size: number): Promise<Uint8Array> {
    const { origin, log } = this.#keys;
    return signCheckpoint({ origin, size, root: rootAt(size, this.read) }, Math.floor(Date.now() / 1000), log);
  }

  async sayNext(caller: Caller, part: { readonly from: number; readonly to: number; readonly size: number }): Promise<void> {
    const proof = concatBytes(...(part.to <= part.size ? consistencyProof(part.to, part.size, this.read) : []));
    const leaves = this.leaves.slice(part.from, part.to);
    caller.say({ kind: 'next', from: part.from }, [await this.note(part.size), proof, ...leaves]);
  }

  async sayUrgent(caller: Caller, part: { readonly index: number; readonly base: number; readonly size: number }): Promise<void> {
    const { index, base, size } = part;
    const inclusion = concatBytes(...inclusionProof(index, size, this.read));
    const consistency = concatBytes(...consistencyProof(base, size, this.read));
    const leaf = this.leaves[index] ?? assert.fail('a leaf of the history');
    caller.say({ kind: 'urgent', index, base }, [await this.note(size), inclusion, consistency, leaf]);
  }
}

/** China's log as far as the United States hold it, and two ways in which its owner lets it go on. */
async function fork(pair: PairOfCentres) {
  const { cn, us } = await pair.startBoth();
  for (let number = 0; number < 6; number += 1) await fileTest(cn, `common ${number}`);
  await untilQuiet(cn, us);
  const { origin } = cn.identity;
  const size = us.linkState().theirs.held;
  const common = await us.store.leaves(origin, 0, { count: size, bytes: 1_000_000 });
  let serial = Number(cn.register.log(origin)?.held.size) + 100;
  const say = (text: string, precedence: Precedence): Uint8Array => {
    serial += 1;
    return mustAccept(sealRecord(testDraft(cn, text, precedence), { serial, filedAtMs: Date.now() })).bytes;
  };
  const goingOn = (branch: string): Uint8Array[] =>
    Array.from({ length: 6 }, (_, number) => say(`${branch} ${number}`, number === 1 ? 'Z' : 'R'));
  const branches = [goingOn('first branch'), goingOn('second branch')];
  await pair.stop('CN');
  const { logs } = mustAccept(await openCentreKeys({ path: pathsOf(pair.directory('CN')).keys, passphrase, cost: 0 }));
  const keys = logs[0] ?? assert.fail('the keys of the log');
  const [first, second] = branches.map((leaves) => new History(keys, [...common, ...leaves]));
  if (first === undefined || second === undefined) throw new Error('two histories');
  const lists = mustAccept(await readKeyLists(pair.directory('CN')));
  return { us, origin, size, first, second, keys, logKeys: lists.own.logKeys };
}

async function callBothLanes(pair: PairOfCentres, origin: string, us: Centre) {
  const identity = await identityOf(pair, 'CN');
  const address = pair.running.get('US')?.linkAddress ?? '';
  const callers = {
    next: await Caller.call({ address, identity }, 'next'),
    urgent: await Caller.call({ address, identity }, 'urgent'),
  };
  const held = us.linkState().own.logged;
  for (const lane of ['next', 'urgent'] as const) {
    callers[lane].say({ kind: 'hello', protocol: 1, centre: 'CN', origin, lane, held, urgentHeld: [] });
    await callers[lane].hear('hello');
  }
  return callers;
}

async function evidenceIn(us: Centre, kind: 'fork' | 'apart'): Promise<readonly Uint8Array[]> {
  const found = await us.store.documents('evidence', { from: `${kind}/`, to: `${kind}0`, limit: 100 });
  return found.map(({ value }) => value);
}

function assertConvicts(evidence: Uint8Array, logKeys: LogKeys): void {
  const { smaller, rootInLarger } = mustAccept(verifyFork(mustAccept(parseFork(evidence)), logKeys));
  assert.notDeepEqual(rootInLarger, smaller.root);
}

test('an owner who signs two histories is shown with evidence; the branch verified first is followed, and the line stays open', async (t) => {
  const pair = await PairOfCentres.make({ status: 'test' });
  t.after(() => pair.remove());
  const { us, origin, size, first, second, logKeys } = await fork(pair);
  const alarms = alarmsOf(us);
  const { next, urgent } = await callBothLanes(pair, origin, us);
  const end = size + 5;

  await first.sayUrgent(urgent, { index: size + 3, base: size, size: end });
  assert.deepEqual((await urgent.hear('held-urgent')).header, { kind: 'held-urgent', index: size + 3 });

  await second.sayNext(next, { from: size, to: end, size: end });
  const { header } = await next.hear('refusal');
  assert.equal(header.kind === 'refusal' && header.code, 'link.leaf-differs');
  assertConvicts((await next.hear('evidence')).attachments[0] ?? new Uint8Array(), logKeys);
  const [kept] = await evidenceIn(us, 'fork');
  assertConvicts(kept ?? assert.fail('evidence is kept'), logKeys);
  assert.ok(alarms.includes('link.leaf-differs'));
  assert.equal(us.linkState().theirs.held, size, 'nothing of the second history is held');

  await second.sayUrgent(urgent, { index: size + 1, base: size, size: end });
  await until(
    'the FLASH of the second history is shown',
    () => alarms.includes('log.fork-not-shown') && alarms.includes('log.fork'),
  );
  assert.deepEqual(await evidenceIn(us, 'apart'), [second.leaves[size + 1]], 'and is kept apart');

  await first.sayNext(next, { from: size, to: end, size: end });
  await until('the first history is followed', () => us.linkState().theirs.held === end);
  assert.equal(us.linkState().line, 'open');
  await fileTest(us, 'we go on');
  assert.deepEqual(await us.store.leaves(origin, size, { count: 5, bytes: 100_000 }), first.leaves.slice(size, end));
  assert.equal(mustAccept(await us.proof(origin, end - 1)).startsWith('c2sp.org/tlog-proof@v1'), true);
  assert.deepEqual(await us.store.check(), []);
});

test('a second history that is no longer than what is held convicts its owner by itself; a longer one falls short, and is refused', async (t) => {
  const pair = await PairOfCentres.make({ status: 'test' });
  t.after(() => pair.remove());
  const { us, origin, size, first, second, logKeys } = await fork(pair);
  const alarms = alarmsOf(us);
  const { next } = await callBothLanes(pair, origin, us);
  const end = size + 4;
  await first.sayNext(next, { from: size, to: end, size: end });
  await until('the first history is held', () => us.linkState().theirs.held === end);

  await second.sayNext(next, { from: end, to: end + 1, size: end + 1 });
  const { header } = await next.hear('refusal');
  assert.equal(header.kind === 'refusal' && header.code, 'proof.consistency');
  assert.deepEqual(await evidenceIn(us, 'fork'), [], 'consistency was not shown, and nobody is convicted');

  await second.sayNext(next, { from: end, to: end + 1, size: end });
  const evidence = (await next.hear('evidence')).attachments[0] ?? new Uint8Array();
  assertConvicts(evidence, logKeys);
  await second.sayNext(next, { from: end, to: end + 1, size: end - 1 });
  const shorter = (await next.hear('evidence')).attachments[0] ?? new Uint8Array();
  assertConvicts(shorter, logKeys);
  await second.sayNext(next, { from: end, to: end + 1, size: end - 1 });
  await first.sayNext(next, { from: end, to: end + 2, size: end + 2 });
  await until('the first history is followed', () => us.linkState().theirs.held === end + 2);
  assert.equal((await evidenceIn(us, 'fork')).length >= 2, true);
  assert.deepEqual(new Set(alarms), new Set(['proof.consistency']));

  // The owner's own officers must know first.
  next.close();
  const cn = (await pair.start('CN')).centre;
  const accused = alarmsOf(cn);
  cn.accused(evidence);
  assert.deepEqual(accused, ['log.fork']);
  cn.accused(first.leaves[0] ?? new Uint8Array());
  assert.deepEqual(accused, ['log.fork', 'proof.form']);
});

test('a history that gives another root for a size that was shown is refused, wherever it parts from the one followed', async (t) => {
  const pair = await PairOfCentres.make({ status: 'test' });
  t.after(() => pair.remove());
  const { us, origin, size, first, keys, logKeys } = await fork(pair);
  const late = new History(keys, first.leaves.with(size + 2, first.leaves[0] ?? new Uint8Array()));
  const alarms = alarmsOf(us);
  const { next, urgent } = await callBothLanes(pair, origin, us);
  await first.sayUrgent(urgent, { index: size + 1, base: size, size: size + 3 });
  await urgent.hear('held-urgent');
  await late.sayNext(next, { from: size, to: size + 4, size: size + 4 });
  const { header } = await next.hear('refusal');
  assert.equal(header.kind === 'refusal' && header.code, 'log.fork');
  assertConvicts((await next.hear('evidence')).attachments[0] ?? new Uint8Array(), logKeys);
  assert.deepEqual(alarms, ['log.fork']);
  await first.sayNext(next, { from: size, to: size + 4, size: size + 4 });
  await until('the first history is followed', () => us.linkState().theirs.held === size + 4);
});

test('leaves that were shown once stay shown, even if the connection is lost before they are stored', async (t) => {
  const pair = await PairOfCentres.make({ status: 'test' });
  t.after(() => pair.remove());
  const { us, origin, size, first, second } = await fork(pair);
  const alarms = alarmsOf(us);
  const { next, urgent } = await callBothLanes(pair, origin, us);
  await first.sayUrgent(urgent, { index: size + 1, base: size, size: size + 3 });
  await urgent.hear('held-urgent');
  next.close();
  urgent.close();
  await until('the lanes are closed', () => us.linkState().paths.every(({ connected }) => !connected));
  const again = await callBothLanes(pair, origin, us);
  await second.sayNext(again.next, { from: size, to: size + 3, size: size + 3 });
  await again.next.hear('refusal');
  assert.equal(us.linkState().theirs.held, size);
  assert.ok(alarms.length > 0);
  await first.sayNext(again.next, { from: size, to: size + 3, size: size + 3 });
  await until('the first history is followed', () => us.linkState().theirs.held === size + 3);
});

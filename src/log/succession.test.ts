import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { originOf } from '#log/checkpoint.ts';
import { cosignCheckpoint, signCheckpoint } from '#log/cosignature.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import { checkKeyListFollows, parseKeyList, signKeyList, type VerifiedKeyList, verifyKeyList } from '#log/keys.ts';
import { formatNote, parseNote } from '#log/note.ts';
import { parsePolicy } from '#log/policy-file.ts';
import { type LogProof, verifyProof } from '#log/proof.ts';
import { keysOf, type SampleCentre, sampleCentre, textOf } from '#log/sample-centre.ts';
import { checkSuccession, nameNow, placeNow, standingKeys, successionsOf } from '#log/succession.ts';
import { append, emptyFrontier, hashLeaf, inclusionProof, type NodeReader, rootAt } from '#log/tree.ts';

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
const policy = mustAccept(parsePolicy(bytesOfText('quorum none\n')));
const origin = originOf({ host: 's2.cn.anshin.example', circle: 'us-cn', status: 'test' });
const size = 5;
const leaves = Array.from({ length: 8 }, (_, index) => bytesOfText(`leaf ${index}`));
const { nodes } = append(emptyFrontier, leaves.map(hashLeaf));
const read: NodeReader = (level, index) =>
  nodes.find((node) => node.level === level && node.index === index)?.hash ?? new Uint8Array(32);
const [oldWitness] = cn.list.witness;
const [oldLog] = cn.list.log;
assert.ok(oldWitness !== undefined && oldLog !== undefined);

const next: KeyList = {
  ...cn.list,
  origin,
  serial: 2,
  log: [{ ...textOf(keysOf(5)), fromSize: size }],
  witness: [
    { ...oldWitness, until: [{ origin: us.list.origin, size: 40 }] },
    { ...textOf(keysOf(6)), name: `${origin}/witness` },
  ],
  succeeds: { origin: cn.list.origin, size, root: rootAt(size, read).toHex(), reason: 'stolen-key' },
};

async function signed(list: KeyList, by: SampleCentre = cn): Promise<VerifiedKeyList> {
  const note = await signKeyList({ ...list, offline: by.list.offline }, by.offline);
  return mustAccept(verifyKeyList(mustAccept(parseKeyList(note)), by.pinned));
}

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

const newer = await signed(next);

/** The proof of leaf 2 under a checkpoint of `of` leaves by the old or the new keys, cosigned by those named. */
async function proofOf(of: number, by: 'old' | 'new', cosigners: readonly SampleCentre[]): Promise<LogProof> {
  const signer = by === 'old' ? cn.log : { name: origin, ...keysOf(5) };
  const checkpoint = { origin: signer.name, size: of, root: rootAt(of, read) };
  const note = await signCheckpoint(checkpoint, 100, signer);
  const lines = await Promise.all(cosigners.map(({ witness }) => cosignCheckpoint(checkpoint, 101, witness)));
  const { text, signatures } = mustAccept(parseNote(note));
  const cosigned = formatNote({ text, signatures: [...signatures, ...lines.flat()] });
  return { extra: null, index: 2, hashes: inclusionProof(2, of, read), checkpoint: cosigned };
}

function verify(proof: LogProof, keyLists: readonly VerifiedKeyList[]) {
  return verifyProof({ record: leaves[2] ?? new Uint8Array(), proof, keyLists, policy });
}

test('a list that names the log before it opens the one that goes on from there', () => {
  assert.equal(codeOf(checkSuccession(cn.keyList, newer)), 'accepted');
  assert.deepEqual(newer.list.succeeds, next.succeeds);
});

test('a succession that leaves anything open is refused', async () => {
  const again = { ...textOf(keysOf(7)), fromSize: 7 };
  const { succeeds, ...without } = next;
  assert.ok(succeeds !== undefined);
  const wrong: readonly (readonly [string, KeyList])[] = [
    ['no log before it', without],
    ['another log before it', { ...next, succeeds: { ...succeeds, origin: us.list.origin } }],
    ['another centre', { ...next, centre: 'FR' }],
    ['a serial that is not higher', { ...next, serial: 1 }],
    ['an older log key', { ...next, log: [{ ...oldLog, fromSize: size }] }],
    ['half of an older log pair', { ...next, log: [{ ...textOf(keysOf(5)), ed25519: oldLog.ed25519, fromSize: size }] }],
    [
      'an older log key as a new witness’s',
      {
        ...next,
        witness: next.witness.map((entry) => (entry.until === undefined ? { ...entry, mldsa44: oldLog.mldsa44 } : entry)),
      },
    ],
    ['an older witness key in use', { ...next, witness: [oldWitness] }],
    ['an older witness key left away', { ...next, witness: [{ ...textOf(keysOf(6)), name: 'w.example' }] }],
  ];
  for (const [name, list] of wrong) {
    assert.equal(codeOf(checkSuccession(cn.keyList, await signed(list))), 'key.succession', name);
  }
  const byOthers = await signed(next, us);
  assert.equal(codeOf(checkSuccession(cn.keyList, byOthers)), 'key.succession', 'offline keys of somebody else');
  assert.equal(codeOf(standingKeys([cn.keyList, byOthers])), 'key.succession', 'nobody else ends a log');
  const paired = await signed({ ...next, succeeds: { ...succeeds, reason: 'new-pairing' } }, us);
  assert.equal(codeOf(checkSuccession(cn.keyList, paired)), 'accepted', 'a new pairing has offline keys of its own');
  const third = await signed({
    ...next,
    origin: originOf({ host: 's3.cn.anshin.example', circle: 'us-cn', status: 'test' }),
    serial: 3,
    log: [again],
    witness: next.witness.map((entry) => ({ ...entry, until: [{ origin: us.list.origin, size: 41 }] })),
    succeeds: { ...succeeds, origin, size: 7 },
  });
  assert.equal(codeOf(checkSuccession(newer, third)), 'key.succession', 'a retired witness key is good for more than it was');
});

test('a list whose succession is out of form is refused', async () => {
  const { succeeds } = next;
  assert.ok(succeeds !== undefined);
  const wrong: readonly KeyList[] = [
    { ...next, succeeds: { ...succeeds, origin: 'cn.anshin.example' } },
    { ...next, succeeds: { ...succeeds, origin: 'cn.anshin.example/p5/test' } },
    { ...next, succeeds: { ...succeeds, origin: 'cn.anshin.example/us-cn/actual' } },
    { ...next, succeeds: { ...succeeds, origin } },
    { ...next, succeeds: { ...succeeds, root: 'AA' } },
    { ...next, log: [{ ...textOf(keysOf(5)), fromSize: size - 1 }] },
  ];
  for (const list of wrong) {
    assert.equal(codeOf(parseKeyList(await signKeyList(list, cn.offline))), 'key.list');
  }
});

test('a later list of the same log does not change what it goes on from', async () => {
  const { succeeds } = next;
  assert.ok(succeeds !== undefined);
  assert.equal(codeOf(checkKeyListFollows(newer, await signed({ ...next, serial: 3 }))), 'accepted');
  const changed = await signed({ ...next, serial: 3, succeeds: { ...succeeds, reason: 'planned' } });
  assert.equal(codeOf(checkKeyListFollows(newer, changed)), 'key.list');
});

test('the successor ends the old log at its size, for the owner’s keys and the witness’s', async () => {
  const lists = [cn.keyList, newer, us.keyList];
  const before = mustAccept(verify(await proofOf(size, 'old', [us]), lists));
  assert.deepEqual(before.ended, { by: origin, size, reason: 'stolen-key' });
  assert.deepEqual(
    before.peerCosignatures.map(({ witness }) => witness),
    ['US'],
  );
  assert.equal(codeOf(verify(await proofOf(size + 1, 'old', [us]), lists)), 'key.retired');
  assert.equal(codeOf(verify(await proofOf(size + 1, 'old', [us]), [cn.keyList, us.keyList])), 'accepted', 'without the news');
  const after = mustAccept(verify(await proofOf(size + 1, 'new', [us]), lists));
  assert.deepEqual([after.owner, after.ended], ['CN', null]);
  assert.equal(codeOf(verify(await proofOf(size - 1, 'new', [us]), lists)), 'key.retired', 'before the new log begins');
});

test('of stolen keys counts only what the other side cosigned', async () => {
  const lists = [cn.keyList, newer, us.keyList];
  assert.equal(codeOf(verify(await proofOf(size, 'old', []), lists)), 'key.succession');
  const lost = await signed({ ...next, succeeds: { origin: cn.list.origin, size, root: '00'.repeat(32), reason: 'lost-key' } });
  assert.equal(codeOf(verify(await proofOf(size, 'old', []), [cn.keyList, lost])), 'accepted');
});

test('two successors of one log, or one that does not fit, make no lists that stand', async () => {
  const other = await signed({ ...next, origin: originOf({ host: 's3.cn.example', circle: 'us-cn', status: 'test' }) });
  assert.equal(codeOf(standingKeys([cn.keyList, newer, other])), 'key.succession');
  assert.equal(codeOf(standingKeys([cn.keyList, await signed({ ...next, serial: 1 })])), 'key.succession');
  assert.ok(next.succeeds !== undefined);
  const byNewPairing = await signed({ ...next, succeeds: { ...next.succeeds, reason: 'new-pairing' } }, us);
  assert.equal(codeOf(standingKeys([cn.keyList, byNewPairing])), 'accepted', 'whose offline keys they are, people compared');
  assert.deepEqual([...mustAccept(standingKeys([newer, cn.keyList, newer])).keys()], [origin, cn.list.origin]);
});

test('a place below the end of a log has the newest name, and a place beyond keeps the old one', async () => {
  const third = originOf({ host: 's3.cn.anshin.example', circle: 'us-cn', status: 'test' });
  const later = await signed({
    ...next,
    origin: third,
    serial: 3,
    log: [{ ...textOf(keysOf(7)), fromSize: 7 }],
    succeeds: { origin, size: 7, root: '00'.repeat(32), reason: 'planned' },
  });
  const successions = successionsOf([later, us.keyList, newer, newer, cn.keyList]);
  assert.deepEqual(
    successions.map(({ from, to, size: end }) => [from, to, end]),
    [
      [cn.list.origin, origin, size],
      [origin, third, 7],
    ],
  );
  assert.deepEqual(successionsOf([newer, later]), successions, 'in one order whoever has them');
  assert.deepEqual(placeNow({ log: cn.list.origin, index: 4 }, successions), { log: third, index: 4 });
  assert.deepEqual(placeNow({ log: cn.list.origin, index: 5 }, successions), { log: cn.list.origin, index: 5 });
  assert.deepEqual(placeNow({ log: origin, index: 6 }, successions), { log: third, index: 6 });
  assert.deepEqual(placeNow({ log: us.list.origin, index: 6 }, successions), { log: us.list.origin, index: 6 });
  assert.deepEqual(
    [cn.list.origin, us.list.origin].map((name) => nameNow(name, successions)),
    [third, us.list.origin],
  );
});

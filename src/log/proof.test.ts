import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText, concatBytes, textOfBytes } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { cosignCheckpoint, signCheckpoint } from '#log/cosignature.ts';
import { parseKeyList, signKeyList, verifyKeyList } from '#log/keys.ts';
import { formatNote, parseNote } from '#log/note.ts';
import { parsePolicy } from '#log/policy-file.ts';
import {
  encodeKeyLists,
  formatProof,
  type LogProof,
  type ProofClaim,
  parseKeyLists,
  parseProof,
  verifyProof,
} from '#log/proof.ts';
import { type SamplePlace, sampleCentre } from '#log/sample-centre.ts';
import { append, emptyFrontier, hashLeaf, inclusionProof, type NodeReader, rootOf } from '#log/tree.ts';

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
const noQuorum = mustAccept(parsePolicy(bytesOfText('quorum none\n')));
const records = Array.from({ length: 11 }, (_, index) => bytesOfText(`{"record":${index}}`));
const grown = append(emptyFrontier, records.map(hashLeaf));
const read: NodeReader = (level, index) => {
  const node = grown.nodes.find((each) => each.level === level && each.index === index);
  assert.ok(node !== undefined);
  return node.hash;
};
const checkpoint = { origin: cn.list.origin, size: 11, root: rootOf(grown.frontier) };
const signed = mustAccept(parseNote(await signCheckpoint(checkpoint, 1_767_600_000, cn.log)));
const cosigned = formatNote({
  ...signed,
  signatures: [...signed.signatures, ...(await cosignCheckpoint(checkpoint, 1_767_600_003, us.witness))],
});

function proofOf(index: number): LogProof {
  return {
    extra: encodeKeyLists([cn.listNote, us.listNote]),
    index,
    hashes: inclusionProof(index, 11, read),
    checkpoint: cosigned,
  };
}

function claimOf(index: number): ProofClaim {
  const record = records[index];
  assert.ok(record !== undefined);
  return { record, proof: proofOf(index), keyLists: [cn.keyList, us.keyList], policy: noQuorum };
}

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

test('a proof shows whose record it is, at which index, signed and cosigned when and by whom', () => {
  for (const index of records.keys()) {
    const verified = mustAccept(verifyProof(claimOf(index)));
    assert.deepEqual(
      [verified.index, verified.owner, verified.checkpoint.size, verified.checkpoint.signedAtS],
      [index, 'CN', 11, 1_767_600_000],
    );
    assert.deepEqual(
      verified.peerCosignatures.map(({ witness, timeS }) => [witness, timeS]),
      [['US', 1_767_600_003]],
    );
    assert.deepEqual(verified.policyCosignatures, []);
  }
});

test('a proof comes back from its bytes with the key lists that it carries', () => {
  const bytes = formatProof(proofOf(6));
  const proof = mustAccept(parseProof(bytes));
  assert.deepEqual(formatProof(proof), bytes);
  const lists = mustAccept(parseKeyLists(proof.extra ?? new Uint8Array()));
  const pins = [cn.pinned, us.pinned];
  const keyLists = lists.map((list, position) =>
    mustAccept(verifyKeyList(mustAccept(parseKeyList(list)), pins[position] ?? cn.pinned)),
  );
  assert.equal(codeOf(verifyProof({ ...claimOf(6), proof, keyLists })), 'accepted');
  const bare = formatProof({ ...proofOf(0), extra: null });
  assert.deepEqual(formatProof(mustAccept(parseProof(bare))), bare);
});

test('no byte of record, index, hashes or checkpoint can be changed', () => {
  const bytes = formatProof({ ...proofOf(6), extra: null });
  const { record } = claimOf(6);
  fc.assert(
    fc.property(
      fc.nat(bytes.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.nat(record.length - 1),
      (position, change, place) => {
        const parsed = parseProof(bytes.with(position, (bytes[position] ?? 0) ^ change));
        assert.equal(parsed.ok && verifyProof({ ...claimOf(6), proof: parsed.value }).ok, false);
        const changed = record.with(place, (record[place] ?? 0) ^ change);
        assert.equal(codeOf(verifyProof({ ...claimOf(6), record: changed })), 'proof.inclusion');
      },
    ),
    { numRuns: 300 },
  );
  for (const index of records.keys()) {
    if (index !== 6) assert.equal(codeOf(verifyProof({ ...claimOf(6), proof: { ...proofOf(6), index } })), 'proof.inclusion');
  }
});

test('a proof needs the key list of the owner, and of two for one log the newer counts', async () => {
  const claim = claimOf(3);
  assert.equal(codeOf(verifyProof({ ...claim, keyLists: [] })), 'key.unknown');
  assert.equal(codeOf(verifyProof({ ...claim, keyLists: [us.keyList] })), 'key.unknown');
  const alone = mustAccept(verifyProof({ ...claim, keyLists: [cn.keyList] }));
  assert.deepEqual(alone.peerCosignatures, []);
  const retiredList = { ...cn.list, serial: 2, log: cn.list.log.map((key) => ({ ...key, toSize: 10 })) };
  const retired = mustAccept(verifyKeyList(mustAccept(parseKeyList(await signKeyList(retiredList, cn.offline))), cn.pinned));
  for (const keyLists of [
    [cn.keyList, retired],
    [retired, cn.keyList],
  ]) {
    assert.equal(codeOf(verifyProof({ ...claim, keyLists })), 'key.retired');
  }
});

test("a cosignature counts as the other side's only if its witness is of another centre, of the same circle and status", async () => {
  const place = { centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 51 } as const;
  const peersBy = async (other: SamplePlace) => {
    const strange = await sampleCentre(other);
    const lines = await cosignCheckpoint(checkpoint, 1_767_600_004, strange.witness);
    const proof = { ...proofOf(3), checkpoint: formatNote({ ...signed, signatures: [...signed.signatures, ...lines] }) };
    const { peerCosignatures } = mustAccept(verifyProof({ ...claimOf(3), proof, keyLists: [cn.keyList, strange.keyList] }));
    return peerCosignatures.map(({ witness }) => witness);
  };
  assert.deepEqual(await peersBy(place), ['US']);
  assert.deepEqual(await peersBy({ ...place, centre: 'CN', host: 'cn2.anshin.example' }), []);
  assert.deepEqual(await peersBy({ ...place, circle: 'p5' }), []);
  assert.deepEqual(await peersBy({ ...place, status: 'exercise' }), []);
});

test('a proof is no better than its signatures and its quorum', () => {
  const claim = claimOf(3);
  const withLines = (count: number) => ({
    ...claim,
    proof: {
      ...claim.proof,
      checkpoint: formatNote({ ...signed, signatures: mustAccept(parseNote(cosigned)).signatures.slice(0, count) }),
    },
  });
  assert.equal(codeOf(verifyProof(withLines(1))), 'note.policy');
  assert.equal(codeOf(verifyProof(withLines(2))), 'accepted');
  assert.equal(codeOf(verifyProof(withLines(3))), 'note.policy');
  const vkey = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2';
  const unmet = mustAccept(parsePolicy(bytesOfText(`witness remora ${vkey}\nquorum remora\n`)));
  assert.equal(codeOf(verifyProof({ ...claim, policy: unmet })), 'note.policy');
});

test('what is not a proof is refused by its form', () => {
  const note = mustAccept(textOfBytes(cosigned));
  const hash = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
  const wrong: readonly (readonly [string, string])[] = [
    ['', 'proof.form'],
    [`wrong-header\nindex 0\n\n${note}`, 'proof.form'],
    [`c2sp.org/tlog-proof@v1\n\n${note}`, 'proof.form'],
    [`c2sp.org/tlog-proof@v1\nindex 00\n\n${note}`, 'proof.form'],
    [`c2sp.org/tlog-proof@v1\nindex -5\n\n${note}`, 'proof.form'],
    [`c2sp.org/tlog-proof@v1\nindex x\n\n${note}`, 'proof.form'],
    [`c2sp.org/tlog-proof@v1\nindex 9007199254740992\n\n${note}`, 'proof.form'],
    [`c2sp.org/tlog-proof@v1\nindex 0 \n\n${note}`, 'proof.form'],
    [`c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n${note}`, 'proof.form'],
    [`c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\n${note}`, 'bytes.base64'],
    [`c2sp.org/tlog-proof@v1\nextra !!!!\nindex 0\n\n${note}`, 'bytes.base64'],
    [`c2sp.org/tlog-proof@v1\nextra AAAB\nextra AAAB\nindex 0\n\n${note}`, 'proof.form'],
    [`c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n${note}`, 'proof.form'],
    [`c2sp.org/tlog-proof@v1\nindex 0\n${`${hash}\n`.repeat(105)}\n${note}`, 'proof.form'],
    ['c2sp.org/tlog-proof@v1\nindex 0\n\ncheckpoint\n', 'note.form'],
    [`c2sp.org/tlog-proof@v1\nindex 0\n${note}`, 'bytes.base64'],
    [`c2sp.org/tlog-proof@v1\r\nindex 0\r\n\n${note}`, 'proof.form'],
    [`c2sp.org/tlog-proof@v1\nindex 0\n\n${note}\n`, 'note.form'],
    ['x'.repeat(1_048_577), 'proof.form'],
  ];
  for (const [text, code] of wrong) assert.equal(codeOf(parseProof(bytesOfText(text))), code, text.slice(0, 80));
  assert.equal(codeOf(parseProof(Uint8Array.of(0xff))), 'text.utf8');
  assert.throws(() => formatProof({ ...proofOf(0), extra: new Uint8Array() }), /assertion/);
});

test('extra data that is not a sequence of key lists is refused', () => {
  const one = encodeKeyLists([bytesOfText('list')]);
  assert.deepEqual(parseKeyLists(one), { ok: true, value: [bytesOfText('list')] });
  const wrong = [
    one.subarray(0, 3),
    one.subarray(0, 7),
    concatBytes(one, one.subarray(0, 4)),
    new Uint8Array(4),
    new Uint8Array(40).fill(0xff),
  ];
  for (const extra of wrong) assert.equal(codeOf(parseKeyLists(extra)), 'proof.form');
  assert.equal(codeOf(parseKeyLists(concatBytes(...Array.from({ length: 17 }, () => one)))), 'proof.form');
});

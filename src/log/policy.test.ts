import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText, concatBytes, textOfBytes, uint64Of } from '#base/bytes.ts';
import { timeSMax } from '#base/limits.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { verifierOfKey } from '#crypto/engine.ts';
import type { Checkpoint } from '#log/checkpoint.ts';
import { cosignCheckpoint, encodeTimedSignature, parseTimedSignature, signCheckpoint } from '#log/cosignature.ts';
import { formatNote, type NoteSignature, noteKey, parseNote } from '#log/note.ts';
import { type LogKeys, type OtherWitness, type PeerWitness, verifyCheckpoint, verifyCosignatures } from '#log/policy.ts';
import { keysOf, sampleCentre } from '#log/sample-centre.ts';
import { hashLeaf } from '#log/tree.ts';

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
const checkpoint: Checkpoint = { origin: cn.list.origin, size: 1, root: hashLeaf(bytesOfText('one')) };
const { logKeys } = cn.keyList;
const signed = await signCheckpoint(checkpoint, 1_767_600_000, cn.log);
const signedNote = mustAccept(parseNote(signed));
const verified = mustAccept(verifyCheckpoint(signed, logKeys));
const byUs = await cosignCheckpoint(checkpoint, 1_767_600_007, us.witness);

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

function codeOfLines(signatures: readonly NoteSignature[]): string {
  return codeOf(verifyCheckpoint(formatNote({ ...signedNote, signatures }), logKeys));
}

test('a checkpoint signed by both keys of its log is verified, with the time of signing', () => {
  const { origin, size, signedAtS } = verified;
  assert.deepEqual({ origin, size, signedAtS }, { origin: checkpoint.origin, size: 1, signedAtS: 1_767_600_000 });
});

test('a checkpoint of any change, of one signature, or of another log is refused', async () => {
  const [ed25519, mldsa44] = signedNote.signatures;
  assert.ok(ed25519 !== undefined && mldsa44 !== undefined);
  assert.equal(codeOfLines([ed25519]), 'note.policy');
  assert.equal(codeOfLines([mldsa44]), 'note.policy');
  assert.equal(codeOfLines([ed25519, mldsa44, mldsa44]), 'note.signature');
  assert.equal(codeOfLines([...byUs, ed25519, mldsa44]), 'accepted');
  assert.equal(codeOfLines(byUs), 'note.policy');
  assert.equal(codeOf(verifyCheckpoint(signed, us.keyList.logKeys)), 'checkpoint.origin');
  assert.equal(codeOf(verifyCheckpoint(bytesOfText('x\n\n— x AAAAAAA=\n'), logKeys)), 'checkpoint.form');
  assert.equal(codeOf(verifyCheckpoint(bytesOfText('x'), logKeys)), 'note.form');
  const withoutTime = await signCheckpoint(checkpoint, 0, cn.log);
  assert.equal(codeOf(verifyCheckpoint(withoutTime, logKeys)), 'cosignature.time');
  const text = mustAccept(textOfBytes(signed));
  assert.equal(codeOf(verifyCheckpoint(bytesOfText(text.replace('\n1\n', '\n2\n')), logKeys)), 'note.signature');
});

const junk = Array.from({ length: 30 }, (_, line) => ({ name: `j${line}`, keyId: '00000000', signature: new Uint8Array(9) }));

test('of a padded checkpoint the two lines of its owner are kept, so that all that is made of it can be read', () => {
  const padded = mustAccept(
    verifyCheckpoint(formatNote({ ...signedNote, signatures: [...junk, ...signedNote.signatures] }), logKeys),
  );
  assert.deepEqual(padded.note, signedNote);
  const [cosignature] = mustAccept(verifyCosignatures(padded, [...junk.slice(2), ...byUs], [us.keyList.witness]));
  assert.deepEqual(cosignature?.signatures, byUs);
  const together = { ...padded.note, signatures: [...padded.note.signatures, ...(cosignature?.signatures ?? [])] };
  assert.deepEqual(mustAccept(parseNote(formatNote(together))), together);
});

test('of two pairs of one log that both signed, the lines and the time of the first are kept', async () => {
  const second = keysOf(41);
  const [pair] = logKeys.pairs;
  assert.ok(pair !== undefined);
  const mldsa44 = verifierOfKey('ml-dsa-44', second.mldsa44.publicKey);
  const other = {
    ...pair,
    ed25519: noteKey(cn.log.name, 'ed25519', verifierOfKey('ed25519', second.ed25519.publicKey)),
    mldsa44: noteKey(cn.log.name, 'ml-dsa-44-cosignature', mldsa44),
  };
  const bySecond = mustAccept(parseNote(await signCheckpoint(checkpoint, 1_767_600_005, { name: cn.log.name, ...second })));
  const both = formatNote({ ...signedNote, signatures: [...bySecond.signatures, ...signedNote.signatures] });
  const kept = mustAccept(verifyCheckpoint(both, { ...logKeys, pairs: [pair, other] }));
  assert.deepEqual([kept.signedAtS, kept.note], [1_767_600_000, signedNote]);
});

test('no byte of a signed checkpoint can be changed', () => {
  fc.assert(
    fc.property(fc.nat(signed.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
      const changed = signed.with(position, (signed[position] ?? 0) ^ change);
      assert.equal(verifyCheckpoint(changed, logKeys).ok, false);
    }),
    { numRuns: 300 },
  );
});

test('a key counts only for the sizes that its list gives it', async () => {
  const [pair] = logKeys.pairs;
  assert.ok(pair !== undefined);
  const keysFor = (fromSize: number, toSize: number | null): LogKeys => ({ ...logKeys, pairs: [{ ...pair, fromSize, toSize }] });
  assert.equal(codeOf(verifyCheckpoint(signed, keysFor(1, 1))), 'accepted');
  assert.equal(codeOf(verifyCheckpoint(signed, keysFor(0, 0))), 'key.retired');
  assert.equal(codeOf(verifyCheckpoint(signed, keysFor(2, null))), 'key.retired');
  assert.equal(codeOf(verifyCheckpoint(signed, { ...logKeys, pairs: [] })), 'note.policy');
});

test('a peer counts with both lines and one time, and each cosignature gives its time', async () => {
  const { witness } = us.keyList;
  const accepted = mustAccept(verifyCosignatures(verified, byUs, [witness]));
  assert.deepEqual(accepted, [
    {
      witness: 'US',
      kind: 'peer',
      types: ['ed25519-cosignature', 'ml-dsa-44-cosignature'],
      timeS: 1_767_600_007,
      origin: checkpoint.origin,
      size: 1,
      signatures: byUs,
    },
  ]);
  const [first, second] = byUs;
  const [laterFirst, laterSecond] = await cosignCheckpoint(checkpoint, 1_767_600_008, us.witness);
  assert.ok(first && second && laterFirst && laterSecond);
  assert.deepEqual(mustAccept(verifyCosignatures(verified, [], [witness])), []);
  assert.equal(codeOf(verifyCosignatures(verified, [first], [witness])), 'note.policy');
  assert.equal(codeOf(verifyCosignatures(verified, [second], [witness])), 'note.policy');
  assert.equal(codeOf(verifyCosignatures(verified, [first, laterSecond], [witness])), 'cosignature.time');
  assert.equal(codeOf(verifyCosignatures(verified, [laterFirst, second], [witness])), 'cosignature.time');
  const timeless = await cosignCheckpoint(checkpoint, 0, us.witness);
  assert.equal(codeOf(verifyCosignatures(verified, timeless, [witness])), 'cosignature.time');
  const other = await cosignCheckpoint({ ...checkpoint, size: 2 }, 1_767_600_007, us.witness);
  assert.equal(codeOf(verifyCosignatures(verified, other, [witness])), 'note.signature');
  const cut = { ...first, signature: first.signature.subarray(1) };
  assert.equal(codeOf(verifyCosignatures(verified, [cut, second], [witness])), 'cosignature.form');
});

test("a peer's retired key counts up to the last size listed for that log, and for no other log", () => {
  const [pair] = us.keyList.witness.pairs;
  assert.ok(pair !== undefined);
  const until = (origin: string, size: number): PeerWitness => ({
    ...us.keyList.witness,
    pairs: [{ ...pair, until: [{ origin, size }] }],
  });
  assert.equal(codeOf(verifyCosignatures(verified, byUs, [until(checkpoint.origin, 1)])), 'accepted');
  assert.equal(codeOf(verifyCosignatures(verified, byUs, [until(checkpoint.origin, 0)])), 'key.retired');
  assert.equal(codeOf(verifyCosignatures(verified, byUs, [until('another.example/us-cn/test', 9)])), 'key.retired');
});

test('any other witness counts with either key, but never with two times', async () => {
  const keys = keysOf(31);
  const name = 'neutral.example/w1';
  const witness: OtherWitness = {
    kind: 'other',
    name,
    keys: [
      noteKey(name, 'ed25519-cosignature', verifierOfKey('ed25519', keys.ed25519.publicKey)),
      noteKey(name, 'ml-dsa-44-cosignature', verifierOfKey('ml-dsa-44', keys.mldsa44.publicKey)),
    ],
  };
  const lines = await cosignCheckpoint(checkpoint, 1_767_600_009, { name, ...keys });
  const [first, second] = lines;
  const [later] = await cosignCheckpoint(checkpoint, 1_767_600_010, { name, ...keys });
  assert.ok(first && second && later);
  const typesOf = (signatures: readonly NoteSignature[]) =>
    mustAccept(verifyCosignatures(verified, signatures, [witness])).map(({ types }) => types);
  assert.deepEqual(typesOf([first]), [['ed25519-cosignature']]);
  assert.deepEqual(typesOf([second]), [['ml-dsa-44-cosignature']]);
  assert.deepEqual(typesOf(lines), [['ed25519-cosignature', 'ml-dsa-44-cosignature']]);
  assert.deepEqual(typesOf([]), []);
  assert.equal(codeOf(verifyCosignatures(verified, [later, second], [witness])), 'cosignature.time');
  assert.equal(codeOf(verifyCosignatures(verified, [first, first], [witness])), 'note.signature');
});

test('a timed signature comes back, and one of a wrong length or a time beyond the year 9999 is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: timeSMax }), fc.uint8Array({ minLength: 64, maxLength: 64 }), (timeS, signature) => {
      const bytes = encodeTimedSignature({ timeS, signature });
      assert.deepEqual(parseTimedSignature('ed25519-cosignature', bytes), { ok: true, value: { timeS, signature } });
      assert.equal(codeOf(parseTimedSignature('ml-dsa-44-cosignature', bytes)), 'cosignature.form');
    }),
  );
  for (const time of [uint64Of(timeSMax + 1), uint64Of(Number.MAX_SAFE_INTEGER), new Uint8Array(8).fill(0xff)]) {
    const far = concatBytes(time, new Uint8Array(64));
    assert.equal(codeOf(parseTimedSignature('ed25519-cosignature', far)), 'cosignature.time');
  }
  for (const timeS of [1.5, timeSMax + 1]) {
    assert.throws(() => encodeTimedSignature({ timeS, signature: new Uint8Array(64) }), /assertion/);
  }
});

test('our own code never signs under a wrong name', async () => {
  await assert.rejects(signCheckpoint(checkpoint, 1, us.log), /assertion/);
  await assert.rejects(cosignCheckpoint(checkpoint, 1, cn.log), /assertion/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText, textOfBytes } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import {
  checkKeyListFollows,
  fingerprintOf,
  keyListText,
  parseKeyList,
  publicKeysOf,
  signKeyList,
  type VerifiedKeyList,
  verifyKeyList,
} from '#log/keys.ts';
import { formatNote, parseNote, signText } from '#log/note.ts';
import { keysOf, sampleCentre, textOf } from '#log/sample-centre.ts';

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
const [logKey] = cn.list.log;
const [witnessKey] = cn.list.witness;
assert.ok(logKey !== undefined && witnessKey !== undefined);

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

async function readBack(list: KeyList): Promise<VerifiedKeyList> {
  return mustAccept(verifyKeyList(mustAccept(parseKeyList(await signKeyList(list, cn.offline))), cn.pinned));
}

/** A list as a hostile hand would sign it: any text at all. */
async function codeOfText(text: string): Promise<string> {
  return codeOf(parseKeyList(await signText(text, { name: `${cn.list.origin}/offline`, ...cn.offline })));
}

test('a signed key list is read back and verified, with its keys', () => {
  const parsed = mustAccept(parseKeyList(cn.listNote));
  assert.deepEqual(parsed.list, cn.list);
  assert.deepEqual(formatNote(parsed.note), cn.listNote);
  const { logKeys, witness } = mustAccept(verifyKeyList(parsed, cn.pinned));
  assert.equal(logKeys.origin, 'cn.anshin.example/us-cn/test');
  assert.deepEqual(
    logKeys.pairs.map(({ fromSize, toSize, ed25519, mldsa44, mldsa44Text }) => [
      fromSize,
      toSize,
      ed25519.type,
      mldsa44.type,
      mldsa44Text.type,
    ]),
    [[0, null, 'ed25519', 'ml-dsa-44-cosignature', 'ml-dsa-44']],
  );
  assert.deepEqual(
    [witness.centre, witness.pairs.map(({ ed25519, until }) => [ed25519.name, until])],
    ['CN', [['cn.anshin.example/us-cn/test/witness', null]]],
  );
});

test('a list by other offline keys, or with a signature that does not fit, is refused', () => {
  const parsed = mustAccept(parseKeyList(cn.listNote));
  assert.equal(codeOf(verifyKeyList(parsed, us.pinned)), 'key.unknown');
  assert.equal(codeOf(verifyKeyList(parsed, { ...cn.pinned, mldsa44: us.pinned.mldsa44 })), 'key.unknown');
  const [first, second] = parsed.note.signatures;
  assert.ok(first !== undefined && second !== undefined);
  const withLines = (signatures: typeof parsed.note.signatures) => ({ ...parsed, note: { ...parsed.note, signatures } });
  assert.equal(codeOf(verifyKeyList(withLines([first]), cn.pinned)), 'key.signature');
  assert.equal(codeOf(verifyKeyList(withLines([second]), cn.pinned)), 'key.signature');
  const text = mustAccept(textOfBytes(cn.listNote)).replace('"serial":1', '"serial":2');
  assert.equal(codeOf(verifyKeyList(mustAccept(parseKeyList(bytesOfText(text))), cn.pinned)), 'key.signature');
});

test('no byte of a key list can be changed', () => {
  fc.assert(
    fc.property(fc.nat(cn.listNote.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
      const parsed = parseKeyList(cn.listNote.with(position, (cn.listNote[position] ?? 0) ^ change));
      assert.equal(parsed.ok && verifyKeyList(parsed.value, cn.pinned).ok, false);
    }),
    { numRuns: 300 },
  );
});

test('a list that is out of form is refused though it is well signed', async () => {
  const { list } = cn;
  const wrong: readonly (readonly [string, string])[] = [
    ['anshin-keys/2\n{}\n', 'key.list'],
    ['anshin-keys/1\n{}\n', 'key.list'],
    ['anshin-keys/1\n\n', 'record.json'],
    [keyListText(list).replace('{', '{ '), 'record.canonical'],
    [keyListText({ ...list, origin: 'cn.anshin.example' }), 'key.list'],
    [keyListText({ ...list, circle: 'p5' }), 'key.list'],
    [keyListText({ ...list, status: 'actual' }), 'key.list'],
    [keyListText({ ...list, serial: 0 }), 'key.list'],
    [keyListText({ ...list, log: [] }), 'key.list'],
    [keyListText({ ...list, log: [{ ...logKey, fromSize: 5, toSize: 4 }] }), 'key.list'],
    [keyListText({ ...list, log: [{ ...logKey, ed25519: 'A'.repeat(44) }] }), 'key.list'],
    [keyListText({ ...list, log: [{ ...logKey, mldsa44: `!${logKey.mldsa44.slice(1)}` }] }), 'key.list'],
    [keyListText({ ...list, witness: [{ ...witnessKey, name: list.origin }] }), 'key.list'],
    [keyListText({ ...list, witness: [{ ...witnessKey, name: 'a b' }] }), 'key.list'],
    [keyListText({ ...list, witness: [{ ...witnessKey, ed25519: logKey.ed25519 }] }), 'key.list'],
    [keyListText({ ...list, offline: textOf(keysOf(2)) }), 'key.list'],
    [keyListText(list).replace('"centre"', '"center"'), 'key.list'],
  ];
  for (const [text, code] of wrong) assert.equal(await codeOfText(text), code, text.slice(0, 60));
  assert.equal(codeOf(parseKeyList(bytesOfText('x'))), 'note.form');
  assert.equal(codeOf(publicKeysOf({ ed25519: 'AAAA', mldsa44: logKey.mldsa44 })), 'key.form');
  assert.equal(codeOf(publicKeysOf({ ed25519: '?', mldsa44: logKey.mldsa44 })), 'bytes.base64');
});

test('a newer list keeps every older key and gives none more than it had', async () => {
  const { list } = cn;
  const newKey = { ...textOf(keysOf(5)), fromSize: 101 };
  const newWitness = { ...textOf(keysOf(6)), name: 'cn.anshin.example/us-cn/test/witness' };
  const rotated: KeyList = {
    ...list,
    serial: 2,
    log: [{ ...logKey, toSize: 100 }, newKey],
    witness: [{ ...witnessKey, until: [{ origin: us.list.origin, size: 40 }] }, newWitness],
  };
  const [before, after] = [await readBack(list), await readBack(rotated)];
  assert.equal(codeOf(checkKeyListFollows(before, after)), 'accepted');
  assert.equal(codeOf(checkKeyListFollows(after, await readBack({ ...rotated, serial: 9 }))), 'accepted');
  const wrong: readonly (readonly [VerifiedKeyList, KeyList])[] = [
    [before, list],
    [before, { ...rotated, serial: 1 }],
    [before, { ...rotated, log: [newKey] }],
    [before, { ...rotated, log: [{ ...logKey, fromSize: 1 }, newKey] }],
    [before, { ...rotated, witness: [newWitness] }],
    [before, { ...rotated, centre: 'US' }],
    [after, { ...rotated, serial: 3, log: [logKey, newKey] }],
    [after, { ...rotated, serial: 3, log: [{ ...logKey, toSize: 101 }, newKey] }],
    [after, { ...rotated, serial: 3, witness: [witnessKey, newWitness] }],
    [after, { ...rotated, serial: 3, witness: [{ ...witnessKey, until: [{ origin: us.list.origin, size: 41 }] }, newWitness] }],
  ];
  for (const [older, newer] of wrong) assert.equal(codeOf(checkKeyListFollows(older, await readBack(newer))), 'key.list');
  assert.equal(codeOf(checkKeyListFollows(before, us.keyList)), 'key.list');
  const [pair] = after.logKeys.pairs;
  assert.equal(pair?.toSize, 100);
});

test('offline keys cannot follow one another by a list: that is a succession', async () => {
  const other = keysOf(7);
  const list = { ...cn.list, serial: 2, offline: textOf(other) };
  const parsed = mustAccept(parseKeyList(await signKeyList(list, other)));
  const pinned = mustAccept(publicKeysOf(list.offline));
  const refused = checkKeyListFollows(cn.keyList, mustAccept(verifyKeyList(parsed, pinned)));
  assert.match(refused.ok ? '' : refused.refusal.detail, /offline keys differ/);
  await assert.rejects(signKeyList(cn.list, other), /assertion/);
});

test('a fingerprint is eight groups of five digits, of both keys', () => {
  const fingerprint = fingerprintOf(cn.pinned);
  assert.match(fingerprint, /^\d{5}( \d{5}){7}$/);
  assert.notEqual(fingerprintOf({ ...cn.pinned, mldsa44: us.pinned.mldsa44 }), fingerprint);
  assert.notEqual(fingerprintOf({ ...cn.pinned, ed25519: us.pinned.ed25519 }), fingerprint);
  assert.equal(mustAccept(parseNote(cn.listNote)).signatures[0]?.name, 'cn.anshin.example/us-cn/test/offline');
});

// The vectors of our own formats in spec/vectors/log are what the code makes today, but for ML-DSA signatures, which differ each
// time. To write them anew when a format changes: ANSHIN_WRITE_VECTORS=1 node --test test/interop/log-vectors.test.ts. The files
// merkle.json and published.json are others' and kept by hand.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesOfText, concatBytes, hexOf, textOfBytes, uint64Of } from '#base/bytes.ts';
import { timeSMax } from '#base/limits.ts';
import { mustAccept } from '#base/refusal.ts';
import { verifierOfKey } from '#crypto/engine.ts';
import { cosignCheckpoint, signCheckpoint } from '#log/cosignature.ts';
import { forkEvidence, formatFork } from '#log/fork.ts';
import { signHeartbeat } from '#log/heartbeat.ts';
import { formatInclusion } from '#log/inclusion-file.ts';
import { fingerprintOf, keyListText, signKeyList } from '#log/keys.ts';
import { formatNote, formatVkey, type NoteSignature, noteKey, parseNote, signText } from '#log/note.ts';
import { verifyCheckpoint } from '#log/policy.ts';
import { encodeKeyLists, formatProof } from '#log/proof.ts';
import { keysOf, sampleCentre, textOf } from '#log/sample-centre.ts';
import { encodeEntryBundle, tilePath } from '#log/tiles.ts';
import { append, emptyFrontier, hashLeaf, inclusionProof, type NodeReader, rootAt } from '#log/tree.ts';

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
const neutral = { name: 'neutral.example/w1', ...keysOf(21) };
const neutralVkey = formatVkey(noteKey(neutral.name, 'ed25519-cosignature', verifierOfKey('ed25519', neutral.ed25519.publicKey)));
const records = Array.from({ length: 11 }, (_, index) => bytesOfText(`{"record":${index}}`));
const at = 1_767_600_000;

/** A history that parts from the first at the leaf `parting`. */
function history(parting: number): NodeReader {
  const leaves = records.map((record, index) => hashLeaf(index < parting ? record : bytesOfText(`{"other":${index}}`)));
  const { nodes } = append(emptyFrontier, leaves);
  const byPlace = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  return (level, index) => mustHave(byPlace.get(`${level}/${index}`));
}

function mustHave<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('missing');
  return value;
}

const text = (bytes: Uint8Array) => mustAccept(textOfBytes(bytes));
const [first, second] = [history(11), history(7)];
const checkpoint = { origin: cn.list.origin, size: 11, root: rootAt(11, first) };
const own = mustAccept(parseNote(await signCheckpoint(checkpoint, at, cn.log)));
const [ownEd25519, ownMldsa44] = [mustHave(own.signatures[0]), mustHave(own.signatures[1])];
const [usEd25519, usMldsa44] = (await cosignCheckpoint(checkpoint, at + 3, us.witness)).map((line) => line);
const [laterEd25519] = await cosignCheckpoint(checkpoint, at + 4, us.witness);
const [neutralEd25519] = await cosignCheckpoint(checkpoint, at + 9, neutral);
const both = [ownEd25519, ownMldsa44, mustHave(usEd25519), mustHave(usMldsa44)];
const noteOf = (signatures: readonly NoteSignature[]) => text(formatNote({ ...own, signatures }));

/** Base64 long enough to hold an ML-DSA signature. */
const withSignature = /[A-Za-z0-9+/=]{3000,}/g;

function keep(name: string, content: object): void {
  const path = new URL(`../../spec/vectors/log/${name}.json`, import.meta.url);
  const made = `${JSON.stringify(content, null, 1)}\n`;
  if (process.env['ANSHIN_WRITE_VECTORS'] === '1') writeFileSync(path, made);
  assert.equal(readFileSync(path, 'utf8').replaceAll(withSignature, '…'), made.replaceAll(withSignature, '…'));
}

function flipLast(line: NoteSignature): NoteSignature {
  const last = line.signature.length - 1;
  return { ...line, signature: line.signature.with(last, mustHave(line.signature[last]) ^ 1) };
}

/** The line with a time one second beyond what is accepted; no signature could be under it. */
function afterAll(line: NoteSignature): NoteSignature {
  return { ...line, signature: concatBytes(uint64Of(timeSMax + 1), line.signature.subarray(8)) };
}

test('checkpoint.json is what the code makes', async () => {
  const timeless = await signCheckpoint(checkpoint, 0, cn.log);
  keep('checkpoint', {
    keyLists: 'key-list.json: CN owns the log, US is the peer',
    accepted: [
      { name: 'by its owner alone', note: noteOf([ownEd25519, ownMldsa44]), signedAtS: at, peers: [] },
      { name: 'cosigned by the peer', note: noteOf(both), signedAtS: at, peers: [{ witness: 'US', timeS: at + 3 }] },
      {
        name: 'lines of unknown keys are passed over',
        note: noteOf([mustHave(neutralEd25519), ...both]),
        signedAtS: at,
        peers: [{ witness: 'US', timeS: at + 3 }],
      },
    ],
    refused: [
      { name: 'without ML-DSA-44', note: noteOf([ownEd25519]), code: 'note.policy' },
      { name: 'without Ed25519', note: noteOf([ownMldsa44]), code: 'note.policy' },
      { name: 'signed by nobody known', note: noteOf([mustHave(neutralEd25519)]), code: 'note.policy' },
      { name: 'one line twice', note: noteOf([ownEd25519, ownMldsa44, ownEd25519]), code: 'note.signature' },
      { name: 'a bit of the Ed25519 signature', note: noteOf([flipLast(ownEd25519), ownMldsa44]), code: 'note.signature' },
      { name: 'a bit of the ML-DSA-44 signature', note: noteOf([ownEd25519, flipLast(ownMldsa44)]), code: 'note.signature' },
      { name: 'another size', note: noteOf(both).replace('\n11\n', '\n12\n'), code: 'note.signature' },
      { name: 'another origin', note: noteOf(both).replace('cn.anshin', 'xx.anshin'), code: 'checkpoint.origin' },
      { name: 'an extension line', note: noteOf(both).replace('\n\n', '\nextension\n\n'), code: 'checkpoint.form' },
      { name: 'signed at no time', note: text(timeless), code: 'cosignature.time' },
      { name: 'signed after the year 9999', note: noteOf([ownEd25519, afterAll(ownMldsa44)]), code: 'cosignature.time' },
      { name: 'the peer with one line', note: noteOf(both.slice(0, 3)), code: 'note.policy' },
      { name: 'the peer with two times', note: noteOf(both.with(2, mustHave(laterEd25519))), code: 'cosignature.time' },
      { name: 'the peer with a bit changed', note: noteOf(both.with(3, flipLast(mustHave(usMldsa44)))), code: 'note.signature' },
    ],
  });
});

test('key-list.json is what the code makes', async () => {
  const rotated = {
    ...cn.list,
    serial: 2,
    log: [
      { ...mustHave(cn.list.log[0]), toSize: 100 },
      { ...textOf(keysOf(4)), fromSize: 101 },
    ],
  };
  const name = `${cn.list.origin}/offline`;
  const signedText = async (each: string) => text(await signText(each, { name, ...cn.offline }));
  const note = text(cn.listNote);
  keep('key-list', {
    seeds: 'Each key is of a seed of 32 equal bytes: CN offline 01, log 02, witness 03; US 0b, 0c, 0d; the neutral witness 15.',
    pinned: [cn, us].map(({ list, offline, pinned }) => ({
      centre: list.centre,
      ...textOf(offline),
      fingerprint: fingerprintOf(pinned),
    })),
    accepted: [
      { name: 'CN', centre: 'CN', note, list: cn.list },
      { name: 'US', centre: 'US', note: text(us.listNote), list: us.list },
      {
        name: 'CN after a change of its log key',
        centre: 'CN',
        note: text(await signKeyList(rotated, cn.offline)),
        list: rotated,
      },
    ],
    refused: [
      { name: 'by the offline keys of another', centre: 'US', note, code: 'key.unknown' },
      { name: 'another serial', centre: 'CN', note: note.replace('"serial":1', '"serial":2'), code: 'key.signature' },
      { name: 'without its ML-DSA-44 line', centre: 'CN', note: note.slice(0, note.lastIndexOf('— ')), code: 'key.signature' },
      {
        name: 'not canonical',
        centre: 'CN',
        note: await signedText(keyListText(cn.list).replace('{', '{ ')),
        code: 'record.canonical',
      },
      {
        name: 'a field that no list has',
        centre: 'CN',
        note: await signedText(keyListText(cn.list).replace('"centre"', '"also":1,"centre"')),
        code: 'key.list',
      },
      {
        name: 'an origin of another circle',
        centre: 'CN',
        note: await signedText(keyListText({ ...cn.list, circle: 'p5' })),
        code: 'key.list',
      },
      {
        name: 'the log key as witness',
        centre: 'CN',
        note: await signedText(keyListText({ ...cn.list, witness: [{ ...textOf(keysOf(2)), name: 'w.example' }] })),
        code: 'key.list',
      },
    ],
  });
});

const none = 'quorum none\n';
const asked = `witness neutral ${neutralVkey}\nquorum neutral\n`;
const record = '{"record":6}';

function proofOf(index: number, signatures: readonly NoteSignature[], extra: Uint8Array | null): string {
  const hashes = inclusionProof(index, 11, first);
  return text(formatProof({ extra, index, hashes, checkpoint: bytesOfText(noteOf(signatures)) }));
}

test('proof.json is what the code makes', () => {
  const good = proofOf(6, both, null);
  const hash = mustHave(good.split('\n')[2]);
  const byNeutral = proofOf(6, [...both, mustHave(neutralEd25519)], null);
  const withLists = proofOf(6, both, encodeKeyLists([cn.listNote, us.listNote]));
  const shown = (name: string, proof: string, peers: readonly string[]) => ({
    name,
    record,
    proof,
    policy: none,
    index: 6,
    peers,
    witnesses: [],
  });
  const wrong = (name: string, proof: string, code: string) => ({ name, record, proof, policy: none, code });
  keep('proof', {
    keyLists: 'key-list.json: the first two; the first accepted proof carries them',
    accepted: [
      shown('with key lists', withLists, ['US']),
      shown('by the owner alone', proofOf(6, both.slice(0, 2), null), []),
      { ...shown('with a neutral witness', byNeutral, ['US']), policy: asked, witnesses: ['neutral'] },
      { ...shown('the last leaf, of another height', proofOf(10, both, null), ['US']), record: '{"record":10}', index: 10 },
    ],
    refused: [
      { ...wrong('another record', good, 'proof.inclusion'), record: '{"record":7}' },
      wrong('another index', good.replace('index 6', 'index 5'), 'proof.inclusion'),
      wrong('an index beyond the tree', good.replace('index 6', 'index 11'), 'proof.inclusion'),
      wrong('a hash left out', good.replace(`${hash}\n`, ''), 'proof.inclusion'),
      wrong('a hash twice', good.replace(hash, `${hash}\n${hash}`), 'proof.inclusion'),
      wrong('an index with a leading zero', good.replace('index 6', 'index 06'), 'proof.form'),
      { ...wrong('the quorum not reached', good, 'note.policy'), policy: asked },
      wrong("one of the owner's signatures", proofOf(6, both.slice(1), null), 'note.policy'),
      wrong('another header', good.replace('@v1', '@v2'), 'proof.form'),
      wrong('no empty line', good.slice(0, good.indexOf('\n\n') + 1), 'proof.form'),
    ],
  });
});

test('inclusion.json is what the code makes', () => {
  const file = text(formatInclusion({ index: 6, size: 9, hashes: inclusionProof(6, 9, first) }));
  const root = hexOf(rootAt(9, first));
  const wrong = (name: string, each: string, code: string) => ({ name, record, file: each, root, code });
  keep('inclusion', {
    accepted: [{ name: 'in a smaller tree than that of the proof', record, file, root, index: 6, size: 9 }],
    refused: [
      { ...wrong('under the root of another history', file, 'proof.inclusion'), root: hexOf(rootAt(9, second)) },
      { ...wrong('another record', file, 'proof.inclusion'), record: '{"record":7}' },
      wrong('another index', file.replace('index 6', 'index 5'), 'proof.inclusion'),
      wrong('an index beyond the tree', file.replace('index 6', 'index 9'), 'proof.inclusion'),
      wrong('an index with a leading zero', file.replace('index 6', 'index 06'), 'proof.form'),
      wrong('another header', file.replace('/1', '/2'), 'proof.form'),
      wrong('no line feed at the end', file.slice(0, -1), 'proof.form'),
    ],
  });
});

test('fork.json is what the code makes', async () => {
  const of = async (size: number, read: NodeReader) =>
    mustAccept(
      verifyCheckpoint(
        await signCheckpoint({ ...checkpoint, size, root: rootAt(size, read) }, at + size, cn.log),
        cn.keyList.logKeys,
      ),
    );
  const [smaller, larger, sameSize] = [await of(9, first), await of(11, second), await of(9, second)];
  const evidence = forkEvidence(smaller, larger, second);
  const honest = forkEvidence(smaller, await of(11, first), first);
  const early = forkEvidence(await of(6, first), larger, second);
  keep('fork', {
    keyLists: 'key-list.json: CN owns the log',
    accepted: [
      { name: 'two sizes', evidence: text(formatFork(evidence)), smaller: 9, larger: 11, rootInLarger: hexOf(rootAt(9, second)) },
      {
        name: 'one size',
        evidence: text(formatFork(forkEvidence(smaller, sameSize, second))),
        smaller: 9,
        larger: 9,
        rootInLarger: hexOf(rootAt(9, second)),
      },
    ],
    refused: [
      { name: 'one history', evidence: text(formatFork(honest)), code: 'log.fork-not-shown' },
      { name: 'before the parting', evidence: text(formatFork(early)), code: 'log.fork-not-shown' },
      {
        name: 'without nodes: consistency is not shown, and no more',
        evidence: text(formatFork({ ...evidence, nodes: [] })),
        code: 'log.fork-not-shown',
      },
      {
        name: 'nodes of the other tree',
        evidence: text(formatFork({ ...evidence, nodes: honest.nodes })),
        code: 'log.fork-not-shown',
      },
      {
        name: 'the larger first',
        evidence: text(formatFork({ ...evidence, smaller: evidence.larger, larger: evidence.smaller })),
        code: 'log.fork-not-shown',
      },
      {
        name: 'a checkpoint that the owner did not sign',
        evidence: text(formatFork(evidence)).replace('\n9\n', '\n8\n'),
        code: 'note.signature',
      },
    ],
  });
});

test('heartbeat.json is what the code makes', async () => {
  const nonce = new Uint8Array(32).fill(7);
  const expected = { path: 'direct', nonceHex: hexOf(nonce) };
  const note = text(await signHeartbeat({ checkpoint, timeS: at, path: 'direct', nonce }, cn.log));
  keep('heartbeat', {
    keyLists: 'key-list.json: CN owns the log',
    accepted: [{ name: 'direct', note, ...expected, timeS: at, size: 11 }],
    refused: [
      { name: 'for another path', note, ...expected, path: 'courier', code: 'link.heartbeat' },
      { name: 'in answer to other bytes', note, ...expected, nonceHex: '00'.repeat(32), code: 'link.heartbeat' },
      { name: 'at another time', note: note.replace(`time ${at}`, `time ${at + 1}`), ...expected, code: 'note.signature' },
      { name: 'a time with a leading zero', note: note.replace('time ', 'time 0'), ...expected, code: 'heartbeat.form' },
      {
        name: 'after the year 9999',
        note: note.replace(`time ${at}`, `time ${timeSMax + 1}`),
        ...expected,
        code: 'heartbeat.form',
      },
      { name: 'without its ML-DSA-44 line', note: note.slice(0, note.lastIndexOf('— ')), ...expected, code: 'note.policy' },
      { name: 'a checkpoint', note: noteOf(both), ...expected, code: 'heartbeat.form' },
    ],
  });
});

test('tiles.json is what the code makes', () => {
  const places = [
    { level: 0, index: 1_234_067, width: 256 },
    { level: 0, index: 273, width: 112 },
    { level: 1, index: 1, width: 17 },
    { level: 'entries' as const, index: 0, width: 1 },
  ];
  const leaves = [new Uint8Array(), bytesOfText('a'), new Uint8Array(300).fill(1)];
  keep('tiles', {
    paths: {
      accepted: places.map((place) => ({ ...place, path: tilePath(place) })),
      refused: ['tile/0/67', 'tile/0/x000/067', 'tile/64/067', 'tile/0/067.p/256', 'tile/0/067.p/0', 'tile/00/067'],
    },
    widths: [
      [0, 272, 70_000, 256],
      [0, 273, 70_000, 112],
      [0, 274, 70_000, 0],
      [1, 0, 70_000, 256],
      [1, 1, 70_000, 17],
      [2, 0, 70_000, 1],
      [0, 0, 256, 256],
      [1, 0, 256, 1],
      [0, 1, 256, 0],
    ].map(([level, index, size, width]) => ({ level, index, size, width })),
    bundles: {
      accepted: [{ leaves: leaves.map(hexOf), bytes: hexOf(encodeEntryBundle(leaves)) }],
      refused: [
        { bytes: '', width: 1 },
        { bytes: '0001', width: 1 },
        { bytes: '00', width: 1 },
        { bytes: '00016100', width: 1 },
        { bytes: '000161000162', width: 1 },
      ],
    },
  });
});

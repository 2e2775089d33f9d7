import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesOfBase64, bytesOfText, hexOf, textOfBytes } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { checkpointText, parseCheckpointText } from '#log/checkpoint.ts';
import { messageToSign } from '#log/cosignature.ts';
import { formatFork, parseFork, verifyFork } from '#log/fork.ts';
import { verifyHeartbeat } from '#log/heartbeat.ts';
import { formatInclusion, parseInclusion } from '#log/inclusion-file.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import { fingerprintOf, parseKeyList, publicKeysOf, type VerifiedKeyList, verifyKeyList } from '#log/keys.ts';
import { formatNote, formatVkey, parseNote, parseVkey, signatureBy } from '#log/note.ts';
import { verifyCheckpoint, verifyCosignatures, verifyLineBy } from '#log/policy.ts';
import { parsePolicy } from '#log/policy-file.ts';
import { formatProof, parseKeyLists, parseProof, verifyProof } from '#log/proof.ts';
import { checkSuccession, standingKeys } from '#log/succession.ts';
import { encodeEntryBundle, parseEntryBundle, parseTilePath, tilePath, tileWidthAt } from '#log/tiles.ts';
import {
  append,
  consistencyProof,
  emptyFrontier,
  emptyRoot,
  hashLeaf,
  inclusionProof,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from '#log/tree.ts';

/** Cases of one format: each accepted one with what it says, each refused one with its code. */
interface Cases<Case, Said> {
  readonly accepted: readonly (Case & Said)[];
  readonly refused: readonly (Case & { readonly code: string })[];
}
type Named = { readonly name: string };
type Noted = Named & { readonly note: string };
type Keys = { readonly ed25519: string; readonly mldsa44: string };
type Inclusion = Named & { index: number; size: number; root: string; leafHash: string; proof: string[] };
type Consistency = Named & { from: number; fromRoot: string; to: number; toRoot: string; proof: string[] };
type Place = { level: number; index: number; width: number };
type Signed = { readonly vkey: string; readonly timeS: number | null };
type Head = { readonly origin: string; readonly size: number; readonly root: string };

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../spec/vectors/log/${name}.json`, import.meta.url), 'utf8'));
}

const hex = (text: string) => Uint8Array.fromHex(text);
const codeOf = (result: Result<unknown>) => (result.ok ? 'accepted' : result.refusal.code);

const keyLists = read('key-list') as Cases<Noted & { centre: string }, { list: KeyList }> & {
  pinned: readonly (Keys & { centre: string; fingerprint: string })[];
};
const pins = new Map(keyLists.pinned.map((pin) => [pin.centre, mustAccept(publicKeysOf(pin))]));

function listOf(centre: string, note: string): Result<VerifiedKeyList> {
  const pinned = pins.get(centre);
  assert.ok(pinned !== undefined);
  const parsed = parseKeyList(bytesOfText(note));
  return parsed.ok ? verifyKeyList(parsed.value, pinned) : parsed;
}

const [cn, us] = ['CN', 'US'].map((centre) =>
  mustAccept(listOf(centre, keyLists.accepted.find((each) => each.name === centre)?.note ?? '')),
);
assert.ok(cn !== undefined && us !== undefined);

test('merkle.json: the tree of Certificate Transparency, its proofs, and each corruption of them', () => {
  const { leaves, leafHashes, roots, inclusion, consistency, ...rest } = read('merkle') as {
    emptyRoot: string;
    leaves: string[];
    leafHashes: string[];
    roots: string[];
    inclusion: Cases<Inclusion, object>;
    consistency: Cases<Consistency, object>;
  };
  assert.equal(hexOf(emptyRoot), rest.emptyRoot);
  const hashes = leaves.map((leaf) => hashLeaf(hex(leaf)));
  assert.deepEqual(hashes.map(hexOf), leafHashes);
  const { nodes } = append(emptyFrontier, hashes);
  const node = (level: number, index: number) =>
    nodes.find((each) => each.level === level && each.index === index)?.hash ?? emptyRoot;
  for (const [position, root] of roots.entries()) assert.equal(hexOf(rootAt(position + 1, node)), root);
  const inclusionClaim = (each: Inclusion) => ({
    ...each,
    root: hex(each.root),
    leafHash: hex(each.leafHash),
    proof: each.proof.map(hex),
  });
  for (const each of inclusion.accepted) {
    assert.equal(codeOf(verifyInclusion(inclusionClaim(each))), 'accepted');
    assert.deepEqual(inclusionProof(each.index, each.size, node).map(hexOf), each.proof);
  }
  for (const each of inclusion.refused) assert.equal(codeOf(verifyInclusion(inclusionClaim(each))), 'proof.inclusion', each.name);
  const consistencyClaim = (each: Consistency) => ({
    ...each,
    fromRoot: hex(each.fromRoot),
    toRoot: hex(each.toRoot),
    proof: each.proof.map(hex),
  });
  for (const each of consistency.accepted) {
    assert.equal(codeOf(verifyConsistency(consistencyClaim(each))), 'accepted');
    assert.deepEqual(consistencyProof(each.from, each.to, node).map(hexOf), each.proof);
  }
  for (const each of consistency.refused)
    assert.equal(codeOf(verifyConsistency(consistencyClaim(each))), 'proof.consistency', each.name);
});

test('published.json: notes, checkpoints and cosignatures that others signed', () => {
  const { notes, checkpoints, messages } = read('published') as {
    notes: (Noted & { signedBy: string[] })[];
    checkpoints: (Noted & { checkpoint: Head; signedBy: Signed[] })[];
    messages: { cosigner: string; timeS: number; checkpoint: Head; ed25519: string; mldsa44Hex: string }[];
  };
  for (const each of notes) {
    const note = mustAccept(parseNote(bytesOfText(each.note)));
    assert.equal(mustAccept(textOfBytes(formatNote(note))), each.note);
    for (const vkey of each.signedBy) {
      const key = mustAccept(parseVkey(vkey));
      assert.equal(formatVkey(key), vkey);
      const line = mustAccept(signatureBy(note.signatures, key));
      assert.ok(line !== undefined && key.verifier.verify(bytesOfText(note.text), line.signature), each.name);
      assert.equal(key.verifier.verify(bytesOfText(`${note.text} `), line.signature), false);
    }
  }
  for (const each of checkpoints) {
    const note = mustAccept(parseNote(bytesOfText(each.note)));
    const checkpoint = mustAccept(parseCheckpointText(note.text));
    assert.equal(checkpointText(checkpoint), `${each.checkpoint.origin}\n${each.checkpoint.size}\n${each.checkpoint.root}\n`);
    for (const { vkey, timeS } of each.signedBy) {
      const key = mustAccept(parseVkey(vkey));
      assert.deepEqual(verifyLineBy(checkpoint, note.signatures, key), { ok: true, value: timeS }, each.name);
      assert.equal(codeOf(verifyLineBy({ ...checkpoint, size: 42 }, note.signatures, key)), 'note.signature');
    }
  }
  for (const { cosigner, timeS, checkpoint, ed25519, mldsa44Hex } of messages) {
    const statement = { cosigner, timeS, checkpoint: { ...checkpoint, root: mustAccept(bytesOfBase64(checkpoint.root)) } };
    assert.equal(mustAccept(textOfBytes(messageToSign('ed25519-cosignature', statement))), ed25519);
    assert.equal(hexOf(messageToSign('ml-dsa-44-cosignature', statement)), mldsa44Hex);
  }
});

test('key-list.json: lists and fingerprints', () => {
  for (const { centre, fingerprint } of keyLists.pinned)
    assert.equal(fingerprintOf(pins.get(centre) ?? assert.fail()), fingerprint);
  for (const { centre, note, list, name } of keyLists.accepted)
    assert.deepEqual(mustAccept(listOf(centre, note)).list, list, name);
  for (const { centre, note, code, name } of keyLists.refused) assert.equal(codeOf(listOf(centre, note)), code, name);
});

test('succession.json: which list succeeds which, and what it ends', () => {
  type Pair = Named & { readonly older: string; readonly newer: string };
  const { accepted, refused } = read('succession') as Cases<Pair, { ended: object }>;
  const listsOf = ({ older, newer }: Pair) => [older, newer].map((note) => mustAccept(listOf('CN', note)));
  for (const each of accepted) {
    assert.deepEqual(mustAccept(standingKeys(listsOf(each))).get(cn.list.origin)?.ended, each.ended, each.name);
  }
  for (const each of refused) {
    const [older, newer] = listsOf(each);
    assert.ok(older !== undefined && newer !== undefined);
    assert.equal(codeOf(checkSuccession(older, newer)), each.code, each.name);
  }
});

test('checkpoint.json: checkpoints with the signatures that are asked, and without', () => {
  const verify = (note: string) => {
    const checkpoint = verifyCheckpoint(bytesOfText(note), cn.logKeys);
    if (!checkpoint.ok) return checkpoint;
    const peers = verifyCosignatures(checkpoint.value, mustAccept(parseNote(bytesOfText(note))).signatures, [us.witness]);
    return peers.ok ? { ok: true as const, value: { checkpoint: checkpoint.value, peers: peers.value } } : peers;
  };
  const { accepted, refused } = read('checkpoint') as Cases<
    Noted,
    { signedAtS: number; peers: { witness: string; timeS: number }[] }
  >;
  for (const each of accepted) {
    const { checkpoint, peers } = mustAccept(verify(each.note));
    assert.equal(checkpoint.signedAtS, each.signedAtS, each.name);
    assert.deepEqual(
      peers.map(({ witness, timeS }) => ({ witness, timeS })),
      each.peers,
    );
  }
  for (const { note, code, name } of refused) assert.equal(codeOf(verify(note)), code, name);
});

test('proof.json: proofs that hold, and that do not', () => {
  const verify = (each: { record: string; proof: string; policy: string }) => {
    const proof = parseProof(bytesOfText(each.proof));
    if (!proof.ok) return proof;
    assert.equal(mustAccept(textOfBytes(formatProof(proof.value))), each.proof);
    const policy = mustAccept(parsePolicy(bytesOfText(each.policy)));
    return verifyProof({ record: bytesOfText(each.record), proof: proof.value, keyLists: [cn, us], policy });
  };
  const { accepted, refused } = read('proof') as Cases<
    Named & { record: string; proof: string; policy: string },
    { index: number; peers: string[]; witnesses: string[] }
  >;
  for (const each of accepted) {
    const { index, owner, peerCosignatures, policyCosignatures } = mustAccept(verify(each));
    assert.deepEqual([index, owner], [each.index, 'CN']);
    assert.deepEqual(
      peerCosignatures.map(({ witness }) => witness),
      each.peers,
    );
    assert.deepEqual(
      policyCosignatures.map(({ witness }) => witness),
      each.witnesses,
    );
  }
  for (const each of refused) assert.equal(codeOf(verify(each)), each.code, each.name);
  const carried = mustAccept(parseKeyLists(mustAccept(parseProof(bytesOfText(accepted[0]?.proof ?? ''))).extra ?? assert.fail()));
  assert.deepEqual(
    carried.map((list) => mustAccept(textOfBytes(list))),
    keyLists.accepted.slice(0, 2).map(({ note }) => note),
  );
});

test('inclusion.json: places of a record under a root that others name', () => {
  const verify = (each: { record: string; file: string; root: string }) => {
    const parsed = parseInclusion(bytesOfText(each.file));
    if (!parsed.ok) return parsed;
    assert.equal(mustAccept(textOfBytes(formatInclusion(parsed.value))), each.file);
    const { index, size, hashes } = parsed.value;
    const leafHash = hashLeaf(bytesOfText(each.record));
    const included = verifyInclusion({ index, size, root: hex(each.root), leafHash, proof: hashes });
    return included.ok ? parsed : included;
  };
  const { accepted, refused } = read('inclusion') as Cases<
    Named & { record: string; file: string; root: string },
    { index: number; size: number }
  >;
  for (const each of accepted) {
    const { index, size } = mustAccept(verify(each));
    assert.deepEqual([index, size], [each.index, each.size]);
  }
  for (const each of refused) assert.equal(codeOf(verify(each)), each.code, each.name);
});

test('fork.json: evidence that convicts, and that does not', () => {
  const verify = (evidence: string) => {
    const parsed = parseFork(bytesOfText(evidence));
    if (!parsed.ok) return parsed;
    assert.equal(mustAccept(textOfBytes(formatFork(parsed.value))), evidence);
    return verifyFork(parsed.value, cn.logKeys);
  };
  const { accepted, refused } = read('fork') as Cases<
    Named & { evidence: string },
    { smaller: number; larger: number; rootInLarger: string }
  >;
  for (const each of accepted) {
    const { smaller, larger, rootInLarger } = mustAccept(verify(each.evidence));
    assert.deepEqual([smaller.size, larger.size, hexOf(rootInLarger)], [each.smaller, each.larger, each.rootInLarger], each.name);
  }
  for (const { evidence, code, name } of refused) assert.equal(codeOf(verify(evidence)), code, name);
});

test('heartbeat.json: heartbeats that count, and that do not', () => {
  const verify = (each: { note: string; path: string; nonceHex: string }) =>
    verifyHeartbeat({ note: bytesOfText(each.note), log: cn.logKeys, path: each.path, nonce: hex(each.nonceHex) });
  const { accepted, refused } = read('heartbeat') as Cases<
    Noted & { path: string; nonceHex: string },
    { timeS: number; size: number }
  >;
  for (const each of accepted) {
    const { timeS, checkpoint } = mustAccept(verify(each));
    assert.deepEqual([timeS, checkpoint.size], [each.timeS, each.size]);
  }
  for (const each of refused) assert.equal(codeOf(verify(each)), each.code, each.name);
});

test('tiles.json: paths, widths and bundles', () => {
  const { paths, widths, bundles } = read('tiles') as {
    paths: { accepted: (Place & { path: string })[]; refused: string[] };
    widths: (Place & { size: number })[];
    bundles: { accepted: { leaves: string[]; bytes: string }[]; refused: { bytes: string; width: number }[] };
  };
  for (const { path, ...place } of paths.accepted) {
    assert.equal(tilePath(place), path);
    assert.deepEqual(parseTilePath(path), { ok: true, value: place });
  }
  for (const path of paths.refused) assert.equal(codeOf(parseTilePath(path)), 'tile.form', path);
  for (const { level, index, size, width } of widths) assert.equal(tileWidthAt(level, index, size), width);
  for (const { leaves, bytes } of bundles.accepted) {
    assert.equal(hexOf(encodeEntryBundle(leaves.map(hex))), bytes);
    assert.deepEqual(mustAccept(parseEntryBundle(hex(bytes), leaves.length)).map(hexOf), leaves);
  }
  for (const { bytes, width } of bundles.refused) assert.equal(codeOf(parseEntryBundle(hex(bytes), width)), 'tile.form', bytes);
});

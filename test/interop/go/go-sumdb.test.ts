import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { base64Of, bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { cosignCheckpoint, signCheckpoint } from '#log/cosignature.ts';
import { formatNote, formatVkey, parseNote } from '#log/note.ts';
import { encodeKeyLists, formatProof } from '#log/proof.ts';
import { sampleCentre } from '#log/sample-centre.ts';
import { TileTree, tilesAfterAppend } from '#log/tiles.ts';
import { append, consistencyProof, emptyFrontier, hashLeaf, inclusionProof, rootAt } from '#log/tree.ts';
import { buildGoVerifier } from '#test/interop/go/go-verifier.ts';

const folder = mkdtempSync(join(tmpdir(), 'anshin-go-'));
const verify = buildGoVerifier(folder);
const size = 1_000;

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
const [pair] = cn.keyList.logKeys.pairs;
assert.ok(pair !== undefined);
const vkey = formatVkey(pair.ed25519);
const records = Array.from({ length: size }, (_, index) => bytesOfText(`{"record":${index}}`));
const tiles = new Map<string, Uint8Array>();
for (const { level, index, bytes } of tilesAfterAppend(append(emptyFrontier, records.map(hashLeaf)).nodes, () => undefined)) {
  tiles.set(`${level}/${index}`, bytes);
}
const tree = new TileTree((level, index) => tiles.get(`${level}/${index}`), 16);

after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function checkpointAt(leaves: number): Promise<Uint8Array> {
  const checkpoint = { origin: cn.list.origin, size: leaves, root: rootAt(leaves, tree.read) };
  const note = mustAccept(parseNote(await signCheckpoint(checkpoint, 1_767_600_000, cn.log)));
  const cosignatures = await cosignCheckpoint(checkpoint, 1_767_600_003, us.witness);
  return formatNote({ ...note, signatures: [...note.signatures, ...cosignatures] });
}

test('x/mod verifies our proofs, and refuses them when anything is changed', async () => {
  for (const leaves of [1, 2, 255, 256, 257, 777, size]) {
    const checkpoint = await checkpointAt(leaves);
    for (const index of new Set([0, Math.floor(leaves / 3), leaves - 1])) {
      const hashes = inclusionProof(index, leaves, tree.read);
      const proof = formatProof({ extra: encodeKeyLists([cn.listNote, us.listNote]), index, hashes, checkpoint });
      const record = file('record', records[index] ?? assert.fail());
      assert.equal(verify('proof', vkey, record, file('proof', proof)), `included: ${cn.list.origin} ${index} of ${leaves}`);
      const other = file('other', bytesOfText('{"record":"other"}'));
      assert.match(verify('proof', vkey, other, file('proof', proof)), /^refused/);
      const wrongIndex = formatProof({ extra: null, index: index + 1, hashes, checkpoint });
      assert.match(verify('proof', vkey, record, file('proof', wrongIndex)), /^refused/);
      const wrongSize = formatProof({ extra: null, index, hashes, checkpoint: checkpoint.with(cn.list.origin.length + 1, 0x39) });
      assert.match(verify('proof', vkey, record, file('proof', wrongSize)), /^refused/);
    }
  }
});

test('x/mod verifies our consistency proofs, and refuses them when anything is changed', async () => {
  const newer = file('newer', await checkpointAt(size));
  for (const from of [1, 2, 7, 255, 256, 257, 512, 999]) {
    const older = file('older', await checkpointAt(from));
    const hashes = consistencyProof(from, size, tree.read).map((hash) => `${base64Of(hash)}\n`);
    const proof = file('consistency', bytesOfText(hashes.join('')));
    assert.equal(verify('consistency', vkey, older, newer, proof), `consistent: ${cn.list.origin} ${from} to ${size}`);
    const shorter = file('shorter', bytesOfText(hashes.slice(1).join('')));
    assert.match(verify('consistency', vkey, older, newer, shorter), /^refused/);
    assert.match(verify('consistency', vkey, newer, older, proof), /^refused/);
  }
});

test('x/mod refuses a checkpoint by another key', async () => {
  const [other] = us.keyList.logKeys.pairs;
  const proof = formatProof({ extra: null, index: 0, hashes: [], checkpoint: await checkpointAt(1) });
  const record = file('record', records[0] ?? assert.fail());
  assert.match(verify('proof', formatVkey(other?.ed25519 ?? assert.fail()), record, file('proof', proof)), /^refused/);
});

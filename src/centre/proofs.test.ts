import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { Proofs } from '#centre/proofs.ts';
import { practiceCentre } from '#centre/signer/practice-centre.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';
import { parseCheckpointText } from '#log/checkpoint.ts';
import { cosignCheckpoint, signCheckpoint } from '#log/cosignature.ts';
import { formatSignatureLines, parseNote } from '#log/note.ts';
import { parseProof } from '#log/proof.ts';
import { sampleCentre } from '#log/sample-centre.ts';
import { append, emptyFrontier, hashLeaf, type NodeReader, rootAt, verifyInclusion } from '#log/tree.ts';

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 2 });
const { origin } = cn.list;
const leaves = Array.from({ length: 20 }, (_, index) => bytesOfText(`leaf ${index}`));
const nodes = new Map(
  append(emptyFrontier, leaves.map(hashLeaf)).nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]),
);
const read: NodeReader = (level, index) => nodes.get(`${level}/${index}`) ?? assert.fail('a node of the tree');
const signed = (size: number): Promise<Uint8Array> =>
  signCheckpoint({ origin, size, root: rootAt(size, read) }, 1_767_600_000, cn.log);
const cosigned = async (size: number): Promise<Uint8Array> =>
  bytesOfText(
    formatSignatureLines(await cosignCheckpoint({ origin, size, root: rootAt(size, read) }, 1_767_600_001, us.witness)),
  );

function covering(proof: string): { readonly size: number; readonly signatures: number } {
  const parsed = mustAccept(parseProof(bytesOfText(proof)));
  const note = mustAccept(parseNote(parsed.checkpoint));
  const { size, root } = mustAccept(parseCheckpointText(note.text));
  const leafHash = hashLeaf(leaves[parsed.index] ?? new Uint8Array());
  mustAccept(verifyInclusion({ index: parsed.index, size, root, leafHash, proof: parsed.hashes }));
  return { size, signatures: note.signatures.length };
}

test('a proof is under the newest cosigned checkpoint that covers its leaf, else under the newest signed one', async (t) => {
  const centre = await practiceCentre('cn.example/us-cn/test', 'us.example/us-cn/test');
  const path = join(centre.folder, 'store');
  mustAccept(await createSqliteStore(path));
  let store = mustAccept(await openSqliteStore(path));
  t.after(async () => {
    await store.close();
    await centre.remove();
  });
  let proofs = new Proofs(store, [cn.listNote, us.listNote]);
  const proofOf = async (index: number) => proofs.proof({ origin, index, signed: await signed(20), read });
  assert.deepEqual(covering(mustAccept(await proofOf(3))), { size: 20, signatures: 2 });
  proofs.keep(origin, await signed(10), await cosigned(10));
  assert.deepEqual(covering(mustAccept(await proofOf(3))), { size: 10, signatures: 4 });
  assert.deepEqual(covering(mustAccept(await proofOf(10))), { size: 20, signatures: 2 });
  proofs.keep(origin, await signed(7), await cosigned(7));
  assert.equal(proofs.cosignedSize(origin), 10, 'an older one does not take its place');
  const beyond = await proofOf(20);
  assert.equal(beyond.ok ? 'accepted' : beyond.refusal.code, 'request.unknown');
  await store.close();
  store = mustAccept(await openSqliteStore(path));
  proofs = new Proofs(store, [cn.listNote, us.listNote]);
  await proofs.open([origin]);
  assert.deepEqual(covering(mustAccept(await proofOf(3))), { size: 10, signatures: 4 });
});

test('a disk that is full takes a cosignature from the next start, and nothing else', async () => {
  const centre = await practiceCentre('cn.example/us-cn/test', 'us.example/us-cn/test');
  const path = join(centre.folder, 'store');
  mustAccept(await createSqliteStore(path));
  const store = mustAccept(await openSqliteStore(path));
  const proofs = new Proofs(store, [cn.listNote, us.listNote]);
  await store.close();
  proofs.keep(origin, await signed(10), await cosigned(10));
  assert.deepEqual(covering(mustAccept(proofs.proof({ origin, index: 3, signed: await signed(20), read }))), {
    size: 10,
    signatures: 4,
  });
  await centre.remove();
});

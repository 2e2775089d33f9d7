// Our log under a witness that we did not write: litewitness, of Filippo Valsorda's torchwood (once litetlog), which Debian packages.
//
//   npm run witness -- FOLDER     the folder in which the package was unpacked (`.ci/unpack forky FOLDER torchwood`)
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { pathsOf } from '#centre/config.ts';
import { readKeyLists } from '#centre/key-lists.ts';
import { openCentreKeys } from '#centre/signer/key-file.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { formatVkey, parseSignatureLines } from '#log/note.ts';
import { verifyCheckpoint, verifyLineBy } from '#log/policy.ts';
import { append, consistencyProof, emptyFrontier, hashLeaf, rootOf } from '#log/tree.ts';
import { passphrase } from '#test/federation/pair-of-centres.ts';
import { growLog, treeOf } from '#test/interop/grown-log.ts';
import { Litewitness } from '#test/interop/litewitness.ts';

const [programs] = process.argv.slice(2);
assert(programs !== undefined, 'npm run witness -- FOLDER');

test('a witness of others cosigns our log as it grows, and refuses it forged', async (t) => {
  const { pair, origin, own, later } = await growLog(t);
  const { logKeys } = mustAccept(await readKeyLists(pair.directory('CN'))).own;
  const [keys] = logKeys.pairs;
  assert(keys !== undefined);
  const witness = await Litewitness.start(programs, { origin, vkey: formatVkey(keys.ed25519) });
  t.after(() => witness.stop());
  const [first, second] = [own, later].map((log) => new Uint8Array(readFileSync(join(log, 'checkpoint')))) as [
    Uint8Array,
    Uint8Array,
  ];
  const { size } = treeOf(own);
  const grown = treeOf(later);
  const proof = consistencyProof(size, grown.size, grown.read);
  const assertCosigned = async (old: number, hashes: readonly Uint8Array[], checkpoint: Uint8Array): Promise<void> => {
    const { status, text } = await witness.addCheckpoint(old, hashes, checkpoint);
    assert.equal(status, 200, text);
    const verified = mustAccept(verifyCheckpoint(checkpoint, logKeys));
    const timeS = mustAccept(verifyLineBy(verified, mustAccept(parseSignatureLines(text)), witness.key));
    assert.equal(typeof timeS, 'number');
  };
  await assertCosigned(0, [], first);
  const statusOf = async (...asked: Parameters<Litewitness['addCheckpoint']>): Promise<number> =>
    (await witness.addCheckpoint(...asked)).status;
  const { logs } = mustAccept(await openCentreKeys({ path: pathsOf(pair.directory('CN')).keys, passphrase, cost: 0 }));
  const signer = logs.find((log) => log.origin === origin)?.log ?? assert.fail('the keys of the log');
  const other = append(
    emptyFrontier,
    Array.from({ length: grown.size }, (_, index) => hashLeaf(bytesOfText(`other ${index}`))),
  );
  const signed = (ofSize: number, root: Uint8Array) => signCheckpoint({ origin, size: ofSize, root }, 1_767_600_000, signer);
  const forked = await signed(grown.size, rootOf(other.frontier));
  assert.equal(await statusOf(size, proof, forked), 422, 'another history, signed by its owner');
  assert.equal(await statusOf(size, proof.slice(1), second), 422, 'a proof cut short');
  const text = new TextDecoder().decode(second);
  const unsigned = bytesOfText(text.replace(`\n${grown.size}\n`, `\n${grown.size + 1}\n`));
  assert.equal(await statusOf(size, proof, unsigned), 403, 'a size that the owner did not sign');
  const smaller = await signed(1, hashLeaf(bytesOfText('other')));
  assert.equal(await statusOf(size, [], smaller), 400, 'a log that shrinks');
  assert.equal(await statusOf(0, [], smaller), 409, 'a log that shrinks, said not to be known yet');
  await assertCosigned(size, proof, second);
});

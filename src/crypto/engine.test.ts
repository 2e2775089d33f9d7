import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText, hexOf } from '#base/bytes.ts';
import type { Algorithm } from '#crypto/engine-shape.ts';
import * as native from '#crypto/native.ts';
import * as portable from '#crypto/portable.ts';

const algorithms: readonly Algorithm[] = ['ed25519', 'ml-dsa-44'];

test('both engines give the hash of FIPS 180 for "abc"', () => {
  for (const engine of [native, portable]) {
    assert.equal(hexOf(engine.sha256(bytesOfText('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  }
});

test('the seed of RFC 8032, test 1, gives its public key and signature in both engines', async () => {
  const seed = Uint8Array.fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
  for (const engine of [native, portable]) {
    const signer = engine.signerOfSeed('ed25519', seed);
    assert.equal(hexOf(signer.publicKey), 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    assert.equal(
      hexOf(await signer.sign(new Uint8Array())),
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
  }
});

for (const algorithm of algorithms) {
  test(`${algorithm}: what one engine signs the other verifies, and nothing else`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(10_000),
        async (seed, message, flip) => {
          for (const [signs, verifies] of [
            [native, portable],
            [portable, native],
          ] as const) {
            const signer = signs.signerOfSeed(algorithm, seed);
            const signature = await signer.sign(message);
            const verifier = verifies.verifierOfKey(algorithm, signer.publicKey);
            assert.equal(verifier.verify(message, signature), true);
            const flipped = signature.with(flip % signature.length, (signature[flip % signature.length] ?? 0) ^ 1);
            assert.equal(verifier.verify(message, flipped), false);
            assert.equal(verifier.verify(message, signature.subarray(1)), false);
          }
        },
      ),
      { numRuns: 8 },
    );
  });
}

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

/** Ed25519 over the bytes of "checkpoint": what it is, key, signature, and whether it counts. All scalars are known ones. */
const edgeCases: readonly (readonly [string, string, string, boolean])[] = [
  [
    'an honest one',
    '7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca572',
    '7db0dc9222f3c183457ddde4c708de8e5ea6bf3d5c4404cca14b32729a05c32a995c8fd9d18abd7ded62a167038cdbb00d58495debf48d5edb0a19d1362b2804',
    true,
  ],
  [
    'R with a part of order 8 (the equation holds only times the cofactor)',
    '7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca572',
    '6999d5cb5126005c325892f1c6eab824b310708befff12fbaf45dda050cb12f083c8577a6b166c6a6d9d2bb9f2582d1c5eba359a8f925f8723879ac7fa61a205',
    false,
  ],
  [
    'S raised by the order of the group',
    '7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca572',
    '7db0dc9222f3c183457ddde4c708de8e5ea6bf3d5c4404cca14b32729a05c32a86308536ecedcfd5c3ff980ae285bac50d58495debf48d5edb0a19d1362b2814',
    false,
  ],
  [
    'a key with a part of order 8, where the equation holds',
    '6a84d583f06569edb3f5ed77df65544b27d6948b4f0b2cb76f33dd8413b20719',
    '1b041e3c28079748baac83187c825eb842d33e4b7068bf8b6b8b2b80db169aec999ccb864dcc088bf84f7317f3474ff22c94d464a362ec369768702a94e24602',
    true,
  ],
  [
    'a key with a part of order 8, where it holds only times the cofactor',
    '6a84d583f06569edb3f5ed77df65544b27d6948b4f0b2cb76f33dd8413b20719',
    '7db0dc9222f3c183457ddde4c708de8e5ea6bf3d5c4404cca14b32729a05c32aad334f3910b68fa254c4eadafb8d36fc34b01b80f29716b12dd24349af072101',
    false,
  ],
  [
    'the key 0, for which anyone can sign',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '7db0dc9222f3c183457ddde4c708de8e5ea6bf3d5c4404cca14b32729a05c32ab168de3a00000000000000000000000000000000000000000000000000000000',
    false,
  ],
  [
    'the key 0 with y not reduced',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '7db0dc9222f3c183457ddde4c708de8e5ea6bf3d5c4404cca14b32729a05c32ab168de3a00000000000000000000000000000000000000000000000000000000',
    false,
  ],
  [
    'the key 0 with the sign of x set',
    '0100000000000000000000000000000000000000000000000000000000000080',
    '7db0dc9222f3c183457ddde4c708de8e5ea6bf3d5c4404cca14b32729a05c32ab168de3a00000000000000000000000000000000000000000000000000000000',
    false,
  ],
  [
    'a key of order 8, where the equation holds',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    '9b99ef6f54380d5420f7dffbc655ef02d710376c2f78419fe219d997efc88cc1b468de3a00000000000000000000000000000000000000000000000000000000',
    false,
  ],
  [
    'R is 0',
    '7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca572',
    '0100000000000000000000000000000000000000000000000000000000000000200f9e62f1aa67e6668f49ed9c37614686357713acd9e1657f6943da79c6b208',
    false,
  ],
  [
    'R is 0 with y not reduced',
    '7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca572',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7fd9cf7c2b715a283ab07bdfb77678e3ac73fc56b91805546c62a4cabd9c2cb202',
    false,
  ],
  [
    'R is 0 with the sign of x set',
    '7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca572',
    '01000000000000000000000000000000000000000000000000000000000000808083fc42f8122bf6f73bdfc2559c0adcc9f4d173f167b1a01869b031c7afcb02',
    false,
  ],
  [
    'R is no point',
    '7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca572',
    '0200000000000000000000000000000000000000000000000000000000000000995c8fd9d18abd7ded62a167038cdbb00d58495debf48d5edb0a19d1362b2804',
    false,
  ],
  [
    'a key that is no point',
    '0200000000000000000000000000000000000000000000000000000000000000',
    '7db0dc9222f3c183457ddde4c708de8e5ea6bf3d5c4404cca14b32729a05c32a995c8fd9d18abd7ded62a167038cdbb00d58495debf48d5edb0a19d1362b2804',
    false,
  ],
];

test('both engines give the same answer to every Ed25519 signature at the edge of RFC 8032', () => {
  for (const [name, key, signature, counts] of edgeCases) {
    for (const [engine, { verifierOfKey }] of Object.entries({ native, portable })) {
      const verifier = verifierOfKey('ed25519', Uint8Array.fromHex(key));
      assert.equal(verifier.verify(bytesOfText('checkpoint'), Uint8Array.fromHex(signature)), counts, `${engine}: ${name}`);
    }
  }
});

import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { concatBytes } from '#base/bytes.ts';
import { assert } from '#base/refusal.ts';
import { type Algorithm, type KeySigner, type KeyVerifier, publicKeyBytes, seedBytes } from '#crypto/engine-shape.ts';

// DER prefixes of a PKCS#8 private key that holds only the 32-byte seed, and of a SubjectPublicKeyInfo (RFC 8410, RFC 9881).
const privatePrefix: Readonly<Record<Algorithm, Uint8Array>> = {
  ed25519: Uint8Array.fromHex('302e020100300506032b657004220420'),
  'ml-dsa-44': Uint8Array.fromHex('3034020100300b060960864801650304031104228020'),
};
const publicPrefix: Readonly<Record<Algorithm, Uint8Array>> = {
  ed25519: Uint8Array.fromHex('302a300506032b6570032100'),
  'ml-dsa-44': Uint8Array.fromHex('30820532300b06096086480165030403110382052100'),
};
const signAsync = promisify((message: Uint8Array, key: KeyObject, done: (error: Error | null, signature: Buffer) => void) =>
  sign(null, message, key, done),
);

export function sha256(bytes: Uint8Array): Uint8Array {
  const digest = hash('sha256', bytes, 'buffer');
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.length);
}

/** Makes the signer of a 32-byte seed; the same seed gives the same key pair in every engine. */
export function signerOfSeed(algorithm: Algorithm, seed: Uint8Array): KeySigner {
  assert(seed.length === seedBytes, 'a seed has 32 bytes');
  const der = Buffer.from(concatBytes(privatePrefix[algorithm], seed));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = new Uint8Array(spki.subarray(spki.length - publicKeyBytes[algorithm]));
  return { algorithm, publicKey, sign: async (message) => new Uint8Array(await signAsync(message, key)) };
}

export function verifierOfKey(algorithm: Algorithm, publicKey: Uint8Array): KeyVerifier {
  assert(publicKey.length === publicKeyBytes[algorithm], `a ${algorithm} public key has ${publicKeyBytes[algorithm]} bytes`);
  const der = Buffer.from(concatBytes(publicPrefix[algorithm], publicKey));
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return { algorithm, publicKey, verify: (message, signature) => verify(null, message, key, signature) };
}

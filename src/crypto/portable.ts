import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { assert } from '#base/refusal.ts';
import {
  type Algorithm,
  type KeySigner,
  type KeyVerifier,
  publicKeyBytes,
  seedBytes,
  signatureBytes,
} from '#crypto/engine-shape.ts';

export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** Makes the signer of a 32-byte seed; the same seed gives the same key pair in every engine. */
export function signerOfSeed(algorithm: Algorithm, seed: Uint8Array): KeySigner {
  assert(seed.length === seedBytes, 'a seed has 32 bytes');
  if (algorithm === 'ed25519') {
    return { algorithm, publicKey: ed25519.getPublicKey(seed), sign: async (message) => ed25519.sign(message, seed) };
  }
  const { publicKey, secretKey } = ml_dsa44.keygen(seed);
  return { algorithm, publicKey, sign: async (message) => ml_dsa44.sign(message, secretKey) };
}

export function verifierOfKey(algorithm: Algorithm, publicKey: Uint8Array): KeyVerifier {
  assert(publicKey.length === publicKeyBytes[algorithm], `a ${algorithm} public key has ${publicKeyBytes[algorithm]} bytes`);
  return { algorithm, publicKey, verify: (message, signature) => verify({ algorithm, publicKey }, message, signature) };
}

function verify(
  { algorithm, publicKey }: Pick<KeyVerifier, 'algorithm' | 'publicKey'>,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== signatureBytes[algorithm]) return false;
  if (algorithm === 'ml-dsa-44') return ml_dsa44.verify(signature, message, publicKey);
  // The rules of RFC 8032 rather than the laxer ones of ZIP 215: the same answer as OpenSSL.
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}

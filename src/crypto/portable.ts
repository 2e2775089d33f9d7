import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { concatBytes, equalBytes } from '#base/bytes.ts';
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
  return verifyEd25519(publicKey, message, signature);
}

const { Point } = ed25519;

/**
 * Asks for R = [S]B − [k]A byte for byte, as Node.js by OpenSSL does (RFC 8032, 5.1.7, leaves open whether both sides are multiplied by the
 * cofactor), and for no point of small order: two engines that differ on one signature differ on one proof.
 */
function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const encodedR = signature.subarray(0, 32);
  const s = numberOfBytes(signature.subarray(32));
  const keyPoint = pointOf(publicKey);
  if (s >= Point.Fn.ORDER || keyPoint === undefined || keyPoint.isSmallOrder()) return false;
  const k = numberOfBytes(sha512(concatBytes(encodedR, publicKey, message))) % Point.Fn.ORDER;
  const pointR = Point.BASE.multiplyUnsafe(s).subtract(keyPoint.multiplyUnsafe(k));
  return !pointR.isSmallOrder() && equalBytes(pointR.toBytes(), encodedR);
}

/** The point of a canonical encoding, if there is one. */
function pointOf(bytes: Uint8Array): InstanceType<typeof Point> | undefined {
  try {
    return Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

function numberOfBytes(littleEndian: Uint8Array): bigint {
  return BigInt(`0x${littleEndian.toReversed().toHex()}`);
}

/** The two signature algorithms, both required of every log, witness and offline key. */
export type Algorithm = 'ed25519' | 'ml-dsa-44';

export const seedBytes = 32;
export const publicKeyBytes: Readonly<Record<Algorithm, number>> = { ed25519: 32, 'ml-dsa-44': 1312 };
export const signatureBytes: Readonly<Record<Algorithm, number>> = { ed25519: 64, 'ml-dsa-44': 2420 };

/** Signs with one key and shows none of its bytes, so that a hardware module can stand behind it. */
export interface KeySigner {
  readonly algorithm: Algorithm;
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface KeyVerifier {
  readonly algorithm: Algorithm;
  readonly publicKey: Uint8Array;
  /** Signatures of one message may differ (ML-DSA is hedged), so a signature identifies nothing. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

import { bytesOfText, concatBytes, equalBytes } from '#base/bytes.ts';
import { sha256, verifierOfKey } from '#crypto/portable.ts';

// The rules of trees and signatures again, in the simplest way that is right, with another engine of cryptography: what the code
// accepts by a proof of a few hashes is accepted here only if the whole tree says so.

/** The root of a tree, by the definition of RFC 6962, section 2.1, from all of its leaves. */
export function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [leaf] = leaves;
  if (leaf === undefined) return sha256(new Uint8Array());
  if (leaves.length === 1) return sha256(concatBytes(Uint8Array.of(0), leaf));
  let left = 1;
  while (left * 2 < leaves.length) left *= 2;
  return sha256(concatBytes(Uint8Array.of(1), naiveRoot(leaves.slice(0, left)), naiveRoot(leaves.slice(left))));
}

/** Histories of one log that its owner may have signed; which of them there are is known to the test alone. */
export class KnownHistories {
  readonly #histories: readonly (readonly Uint8Array[])[];
  readonly #roots = new Map<string, Uint8Array>();

  constructor(histories: readonly (readonly Uint8Array[])[]) {
    this.#histories = histories;
  }

  /** The histories that begin with these leaves. */
  beginningWith(leaves: readonly Uint8Array[]): readonly number[] {
    return [...this.#histories.keys()].filter((history) => {
      const known = this.#histories[history] ?? [];
      return leaves.length <= known.length && leaves.every((leaf, index) => equalBytes(leaf, known[index] ?? new Uint8Array()));
    });
  }

  /** The histories that have a leaf at an index. */
  having(leaf: Uint8Array, index: number): readonly number[] {
    return [...this.#histories.keys()].filter((history) => {
      const known = this.#histories[history]?.[index];
      return known !== undefined && equalBytes(known, leaf);
    });
  }

  hasRoot(history: number, size: number, root: Uint8Array): boolean {
    const leaves = this.#histories[history] ?? [];
    if (size > leaves.length) return false;
    const key = `${history}/${size}`;
    const known = this.#roots.get(key) ?? naiveRoot(leaves.slice(0, size));
    this.#roots.set(key, known);
    return equalBytes(known, root);
  }
}

export interface PublicPair {
  readonly origin: string;
  readonly ed25519: Uint8Array;
  readonly mldsa44: Uint8Array;
}

/** Whether a note carries both signatures of its owner over a checkpoint, read with nothing but string operations. */
export function isSignedByOwner(note: Uint8Array, owner: PublicPair): boolean {
  const text = new TextDecoder().decode(note);
  const [body = '', ...more] = text.split('\n\n');
  const [origin, size, root, ...rest] = body.split('\n');
  if (origin !== owner.origin || rest.length > 0 || more.length !== 1) return false;
  const signatures = (more[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith(`— ${owner.origin} `))
    .map((line) => new Uint8Array(Buffer.from(line.split(' ')[2] ?? '', 'base64')).subarray(4));
  const plain = signatures.some((signature) =>
    verifierOfKey('ed25519', owner.ed25519).verify(bytesOfText(`${body}\n`), signature),
  );
  const timed = signatures.some((signature) => {
    const message = cosigned({
      origin,
      time: signature.subarray(0, 8),
      size: Number(size),
      root: Buffer.from(root ?? '', 'base64'),
    });
    return verifierOfKey('ml-dsa-44', owner.mldsa44).verify(message, signature.subarray(8));
  });
  return plain && timed;
}

/** C2SP tlog-cosignature, `cosigned_message`, of a log under its own name. */
function cosigned(of: { readonly origin: string; readonly time: Uint8Array; readonly size: number; readonly root: Uint8Array }) {
  const name = bytesOfText(of.origin);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(of.size));
  const named = concatBytes(Uint8Array.of(name.length), name);
  return concatBytes(bytesOfText('subtree/v1\n\0'), named, of.time, named, new Uint8Array(8), size, of.root);
}

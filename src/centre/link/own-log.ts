import { concatBytes } from '#base/bytes.ts';
import { deliveryLeavesMax } from '#base/limits.ts';
import { assert } from '#base/refusal.ts';
import type { Store } from '#centre/store/store.ts';
import type { Message } from '#exchange/message.ts';
import { consistencyProof, hashBytes, inclusionProof, type NodeReader } from '#log/tree.ts';

/** The newest checkpoint of our own log: its size, and the signed note. */
export interface NewestCheckpoint {
  readonly size: number;
  readonly note: Uint8Array;
}

/** Our own log as the link reads it: leaves with the proofs that the other side needs. */
export class OwnLog {
  readonly origin: string;
  readonly #store: Store;
  readonly #read: NodeReader;
  readonly #newest: () => NewestCheckpoint;

  constructor(options: { origin: string; store: Store; read: NodeReader; newest: () => NewestCheckpoint }) {
    this.origin = options.origin;
    this.#store = options.store;
    this.#read = options.read;
    this.#newest = options.newest;
  }

  get newest(): NewestCheckpoint {
    return this.#newest();
  }

  /** Leaves from `from` on as a message, where they end, and their bytes. The newest checkpoint covers them. */
  async next(
    from: number,
    bytesMax: number,
  ): Promise<{ readonly message: Message; readonly to: number; readonly bytes: number }> {
    const checkpoint = this.#newest();
    const count = Math.min(deliveryLeavesMax, checkpoint.size - from);
    const leaves = await this.#store.leaves(this.origin, from, { count, bytes: bytesMax });
    assert(leaves.length > 0, 'there are leaves to send');
    const to = from + leaves.length;
    const proof = consistencyProof(to, checkpoint.size, this.#read);
    const bytes = leaves.reduce((sum, leaf) => sum + leaf.length, 0);
    const message: Message = { header: { kind: 'next', from }, attachments: [checkpoint.note, concatBytes(...proof), ...leaves] };
    return { message, to, bytes };
  }

  /** One leaf ahead of its turn, with consistency from a size that the other side has verified. */
  async urgent(index: number, base: number): Promise<Message> {
    const checkpoint = this.#newest();
    const leaf = await this.#store.leaf(this.origin, index);
    assert(
      leaf !== undefined && index < checkpoint.size && base <= checkpoint.size,
      'the leaf is logged and the base is not beyond it',
    );
    const inclusion = concatBytes(...inclusionProof(index, checkpoint.size, this.#read));
    const consistency = concatBytes(...consistencyProof(base, checkpoint.size, this.#read));
    return { header: { kind: 'urgent', index, base }, attachments: [checkpoint.note, inclusion, consistency, leaf] };
  }
}

/** Splits joined hashes; nothing if their bytes do not come out even. */
export function hashesOf(joined: Uint8Array): readonly Uint8Array[] | undefined {
  if (joined.length % hashBytes !== 0) return undefined;
  return Array.from({ length: joined.length / hashBytes }, (_, position) =>
    joined.subarray(position * hashBytes, (position + 1) * hashBytes),
  );
}

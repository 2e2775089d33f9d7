import { textOfBytes } from '#base/bytes.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import type { Store } from '#centre/store/store.ts';
import { countOfText } from '#log/checkpoint.ts';
import { formatNote, parseNote, parseSignatureLines, type SignedNote } from '#log/note.ts';
import { encodeKeyLists, formatProof } from '#log/proof.ts';
import { inclusionProof, type NodeReader } from '#log/tree.ts';

/** The newest cosigned checkpoint of each log, with its cosignatures, by origin. */
export const cosignedCollection = 'cosigned';

interface Covering {
  readonly size: number;
  readonly note: SignedNote;
}

/** Makes `.tlog-proof` files: each under the newest checkpoint that is cosigned, or signed where none is cosigned yet. */
export class Proofs {
  readonly #store: Store;
  readonly #keyLists: readonly Uint8Array[];
  readonly #cosigned = new Map<string, Covering>();

  constructor(store: Store, keyLists: readonly Uint8Array[]) {
    this.#store = store;
    this.#keyLists = keyLists;
  }

  async open(origins: readonly string[]): Promise<void> {
    for (const origin of origins) {
      const note = await this.#store.document(cosignedCollection, origin);
      const covering = note === undefined ? undefined : coveringOf(note);
      if (covering !== undefined) this.#cosigned.set(origin, covering);
    }
  }

  /** The size that the newest cosigned checkpoint of a log covers. */
  cosignedSize(origin: string): number {
    return this.#cosigned.get(origin)?.size ?? 0;
  }

  /** Keeps a checkpoint with verified cosignature lines if it is newer than what is kept. */
  keep(origin: string, checkpoint: Uint8Array, lines: Uint8Array): void {
    const covering = coveringOf(checkpoint);
    const text = textOfBytes(lines);
    const added = text.ok ? parseSignatureLines(text.value) : text;
    if (covering === undefined || !added.ok || covering.size < this.cosignedSize(origin)) return;
    const known = covering.note.signatures.map(({ name, keyId }) => `${name} ${keyId}`);
    const more = added.value.filter(({ name, keyId }) => !known.includes(`${name} ${keyId}`));
    const note = { text: covering.note.text, signatures: [...covering.note.signatures, ...more] };
    this.#cosigned.set(origin, { size: covering.size, note });
    // Only the newest is kept, and losing it loses no statement: the next cosignature takes its place.
    const documents = [{ collection: cosignedCollection, key: origin, value: formatNote(note) }];
    this.#store.commit({ leaves: [], tiles: [], documents }).catch(() => undefined);
  }

  /** The proof of one leaf; `signed` is the newest signed checkpoint at hand. */
  proof(leaf: {
    readonly origin: string;
    readonly index: number;
    readonly signed: Uint8Array;
    readonly read: NodeReader;
  }): Result<string> {
    const { origin, index, signed, read } = leaf;
    const cosigned = this.#cosigned.get(origin);
    const covering = cosigned !== undefined && index < cosigned.size ? cosigned : coveringOf(signed);
    if (covering === undefined || index >= covering.size) {
      return refuse('request.unknown', `no signed checkpoint here covers leaf ${index} of ${origin} yet`, { origin, index });
    }
    const bytes = formatProof({
      extra: encodeKeyLists(this.#keyLists),
      index,
      hashes: inclusionProof(index, covering.size, read),
      checkpoint: formatNote(covering.note),
    });
    const text = textOfBytes(bytes);
    return text.ok ? accept(text.value) : text;
  }
}

function coveringOf(noteBytes: Uint8Array): Covering | undefined {
  const note = parseNote(noteBytes);
  const size = note.ok ? countOfText(note.value.text.split('\n')[1] ?? '') : undefined;
  return note.ok && size !== undefined ? { size, note: note.value } : undefined;
}

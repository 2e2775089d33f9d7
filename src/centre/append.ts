import { bytesOfText, equalBytes, textOfBytes } from '#base/bytes.ts';
import { accept, assert, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { AppendGroup, type AppendWork } from '#centre/append-group.ts';
import type { Cosignature, Signer, SignRequest } from '#centre/signer/signer.ts';
import { type DocumentWrite, type Store, StoreRefusal } from '#centre/store/store.ts';
import { TileTree, tilesAfterAppend } from '#log/tiles.ts';
import { append, consistencyProof, type Frontier, frontierAt, hashLeaf, type NodeReader, rootOf } from '#log/tree.ts';

/** A checkpoint of the own log, signed by both of its keys. */
export interface SignedCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note's bytes. */
  readonly note: Uint8Array;
}

export interface Appended {
  /** The index of the work's first record; where it would have stood, if the work has none. */
  readonly index: number;
  /** A signed checkpoint that covers the records; it may cover later ones too. */
  readonly checkpoint: SignedCheckpoint;
  /** The answer to the work's request, null if it had none. */
  readonly cosignature: Result<Cosignature> | null;
}

/** The store's collection with the newest signed checkpoint of each own log, by origin. It may lag behind by one group. */
export const checkpointCollection = 'checkpoint';
/** Expanded tiles kept in memory: 17 kB each. */
const tilesInMemoryMax = 64;

interface Waiting {
  readonly work: AppendWork;
  readonly settle: (outcome: Result<Appended>) => void;
  readonly fail: (error: unknown) => void;
}

interface Placed extends Waiting {
  readonly index: number;
}

/**
 * The one writer of an own log. Work that arrives together shares one transaction, one checkpoint, one flush of the anchor and one
 * pair of signatures; while one group is being signed the next is committed.
 *
 * The order is: leaves durable, then the anchor durable, then the signature leaves. A loss of power after the first leaves
 * unsigned leaves, and the next start signs them. Were the anchor first, it could name a tree that was never stored, and an
 * innocent store would be refused as gone back; were a signature first, it could bind us to leaves, or to an anchor, that are lost.
 *
 * Owner of the log's frontier and series: this object; nobody else may append to the log. It closes neither store nor signer.
 */
export class Appender {
  readonly #parts: AppenderParts;
  readonly #tree: TileTree;
  readonly #series: Map<string, number>;
  /** Taken before the rest: a FLASH does not wait for a backlog. */
  readonly #urgent: Waiting[] = [];
  readonly #waiting: Waiting[] = [];
  /** Durable and not yet signed. */
  #placed: Placed[] = [];
  #frontier: Frontier;
  #signed: SignedCheckpoint;
  /** The size of the newest checkpoint that the store has. */
  #storedSize = -1;
  #committing: Promise<void> | undefined;
  #signing: Promise<void> | undefined;
  /** Why no more is signed, and therefore no more appended. */
  #halted: Refusal | undefined;

  private constructor(
    parts: AppenderParts & {
      readonly tree: TileTree;
      readonly frontier: Frontier;
      readonly signed: SignedCheckpoint;
      readonly series: Map<string, number>;
    },
  ) {
    this.#parts = { store: parts.store, signer: parts.signer, origin: parts.origin, turn: parts.turn };
    this.#tree = parts.tree;
    this.#frontier = parts.frontier;
    this.#signed = parts.signed;
    this.#series = parts.series;
  }

  /**
   * Takes a log up where the store has it, and signs its newest tree, which a loss of power may have left unsigned. Refused:
   * `signer.went-back` (the store is behind what was signed), `store.damaged`, and what `signCheckpoint` refuses.
   */
  static async start(parts: AppenderParts): Promise<Result<Appender>> {
    const { store, signer, origin } = parts;
    try {
      const tree = new TileTree((level, index) => store.tile(origin, level, index), tilesInMemoryMax);
      const size = store.size(origin);
      if (!(await endsAsItsTree(parts, tree.read))) {
        return refuse(
          'store.damaged',
          `the last leaf of ${origin} is not that of its tree: restore the newest backup and recover`,
          { origin },
        );
      }
      const frontier = frontierAt(size, tree.read);
      const note = await signer.signCheckpoint(requestFor(parts, frontier, tree.read));
      if (!note.ok) return note;
      const series = await readSeries(parts);
      const signed = { size, root: rootOf(frontier), note: note.value };
      return accept(new Appender({ ...parts, tree, frontier, signed, series }));
    } catch (error) {
      if (error instanceof StoreRefusal) return { ok: false, refusal: error.refusal };
      throw error;
    }
  }

  /** The newest signed checkpoint. */
  get checkpoint(): SignedCheckpoint {
    return this.#signed;
  }

  /** Reads the log's tree as stored: for proofs up to the size of any signed checkpoint. */
  get read(): NodeReader {
    return this.#tree.read;
  }

  /**
   * Appends; resolves once everything is durable and signed. Refused: what `build` refuses; `store.full` and `store.moved`, with
   * nothing written; and what the signer refuses, after which nothing more is appended until the next start: then what is
   * written stays, and is signed as soon as the signer agrees. Rejects with what `build` throws.
   */
  append(work: AppendWork): Promise<Result<Appended>> {
    return new Promise((settle, fail) => {
      (work.urgent ? this.#urgent : this.#waiting).push({ work, settle, fail });
      this.#committing ??= this.#commitAll();
    });
  }

  /** Awaits the work at hand and stores the newest checkpoint. */
  async close(): Promise<void> {
    while (this.#committing !== undefined || this.#signing !== undefined) await Promise.all([this.#committing, this.#signing]);
    try {
      await this.#parts.store.commit({ leaves: [], tiles: [], documents: this.#checkpointWrites() });
    } catch (error) {
      // The next start signs the same tree again: on a disk that takes nothing the end is an end all the same.
      if (!(error instanceof StoreRefusal)) throw error;
    }
  }

  async #commitAll(): Promise<void> {
    // What else is appended in this turn joins the first group.
    await Promise.resolve();
    while (this.#urgent.length + this.#waiting.length > 0) {
      await this.#commitGroup();
      // Between two groups others have their turn, so that no stretch of work is longer than one group.
      await this.#parts.turn();
    }
    // In the same stretch as the last look at the queue, so that work which comes now starts anew.
    this.#committing = undefined;
  }

  async #commitGroup(): Promise<void> {
    if (this.#halted !== undefined) {
      for (const { settle } of [...this.#urgent.splice(0), ...this.#waiting.splice(0)])
        settle({ ok: false, refusal: this.#halted });
      return;
    }
    const from = this.#frontier.size;
    const group = new AppendGroup({ ...this.#parts, from, series: this.#series });
    const placed = this.#fill(group);
    if (placed.length === 0) return;
    try {
      await this.#write(group);
    } catch (error) {
      for (const { settle, fail } of placed) {
        if (error instanceof StoreRefusal) settle({ ok: false, refusal: error.refusal });
        else fail(error);
      }
      return;
    }
    this.#placed.push(...placed);
    this.#signing ??= this.#signAll();
  }

  #fill(group: AppendGroup): readonly Placed[] {
    const placed: Placed[] = [];
    while (!group.isFull) {
      const waiting = this.#urgent.shift() ?? this.#waiting.shift();
      if (waiting === undefined) break;
      try {
        const index = group.add(waiting.work);
        if (index.ok) placed.push({ ...waiting, index: index.value });
        else waiting.settle(index);
      } catch (error) {
        waiting.fail(error);
      }
    }
    return placed;
  }

  async #write(group: AppendGroup): Promise<void> {
    const grown = append(this.#frontier, group.records.map(hashLeaf));
    const tiles = tilesAfterAppend(grown.nodes, (level, index) => this.#parts.store.tile(this.#parts.origin, level, index));
    const { records } = group;
    const checkpoint = this.#signed;
    await this.#parts.store.commit({
      leaves:
        records.length === 0 ? group.leaves : [{ log: this.#parts.origin, from: this.#frontier.size, records }, ...group.leaves],
      tiles: [...tiles.map((tile) => ({ log: this.#parts.origin, ...tile })), ...group.tiles],
      documents: [...group.documents, ...this.#seriesWrites(group), ...this.#checkpointWrites()],
    });
    this.#frontier = grown.frontier;
    this.#storedSize = checkpoint.size;
    for (const [series, serial] of group.drawn) this.#series.set(series, serial);
  }

  #seriesWrites(group: AppendGroup): readonly DocumentWrite[] {
    return [...group.drawn].map(([key, serial]) => ({
      collection: seriesCollection(this.#parts.origin),
      key,
      value: bytesOfText(String(serial)),
    }));
  }

  #checkpointWrites(): readonly DocumentWrite[] {
    if (this.#storedSize === this.#signed.size) return [];
    return [{ collection: checkpointCollection, key: this.#parts.origin, value: this.#signed.note }];
  }

  async #signAll(): Promise<void> {
    // Whatever is committed while one tree is being signed is signed together, by the next pair of signatures.
    while (this.#placed.length > 0) {
      const placed = this.#placed;
      this.#placed = [];
      try {
        await this.#signGroup(placed);
      } catch (error) {
        for (const { fail } of placed) fail(error);
      }
    }
    this.#signing = undefined;
  }

  async #signGroup(placed: readonly Placed[]): Promise<void> {
    const frontier = this.#frontier;
    const cosign = placed.map(({ work }) => work.cosign);
    const signed = await this.#parts.signer.signGroup({
      sign: frontier.size === this.#signed.size ? null : requestFor(this.#parts, frontier, this.read),
      cosign: cosign.filter((request) => request !== null),
    });
    if (signed.sign?.ok === false) {
      this.#halted = signed.sign.refusal;
      for (const { settle } of placed) settle(signed.sign);
      return;
    }
    if (signed.sign !== null) this.#signed = { size: frontier.size, root: rootOf(frontier), note: signed.sign.value };
    const answers = [...signed.cosign];
    for (const { index, settle, work } of placed) {
      const cosignature = work.cosign === null ? null : (answers.shift() ?? null);
      settle(accept({ index, checkpoint: this.#signed, cosignature }));
    }
  }
}

export interface AppenderParts {
  readonly store: Store;
  readonly signer: Signer;
  readonly origin: string;
  /** Lets everybody else have a turn. */
  readonly turn: () => Promise<void>;
}

/** Asks for a signature on a tree, shown to continue what the anchor has; without a proof if it is shorter than that. */
function requestFor({ signer, origin }: AppenderParts, frontier: Frontier, read: NodeReader): SignRequest {
  const { size } = frontier;
  const from = signer.anchor().own.find((entry) => entry.origin === origin)?.size ?? 0;
  return {
    checkpoint: { origin, size, root: rootOf(frontier) },
    proof: from <= size ? consistencyProof(from, size, read) : [],
  };
}

/** Whether the last leaf stored is the last of the tree stored: they are written together. */
async function endsAsItsTree({ store, origin }: AppenderParts, read: NodeReader): Promise<boolean> {
  const size = store.size(origin);
  if (size === 0) return true;
  const leaf = await store.leaf(origin, size - 1);
  return leaf !== undefined && equalBytes(hashLeaf(leaf), read(0, size - 1));
}

/** The last number of each series of an own log, by its key. */
export function seriesCollection(origin: string): string {
  return `series/${origin}`;
}

async function readSeries({ store, origin }: AppenderParts): Promise<Map<string, number>> {
  const series = new Map<string, number>();
  for (let from = ''; ; ) {
    const found = await store.documents(seriesCollection(origin), { from, to: null, limit: 1000 });
    for (const { key, value } of found) series.set(key, serialOf(value));
    const last = found.at(-1);
    if (last === undefined || found.length < 1000) return series;
    // The first key after it.
    from = `${last.key}\u0001`;
  }
}

function serialOf(value: Uint8Array): number {
  const text = textOfBytes(value);
  const serial = text.ok ? Number(text.value) : Number.NaN;
  assert(Number.isSafeInteger(serial), 'a series is stored as its last number');
  return serial;
}

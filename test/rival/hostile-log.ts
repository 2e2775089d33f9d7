import assert from 'node:assert/strict';
import { concatBytes } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import type { Message } from '#exchange/message.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import type { DualSigner } from '#log/note.ts';
import { append, consistencyProof, emptyFrontier, hashLeaf, inclusionProof, type NodeReader, rootAt } from '#log/tree.ts';
import { sealRecord } from '#record/envelope.ts';
import type { Precedence } from '#record/envelope-schema.ts';

/** Who owns the log. */
export interface LogOwner {
  readonly centre: string;
  readonly peer: string;
  readonly origin: string;
  readonly log: DualSigner;
}

/** China's log in the hands of whoever has its keys: grows by any bytes at all, and says of itself what it likes. */
export class HostileLog {
  readonly owner: LogOwner;
  readonly leaves: Uint8Array[] = [];
  readonly #nodes = new Map<string, Uint8Array>();
  readonly #notes = new Map<number, Uint8Array>();
  #frontier = emptyFrontier;
  #serial = 0;

  constructor(owner: LogOwner) {
    this.owner = owner;
  }

  get size(): number {
    return this.leaves.length;
  }

  readonly read: NodeReader = (level, index) => this.#nodes.get(`${level}/${index}`) ?? assert.fail('a node of the tree');

  /** Another history of the log, by the same owner, with the same beginning. */
  branch(parting: number): HostileLog {
    const other = new HostileLog(this.owner);
    other.add(...this.leaves.slice(0, parting));
    other.#serial = this.#serial + 1_000_000;
    return other;
  }

  add(...leaves: readonly Uint8Array[]): void {
    const grown = append(this.#frontier, leaves.map(hashLeaf));
    for (const { level, index, hash } of grown.nodes) this.#nodes.set(`${level}/${index}`, hash);
    this.#frontier = grown.frontier;
    this.leaves.push(...leaves);
  }

  /** A record that a centre would accept; gives its index. */
  say(text: string, precedence: Precedence = 'R'): number {
    const { centre, peer, origin } = this.owner;
    const [host = '', circle = '', status] = origin.split('/');
    assert.ok(status === 'test' || status === 'actual');
    const other = { centre: peer, origin: '' };
    const identity = { centre, host, circle, status, exercise: null, origin, peer: other, successions: [] } as const;
    this.#serial += 1;
    const context = { identity, peerCentre: peer, salt: this.#serial.toString(16).padStart(32, '0'), dutyTimeMs: Date.now() };
    const draft = coreDraft(context, { format: 'TEST', content: { text }, role: 'watch-officer', precedence, references: [] });
    this.add(mustAccept(sealRecord(draft, { serial: this.#serial, filedAtMs: Date.now() })).bytes);
    return this.size - 1;
  }

  /** The signed checkpoint of a size; each is signed once. */
  async note(size: number): Promise<Uint8Array> {
    const known = this.#notes.get(size);
    if (known !== undefined) return known;
    const checkpoint = { origin: this.owner.origin, size, root: rootAt(size, this.read) };
    const note = await signCheckpoint(checkpoint, Math.floor(Date.now() / 1000), this.owner.log);
    this.#notes.set(size, note);
    return note;
  }

  async next({ from, to, size }: { readonly from: number; readonly to: number; readonly size: number }): Promise<Message> {
    const proof = concatBytes(...consistencyProof(to, size, this.read));
    return { header: { kind: 'next', from }, attachments: [await this.note(size), proof, ...this.leaves.slice(from, to)] };
  }

  async urgent({
    index,
    base,
    size,
  }: {
    readonly index: number;
    readonly base: number;
    readonly size: number;
  }): Promise<Message> {
    const inclusion = concatBytes(...inclusionProof(index, size, this.read));
    const consistency = concatBytes(...consistencyProof(base, size, this.read));
    const leaf = this.leaves[index] ?? assert.fail('a leaf of the log');
    return { header: { kind: 'urgent', index, base }, attachments: [await this.note(size), inclusion, consistency, leaf] };
  }
}

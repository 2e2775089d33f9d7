import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { bytesOfText, hexOf } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { pathsOf } from '#centre/config.ts';
import { slotsOf } from '#centre/signer/anchor-file.ts';
import { parseCheckpointText } from '#log/checkpoint.ts';
import { parseNote } from '#log/note.ts';
import { parseProof } from '#log/proof.ts';
import { append, emptyFrontier, hashLeaf, rootOf } from '#log/tree.ts';
import { parseRecord } from '#record/envelope.ts';

/** What must not be: something that a centre answered, signed or showed is gone, or became two. */
export class LossFound extends Error {
  override readonly name = 'LossFound';
  /** Where the two centres lie as they were found. */
  folder: string | undefined;
}

/** Everything that anybody outside was told by centres that were killed since, and whether it still stands. */
export class Witness {
  /** The record that a release was answered with, by log and index. */
  readonly filed = new Map<string, string>();
  /** The hash that officers approved, of every draft whose release was answered. */
  readonly #approved = new Set<string>();
  readonly #checkpoints = new Map<string, string>();
  readonly #signedTo = new Map<string, number>();
  readonly #cosignedTo = new Map<string, number>();

  answered(filed: { readonly origin: string; readonly index: number; readonly id: string }, approved: string): void {
    this.filed.set(`${filed.origin} ${filed.index}`, filed.id);
    this.#approved.add(approved);
    this.signed(filed.origin, filed.index + 1);
  }

  /** A proof left a centre, and with it a signed checkpoint. */
  proved(proof: string): void {
    const { checkpoint } = mustAccept(parseProof(bytesOfText(proof)));
    const { origin, size, root } = mustAccept(parseCheckpointText(mustAccept(parseNote(checkpoint)).text));
    const known = this.#checkpoints.get(`${origin} ${size}`);
    if (known !== undefined && known !== hexOf(root)) throw new LossFound(`two roots for ${size} leaves of ${origin}`);
    this.#checkpoints.set(`${origin} ${size}`, hexOf(root));
    this.signed(origin, size);
  }

  /** Somebody holds a checkpoint of so many leaves, signed by the log's owner. */
  signed(origin: string, size: number): void {
    this.#signedTo.set(origin, Math.max(size, this.#signedTo.get(origin) ?? 0));
  }

  /** The log's owner holds a cosignature by the other side. */
  cosigned(origin: string, size: number): void {
    this.#cosignedTo.set(origin, Math.max(size, this.#cosignedTo.get(origin) ?? 0));
  }

  /** The anchor on a killed centre's disk is not behind anything that the centre signed. */
  async assertAnchored(directory: string): Promise<void> {
    const slots = slotsOf(await readFile(pathsOf(directory).anchor));
    const [newest] = slots.toSorted((a, b) => b.sequence - a.sequence);
    if (newest === undefined) throw new LossFound(`no slot of the anchor in ${directory} can be read`);
    for (const { origin, size } of newest.anchor.own) assertNotBehind('signed', { origin, size }, this.#signedTo);
    for (const { origin, size } of newest.anchor.followed) assertNotBehind('cosigned', { origin, size }, this.#cosignedTo);
  }

  /** Every record whose filing was answered stands where the answer says, once; every signed checkpoint is one of the one history. */
  async assertKept(centre: Centre): Promise<void> {
    const roots = new Map<string, string>();
    const approvals = new Map<string, number>();
    let found = 0;
    for (const { origin, size } of centre.register.held()) {
      let frontier = emptyFrontier;
      for (let index = 0; index < size; index += 1) {
        const leaf = (await centre.store.leaf(origin, index)) ?? assert.fail(`leaf ${index} of ${origin}`);
        frontier = append(frontier, [hashLeaf(leaf)]).frontier;
        roots.set(`${origin} ${index + 1}`, hexOf(rootOf(frontier)));
        const { id, record } = mustAccept(parseRecord(leaf));
        approvals.set(record.approved, 1 + (approvals.get(record.approved) ?? 0));
        const answered = this.filed.get(`${origin} ${index}`);
        if (answered === undefined) continue;
        if (answered !== id) throw new LossFound(`leaf ${index} of ${origin} is not the record that was answered`);
        found += 1;
      }
    }
    if (found !== this.filed.size) throw new LossFound(`${this.filed.size - found} records that were answered are gone`);
    for (const approved of this.#approved) {
      if (approvals.get(approved) !== 1) throw new LossFound(`a release stands ${approvals.get(approved) ?? 0} times in the log`);
    }
    for (const [place, root] of this.#checkpoints) {
      if (roots.get(place) !== root) throw new LossFound(`the checkpoint ${place} was signed, and is of another history`);
    }
  }
}

function assertNotBehind(
  what: string,
  entry: { readonly origin: string; readonly size: number },
  known: ReadonlyMap<string, number>,
): void {
  const told = known.get(entry.origin) ?? 0;
  if (entry.size >= told) return;
  throw new LossFound(`the anchor has ${entry.origin} ${what} to ${entry.size}, and ${told} had left already`);
}

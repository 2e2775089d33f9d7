import { base64Of, bytesOfBase64, bytesOfText, concatBytes, hexOf, textOfBytes } from '#base/bytes.ts';
import { noteBytesMax, partiesMax, proofBytesMax, proofHashesMax } from '#base/limits.ts';
import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import { sha256 } from '#crypto/engine.ts';
import { countOfText } from '#log/checkpoint.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import type { VerifiedKeyList } from '#log/keys.ts';
import { parseNote } from '#log/note.ts';
import { type VerifiedCheckpoint, type VerifiedCosignature, verifyCheckpoint, verifyCosignatures } from '#log/policy.ts';
import { type Policy, type PolicyCosignature, verifyByPolicy } from '#log/policy-file.ts';
import { type StandingKeys, standingKeys } from '#log/succession.ts';
import { hashBytes, hashLeaf, verifyInclusion } from '#log/tree.ts';

// C2SP tlog-proof: all that shows, without a network, that a record stands in a log.

const header = 'c2sp.org/tlog-proof@v1';

/** A proof as read: nothing in it is verified. */
export interface LogProof {
  /** Bytes beside the proof, unauthenticated; ours are key lists (`encodeKeyLists`), each signed by itself. */
  readonly extra: Uint8Array | null;
  readonly index: number;
  /** From the leaf's sibling up to the child of the root. */
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, byte for byte. */
  readonly checkpoint: Uint8Array;
}

export function formatProof({ extra, index, hashes, checkpoint }: LogProof): Uint8Array {
  assert(extra?.length !== 0, 'extra data is absent or not empty');
  const lines = [header, ...(extra === null ? [] : [`extra ${base64Of(extra)}`]), `index ${index}`, ...hashes.map(base64Of)];
  return concatBytes(bytesOfText(`${lines.join('\n')}\n\n`), checkpoint);
}

/** Reads a proof. Hostile input: only what `formatProof` gives back byte for byte is accepted. */
export function parseProof(bytes: Uint8Array): Result<LogProof> {
  if (bytes.length > proofBytesMax) return refuse('proof.form', `the proof has more than ${proofBytesMax} bytes`);
  const text = textOfBytes(bytes);
  if (!text.ok) return text;
  const split = text.value.indexOf('\n\n');
  if (split === -1) return refuse('proof.form', 'no empty line divides proof and checkpoint');
  const [first, ...lines] = text.value.slice(0, split).split('\n');
  if (first !== header) return refuse('proof.form', `the first line is not ${header}`);
  const extra = lines[0]?.startsWith('extra ') === true ? bytesOfBase64(lines.shift()?.slice(6) ?? '') : accept(null);
  if (!extra.ok) return extra;
  if (extra.value?.length === 0) return refuse('proof.form', 'the extra line is empty');
  const index = countOfText(/^index (\d+)$/.exec(lines.shift() ?? '')?.[1] ?? '');
  if (index === undefined) return refuse('proof.form', 'no index line where one is due');
  const hashes = parseHashLines(lines);
  if (!hashes.ok) return hashes;
  const checkpoint = bytesOfText(text.value.slice(split + 2));
  const note = parseNote(checkpoint);
  return note.ok ? accept({ extra: extra.value, index, hashes: hashes.value, checkpoint }) : note;
}

/** Reads hashes in base64, one a line. */
export function parseHashLines(lines: readonly string[]): Result<readonly Uint8Array[]> {
  if (lines.length > proofHashesMax) return refuse('proof.form', `more than ${proofHashesMax} hashes`);
  const hashes: Uint8Array[] = [];
  for (const line of lines) {
    const hash = bytesOfBase64(line);
    if (!hash.ok) return hash;
    if (hash.value.length !== hashBytes) return refuse('proof.form', 'a hash has not 32 bytes');
    hashes.push(hash.value);
  }
  return accept(hashes);
}

/** Packs key lists as extra data: each after its length in four bytes. */
export function encodeKeyLists(lists: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...lists.flatMap((list) => {
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, list.length);
      return [length, list];
    }),
  );
}

/** Unpacks key lists; `parseKeyList` and `verifyKeyList` come next. Hostile input. */
export function parseKeyLists(extra: Uint8Array): Result<readonly Uint8Array[]> {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  const lists: Uint8Array[] = [];
  for (let offset = 0; offset < extra.length; ) {
    const length = offset + 4 <= extra.length ? view.getUint32(offset) : 0;
    const list = extra.subarray(offset + 4, offset + 4 + length);
    if (length === 0 || length > noteBytesMax || list.length !== length || lists.length === partiesMax) {
      return refuse('proof.form', 'the extra data is not a sequence of key lists');
    }
    lists.push(list);
    offset += 4 + length;
  }
  return accept(lists);
}

declare const verified: unique symbol;

/** What a proof shows. Only `verifyProof` makes one. */
export interface VerifiedProof {
  /** Hexadecimal SHA-256 of the record's bytes. */
  readonly recordId: string;
  readonly index: number;
  /** The centre whose log it is, by the key list used. */
  readonly owner: string;
  /** Set where the log goes on under another name, by the lists used. */
  readonly ended: StandingKeys['ended'];
  readonly checkpoint: VerifiedCheckpoint;
  /** By the witnesses of other centres of the same circle and status, both keys and one time each. */
  readonly peerCosignatures: readonly VerifiedCosignature[];
  /** By the witnesses that the policy names. */
  readonly policyCosignatures: readonly PolicyCosignature[];
  readonly [verified]: 'proof';
}

export interface ProofClaim {
  readonly record: Uint8Array;
  readonly proof: LogProof;
  /** The owner's list and those of the other parties; of several for one log the highest serial counts. */
  readonly keyLists: readonly VerifiedKeyList[];
  readonly policy: Policy;
}

/** Checks that a record stands in its owner's log, signed by the owner's two keys and cosigned as the policy asks. */
export function verifyProof({ record, proof, keyLists, policy }: ProofClaim): Result<VerifiedProof> {
  const byPolicy = verifyByPolicy(proof.checkpoint, policy);
  if (!byPolicy.ok) return byPolicy;
  const note = parseNote(proof.checkpoint);
  if (!note.ok) return note;
  const { origin, cosignatures: policyCosignatures } = byPolicy.value;
  const standing = standingKeys(keyLists);
  if (!standing.ok) return standing;
  const owner = standing.value.get(origin);
  if (owner === undefined) return refuse('key.unknown', `no key list of ${origin} is at hand`, { origin });
  const checkpoint = verifyCheckpoint(proof.checkpoint, owner.logKeys);
  if (!checkpoint.ok) return checkpoint;
  const { list } = owner.keyList;
  const witnesses = [...standing.value.values()].flatMap(({ keyList, witness }) =>
    witness !== null && isPeerOf(list, keyList.list) ? [witness] : [],
  );
  const peerCosignatures = verifyCosignatures(checkpoint.value, note.value.signatures, witnesses);
  if (!peerCosignatures.ok) return peerCosignatures;
  if (owner.ended?.reason === 'stolen-key' && peerCosignatures.value.length === 0) {
    return refuse('key.succession', `the keys of ${origin} were stolen, and nobody else saw this checkpoint`, { ...owner.ended });
  }
  const { size, root } = checkpoint.value;
  const included = verifyInclusion({ index: proof.index, size, root, leafHash: hashLeaf(record), proof: proof.hashes });
  if (!included.ok) return included;
  return accept({
    recordId: hexOf(sha256(record)),
    index: proof.index,
    owner: list.centre,
    ended: owner.ended,
    checkpoint: checkpoint.value,
    peerCosignatures: peerCosignatures.value,
    policyCosignatures,
  } as VerifiedProof);
}

/** A centre that has another log of its own, of another circle or status, is no second party to this one. */
function isPeerOf(owner: KeyList, list: KeyList): boolean {
  return list.centre !== owner.centre && list.circle === owner.circle && list.status === owner.status;
}

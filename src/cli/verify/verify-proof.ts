import { bytesOfHex, hexOf } from '#base/bytes.ts';
import { mustAccept, refuse } from '#base/refusal.ts';
import { textOfTime } from '#base/time.ts';
import { readInput } from '#cli/terminal/input.ts';
import { Refused, taken } from '#cli/terminal/report.ts';
import { carriedKeyLists, type NamedKeyList } from '#cli/verify/key-lists.ts';
import { checkSpeaker } from '#cli/verify/speaker.ts';
import { parseOrigin } from '#log/checkpoint.ts';
import { type InclusionFile, parseInclusion } from '#log/inclusion-file.ts';
import type { Policy } from '#log/policy-file.ts';
import { parseProof, type VerifiedProof, verifyProof } from '#log/proof.ts';
import { placeNow, type Succession, successionsOf } from '#log/succession.ts';
import { hashBytes, hashLeaf, verifyInclusion } from '#log/tree.ts';
import { type CoreContent, parseCore } from '#record/core-formats.ts';
import { type KnownRecord, parseRecord } from '#record/envelope.ts';

/** A record that a proof shows to stand in its owner's log. */
export interface ProvedRecord {
  readonly proof: VerifiedProof;
  readonly bytes: Uint8Array;
  /** Null where the bytes stand in the log and are no record that this program can read. */
  readonly known: KnownRecord | null;
  readonly unread: string | null;
  /** What the logs of the lists used were called before. */
  readonly successions: readonly Succession[];
  /** An algorithm on which its owner relies no longer, by its newest list. */
  readonly retired: string | null;
  /** Key lists that came with the proof: newer than those given, or of another log, and used beside them. */
  readonly carried: readonly NamedKeyList[];
}

/** A receipt of the other side for the leaf at the record's index. */
export interface ProvedReceipt {
  readonly record: ProvedRecord;
  readonly receivedAt: string;
  /** Leaves of the tree that the receipt names. */
  readonly size: number;
  /** Whether the record is shown to be that leaf in the tree that the receipt names, and not in another history alone. */
  readonly isOfRecord: boolean;
}

export async function proveRecord(
  files: { readonly record: string; readonly proof: string },
  by: { readonly keys: readonly NamedKeyList[]; readonly policy: Policy },
): Promise<ProvedRecord> {
  const bytes = new Uint8Array(await readInput(files.record));
  const proof = taken(parseProof(new Uint8Array(await readInput(files.proof))));
  const carried = carriedKeyLists(files.proof, proof.extra, by.keys);
  const keyLists = [...by.keys, ...carried].map(({ keyList }) => keyList);
  const verified = taken(verifyProof({ record: bytes, proof, keyLists, policy: by.policy }));
  const known = parseRecord(bytes);
  if (known.ok) taken(checkSpeaker(known.value, { origin: verified.checkpoint.origin, owner: verified.owner }));
  const { owner } = verified;
  const [retired = null] = keyLists.flatMap(({ list }) => (list.centre === owner ? (list.retired ?? []) : []));
  const successions = successionsOf(keyLists);
  const read = { known: known.ok ? known.value : null, unread: known.ok ? null : known.refusal.detail };
  return { proof: verified, bytes, carried: carried.filter((each) => isNews(each, by.keys)), ...read, successions, retired };
}

/** Whether a carried list says more than those that were given. */
function isNews({ keyList }: NamedKeyList, given: readonly NamedKeyList[]): boolean {
  const { origin, serial } = keyList.list;
  return !given.some(({ keyList: { list } }) => list.origin === origin && list.serial >= serial);
}

/** Reads where a record stands in the tree that a receipt names. */
export async function readInclusion(file: string): Promise<InclusionFile> {
  return taken(parseInclusion(new Uint8Array(await readInput(file))));
}

/**
 * Checks that a proved record is a receipt for the leaf at another's index. Two histories can have two leaves there, so that the
 * receipt is one of this record only under the root of the record's proof, or where `inclusion` shows it under the receipt's own.
 */
export function checkReceipt(of: ProvedRecord, receipt: ProvedRecord, inclusion: InclusionFile | null): ProvedReceipt {
  const content = receipt.known === null ? undefined : taken(parseCore(receipt.known.record, 'RECEIPT'));
  if (content === undefined)
    throw new Refused(refuse('agreement.format', `what was given as a receipt is none: ${receipt.unread}`));
  checkOtherSide(of.proof, receipt.proof);
  checkRange(of, content);
  const { size, root } = of.proof.checkpoint;
  if (content.size === size && content.root !== hexOf(root)) {
    const detail = `the receipt names another root for the ${size} leaves of ${of.proof.checkpoint.origin} than the proof`;
    throw new Refused(refuse('receipt.root', detail));
  }
  if (inclusion !== null) checkInclusion(of, content, inclusion);
  const isOfRecord = content.size === size || inclusion !== null;
  return { record: receipt, receivedAt: content.receivedAt, size: content.size, isOfRecord };
}

/** A receipt stands in the log of another party of the same circle and status. */
function checkOtherSide(of: VerifiedProof, receipt: VerifiedProof): void {
  if (receipt.owner === of.owner) {
    const detail = `a receipt is the word of another side: this one stands in a log of ${of.owner} itself`;
    throw new Refused(refuse('record.originator', detail));
  }
  const [ours, theirs] = [of, receipt].map(({ checkpoint }) => mustAccept(parseOrigin(checkpoint.origin)));
  if (ours?.circle !== theirs?.circle || ours?.status !== theirs?.status) {
    const detail = `a receipt in ${receipt.checkpoint.origin} is of another circle or status than ${of.checkpoint.origin}`;
    throw new Refused(refuse('checkpoint.origin', detail));
  }
}

/** Either may name the log as it was called before it went on under another name: the leaves are the same. */
function checkRange({ proof, successions }: ProvedRecord, { log, from, to, size }: CoreContent<'RECEIPT'>): void {
  const { index } = proof;
  const { origin } = proof.checkpoint;
  const [named, proved] = [log, origin].map((name) => placeNow({ log: name, index }, successions).log);
  if (named === proved && from <= index && index < to && to <= size) return;
  const detail = `the receipt is for leaves from ${from} to before ${to} of ${size} of ${log}, not for leaf ${index} of ${origin}`;
  throw new Refused(refuse('receipt.range', detail));
}

/** Checks that the record is at its index in the tree that the receipt names. */
function checkInclusion({ bytes, proof }: ProvedRecord, content: CoreContent<'RECEIPT'>, inclusion: InclusionFile): void {
  const { index, size, hashes } = inclusion;
  if (index !== proof.index || size !== content.size) {
    const detail = `the inclusion is of leaf ${index} in ${size} leaves, not of leaf ${proof.index} in the ${content.size} of the receipt`;
    throw new Refused(refuse('proof.inclusion', detail));
  }
  const root = taken(bytesOfHex(content.root, hashBytes));
  taken(verifyInclusion({ index, size, root, leafHash: hashLeaf(bytes), proof: hashes }));
}

/** How a record is spoken of. */
export function nameOf({ known, proof }: ProvedRecord): string {
  return known?.record.number ?? `leaf ${proof.index} of ${proof.checkpoint.origin}`;
}

/** A POSIX second as the record writes times. */
export function secondText(timeS: number): string {
  return `${textOfTime(timeS * 1000).slice(0, 19)}Z`;
}

/** Asks for no witness: the signatures of owner and peer are asked for all the same. */
export const noPolicy: Policy = { logs: [], members: [], quorum: 'none' };

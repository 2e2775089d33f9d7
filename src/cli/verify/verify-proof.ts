import { hexOf } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { textOfTime } from '#base/time.ts';
import { readInput } from '#cli/terminal/input.ts';
import { Refused, taken } from '#cli/terminal/report.ts';
import { carriedKeyLists, type NamedKeyList } from '#cli/verify/key-lists.ts';
import type { Policy } from '#log/policy-file.ts';
import { parseProof, type VerifiedProof, verifyProof } from '#log/proof.ts';
import { parseCore } from '#record/core-formats.ts';
import { type KnownRecord, parseRecord } from '#record/envelope.ts';

/** A record that a proof shows to stand in its owner's log. */
export interface ProvedRecord {
  readonly proof: VerifiedProof;
  readonly bytes: Uint8Array;
  /** Null where the bytes stand in the log and are no record that this program can read. */
  readonly known: KnownRecord | null;
  readonly unread: string | null;
}

/** A receipt of the other side that covers the record. */
export interface ProvedReceipt {
  readonly record: ProvedRecord;
  readonly receivedAt: string;
  /** Whether the root that the receipt names is that of the record's proof; null where the two are of different sizes. */
  readonly isSameRoot: boolean | null;
}

export async function proveRecord(
  files: { readonly record: string; readonly proof: string },
  by: { readonly keys: readonly NamedKeyList[]; readonly policy: Policy },
): Promise<ProvedRecord> {
  const bytes = new Uint8Array(await readInput(files.record));
  const proof = taken(parseProof(new Uint8Array(await readInput(files.proof))));
  const keyLists = [...by.keys.map(({ keyList }) => keyList), ...carriedKeyLists(proof.extra, by.keys)];
  const verified = taken(verifyProof({ record: bytes, proof, keyLists, policy: by.policy }));
  const known = parseRecord(bytes);
  if (known.ok) checkOwner(known.value, verified);
  return { proof: verified, bytes, known: known.ok ? known.value : null, unread: known.ok ? null : known.refusal.detail };
}

/** A record speaks for the owner of the log alone, and its status is the log's. */
function checkOwner({ record }: KnownRecord, { owner, checkpoint }: VerifiedProof): void {
  if (record.originator.centre !== owner) {
    throw new Refused(refuse('record.originator', `a record by ${record.originator.centre} in the log of ${owner}`));
  }
  if (!checkpoint.origin.endsWith(`/${record.status}`)) {
    throw new Refused(refuse('record.status', `a record of status ${record.status} in the log ${checkpoint.origin}`));
  }
}

/** Checks that a proved record is a receipt of another. */
export function checkReceipt(of: ProvedRecord, receipt: ProvedRecord): ProvedReceipt {
  const content = receipt.known === null ? undefined : taken(parseCore(receipt.known.record, 'RECEIPT'));
  if (content === undefined)
    throw new Refused(refuse('agreement.format', `what was given as a receipt is none: ${receipt.unread}`));
  const { origin, size, root } = of.proof.checkpoint;
  if (content.log !== origin || of.proof.index < content.from || of.proof.index >= content.to) {
    const detail = `the receipt is for leaves ${content.from} to ${content.to - 1} of ${content.log}, not for leaf ${of.proof.index} of ${origin}`;
    throw new Refused(refuse('receipt.range', detail));
  }
  const isSameRoot = content.size === size ? content.root === hexOf(root) : null;
  if (isSameRoot === false) {
    throw new Refused(
      refuse('receipt.root', `the receipt names another root for the ${size} leaves of ${origin} than the proof`),
    );
  }
  return { record: receipt, receivedAt: content.receivedAt, isSameRoot };
}

/** How a record is spoken of. */
export function nameOf({ known, proof }: ProvedRecord): string {
  return known?.record.number ?? `leaf ${proof.index} of ${proof.checkpoint.origin}`;
}

/** A POSIX second as the record writes times; one beyond any calendar as the number that it is. */
export function secondText(timeS: number): string {
  return timeS < 253_402_300_800 ? `${textOfTime(timeS * 1000).slice(0, 19)}Z` : String(timeS);
}

/** Asks for no witness: the signatures of owner and peer are asked for all the same. */
export const noPolicy: Policy = { logs: [], members: [], quorum: 'none' };

import type { CastCentre } from '#cli/demo/cast.ts';
import type { ExportedPlace } from '#cli/demo/inclusions.ts';
import { checkStore } from '#cli/store/check-store.ts';
import { readKeyListFiles } from '#cli/verify/key-lists.ts';
import { checkReceipt, noPolicy, proveRecord, readInclusion } from '#cli/verify/verify-proof.ts';

export interface Proving {
  readonly records: number;
  readonly leaves: number;
  /** A sentence for each thing that does not hold. */
  readonly faults: readonly string[];
}

/** Verifies everything that the exercise left: each record with its proof by both key lists, the receipt shown, and both stores. */
export async function proveAll(parts: {
  readonly exported: readonly ExportedPlace[];
  readonly shown: { readonly record: ExportedPlace; readonly receipt: ExportedPlace };
  readonly keyFiles: readonly string[];
  readonly cast: readonly CastCentre[];
}): Promise<Proving> {
  const { exported, shown, keyFiles, cast } = parts;
  const keys = await readKeyListFiles(
    keyFiles,
    cast.map(({ fingerprint }) => fingerprint),
  );
  const faults: string[] = [];
  for (const { record, proof, centre } of exported) {
    const proved = await proveRecord({ record, proof }, { keys, policy: noPolicy });
    if (proved.proof.owner !== centre)
      faults.push(`${record} is proved to stand in the log of ${proved.proof.owner}, not of ${centre}`);
    if (proved.proof.peerCosignatures.length !== 1) faults.push(`${record} is not cosigned by the other side`);
  }
  const by = { keys, policy: noPolicy };
  const inclusion = shown.record.inclusion === null ? null : await readInclusion(shown.record.inclusion);
  const receipt = checkReceipt(await proveRecord(shown.record, by), await proveRecord(shown.receipt, by), inclusion);
  if (!receipt.isOfRecord) faults.push(`${shown.receipt.record} is not shown to be a receipt of ${shown.record.record}`);
  let leaves = 0;
  for (const { directory, centre } of cast) {
    const findings = await checkStore(directory);
    faults.push(...findings.faults.map((fault) => `${centre}: ${fault}`));
    for (const { origin, size, judged } of findings.logs) {
      leaves += size;
      if (judged.accepted !== size)
        faults.push(`${centre}: ${size - judged.accepted} of ${size} leaves of ${origin} are not accepted`);
    }
  }
  return { records: exported.length, leaves, faults };
}

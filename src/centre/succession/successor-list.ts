import { base64Of } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { type TimeMs, textOfTime } from '#base/time.ts';
import type { CentreKeys, OfflineSigners } from '#centre/signer/key-file.ts';
import { parseOrigin } from '#log/checkpoint.ts';
import type { KeyList, SuccessionReason } from '#log/key-list-schema.ts';

/** How far the log that ends was, and how far its witness had cosigned others. */
export interface Ending {
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly root: string;
  readonly cosigned: readonly { readonly origin: string; readonly size: number }[];
}

/** The host of the log that goes on from one: `s2.` before the first host, then `s3.`. */
export function successorHost(host: string): string {
  const [, count, first] = /^s([2-9]|[1-9]\d{1,5})\.(.+)$/.exec(host) ?? [];
  return count === undefined || first === undefined ? `s2.${host}` : `s${Number(count) + 1}.${first}`;
}

/** The list that opens the next log of a centre: new keys, and the end of the older ones (`spec/keys.md` 4). */
export function successorList(parts: {
  readonly older: KeyList;
  readonly keys: CentreKeys;
  readonly ending: Ending;
  readonly reason: SuccessionReason;
  readonly retired: 'ed25519' | 'ml-dsa-44' | undefined;
  /** Where the offline keys are new as well. */
  readonly offline: OfflineSigners | undefined;
  readonly nowMs: TimeMs;
}): KeyList {
  const { older, keys, ending, reason, retired, offline, nowMs } = parts;
  const { size, root, cosigned } = ending;
  return {
    centre: older.centre,
    circle: older.circle,
    status: older.status,
    origin: successorOrigin(older),
    serial: older.serial + 1,
    issuedAt: textOfTime(nowMs),
    offline: offline === undefined ? older.offline : textPair(offline),
    log: keys.logs.map(({ log }) => ({ ...textPair(log), fromSize: size })),
    witness: [
      ...older.witness.map((entry) => ({ ...entry, until: entry.until ?? cosigned })),
      ...keys.logs.map(({ witness }) => ({ name: witness.name, ...textPair(witness) })),
    ],
    link: [{ spkiSha256: keys.linkSpkiSha256 }],
    ...(retired === undefined ? {} : { retired: [retired] }),
    succeeds: { origin: older.origin, size, root, reason },
  };
}

export function successorOrigin({ origin }: Pick<KeyList, 'origin'>): string {
  const { host, circle, status } = mustAccept(parseOrigin(origin));
  return `${successorHost(host)}/${circle}/${status}`;
}

/** The public keys of a pair, as a list writes them. */
export function textPair(pair: {
  readonly ed25519: { readonly publicKey: Uint8Array };
  readonly mldsa44: { readonly publicKey: Uint8Array };
}): { readonly ed25519: string; readonly mldsa44: string } {
  return { ed25519: base64Of(pair.ed25519.publicKey), mldsa44: base64Of(pair.mldsa44.publicKey) };
}

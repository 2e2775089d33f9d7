import { base64Of } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { signerOfSeed } from '#crypto/engine.ts';
import type { KeySigner } from '#crypto/engine-shape.ts';
import { type LogStatus, originOf } from '#log/checkpoint.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import { type OfflineKeys, parseKeyList, signKeyList, type VerifiedKeyList, verifyKeyList } from '#log/keys.ts';
import type { DualSigner } from '#log/note.ts';

/** A centre with keys from fixed seeds, for tests and vectors. Its keys are public: never for use. */
export interface SampleCentre {
  readonly log: DualSigner;
  readonly witness: DualSigner;
  readonly offline: { readonly ed25519: KeySigner; readonly mldsa44: KeySigner };
  readonly pinned: OfflineKeys;
  readonly list: KeyList;
  /** The signed key list, as it would travel. */
  readonly listNote: Uint8Array;
  readonly keyList: VerifiedKeyList;
}

export interface SamplePlace {
  readonly centre: string;
  readonly host: string;
  readonly circle: string;
  readonly status: LogStatus;
  /** Seeds are 32 times this byte, and the two after it. */
  readonly seed: number;
}

/** Makes a centre whose offline, log and witness keys come from the seeds `seed`, `seed + 1` and `seed + 2`. */
export async function sampleCentre({ centre, host, circle, status, seed }: SamplePlace): Promise<SampleCentre> {
  const origin = originOf({ host, circle, status });
  const [offline, log, witness] = [keysOf(seed), keysOf(seed + 1), keysOf(seed + 2)];
  const list: KeyList = {
    centre,
    circle,
    status,
    origin,
    serial: 1,
    issuedAt: '2026-01-05T08:00:00.000Z',
    offline: textOf(offline),
    log: [{ ...textOf(log), fromSize: 0 }],
    witness: [{ ...textOf(witness), name: `${origin}/witness` }],
    link: [],
  };
  const listNote = await signKeyList(list, offline);
  const pinned = { ed25519: offline.ed25519.publicKey, mldsa44: offline.mldsa44.publicKey };
  return {
    log: { name: origin, ...log },
    witness: { name: `${origin}/witness`, ...witness },
    offline,
    pinned,
    list,
    listNote,
    keyList: mustAccept(verifyKeyList(mustAccept(parseKeyList(listNote)), pinned)),
  };
}

/** The two signers of a seed of 32 equal bytes. */
export function keysOf(seed: number): { readonly ed25519: KeySigner; readonly mldsa44: KeySigner } {
  const bytes = new Uint8Array(32).fill(seed);
  return { ed25519: signerOfSeed('ed25519', bytes), mldsa44: signerOfSeed('ml-dsa-44', bytes) };
}

/** The public keys of a pair, as a key list writes them. */
export function textOf(keys: { readonly ed25519: KeySigner; readonly mldsa44: KeySigner }): {
  readonly ed25519: string;
  readonly mldsa44: string;
} {
  return { ed25519: base64Of(keys.ed25519.publicKey), mldsa44: base64Of(keys.mldsa44.publicKey) };
}

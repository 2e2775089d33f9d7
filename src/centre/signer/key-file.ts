import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { base64Of, bytesOfBase64, hexOf } from '#base/bytes.ts';
import { accept, mustAccept, type Result, refuse } from '#base/refusal.ts';
import {
  type CentreSecret,
  centreSecretSchema,
  type OfflineSecret,
  offlineSecretSchema,
  type PairSecret,
} from '#centre/signer/key-schema.ts';
import { seal, sealedBytesMax, unseal } from '#centre/signer/sealed.ts';
import { isErrno, writeDurably } from '#centre/store/durable-file.ts';
import { sha256, signerOfSeed } from '#crypto/engine.ts';
import { type KeySigner, seedBytes } from '#crypto/engine-shape.ts';
import type { DualSigner } from '#log/note.ts';
import { canonicalBytes, parseCanonical } from '#record/canonical.ts';
import { faultsOf, type Schema } from '#record/schema.ts';

/** Where a sealed file is and what opens it; `cost` is `sealCost` but in tests. */
export interface SealedFile {
  readonly path: string;
  readonly passphrase: Uint8Array;
  readonly cost: number;
}

/** The signing keys of one own log and of the witness that goes with it: they sign and show no key bytes. */
export interface LogSigners {
  readonly origin: string;
  readonly log: DualSigner;
  /** Cosigns the logs of the other members of the same circle and status. */
  readonly witness: DualSigner;
}

export interface CentreKeys {
  readonly logs: readonly LogSigners[];
  /** The link's private key as TLS takes it: the one key that leaves the file, since TLS runs in the process. */
  readonly linkKeyPem: string;
  /** SHA-256 of the link's SubjectPublicKeyInfo in DER, in hexadecimal, as the key list has it. */
  readonly linkSpkiSha256: string;
}

/** The keys whose only use is to sign key lists. */
export interface OfflineSigners {
  readonly ed25519: KeySigner;
  readonly mldsa44: KeySigner;
}

/** Makes the keys of a centre for its logs. Refused: `store.exists`. */
export async function createCentreKeys(file: SealedFile, origins: readonly string[]): Promise<Result<void>> {
  const link = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'der', type: 'pkcs8' });
  const secret: CentreSecret = { kind: 'anshin-centre-keys/1', logs: origins.map(freshLog), link: base64Of(link) };
  return await writeSecret(file, secret, 'create');
}

/** Adds the keys of one more own log to a centre's; those that are there stay. Refused: as `openCentreKeys`, `store.exists`. */
export async function addLogKeys(file: SealedFile, origin: string): Promise<Result<void>> {
  const secret = await readSecret<CentreSecret>(file, centreSecretSchema);
  if (!secret.ok) return secret;
  if (secret.value.logs.some((log) => log.origin === origin))
    return refuse('store.exists', `there are keys of ${origin} already`, { origin });
  return await writeSecret(file, { ...secret.value, logs: [...secret.value.logs, freshLog(origin)] }, 'replace');
}

/** Opens a centre's keys. Refused: `signer.sealed`, `signer.passphrase`. */
export async function openCentreKeys(file: SealedFile): Promise<Result<CentreKeys>> {
  const secret = await readSecret<CentreSecret>(file, centreSecretSchema);
  if (!secret.ok) return secret;
  const link = createPrivateKey({ key: Buffer.from(secret.value.link, 'base64'), format: 'der', type: 'pkcs8' });
  return accept({
    logs: secret.value.logs.map(({ origin, log, witness }) => ({
      origin,
      log: { name: origin, ...signersOf(log) },
      witness: { name: witnessNameOf(origin), ...signersOf(witness) },
    })),
    linkKeyPem: link.export({ format: 'pem', type: 'pkcs8' }),
    linkSpkiSha256: hexOf(sha256(createPublicKey(link).export({ format: 'der', type: 'spki' }))),
  });
}

/** Makes the offline keys of a centre, in a file of their own. Refused: `store.exists`. */
export async function createOfflineKeys(file: SealedFile): Promise<Result<void>> {
  return await writeSecret(file, { kind: 'anshin-offline-keys/1', offline: freshPair() }, 'create');
}

/** Opens the offline keys. Refused: `signer.sealed`, `signer.passphrase`. */
export async function openOfflineKeys(file: SealedFile): Promise<Result<OfflineSigners>> {
  const secret = await readSecret<OfflineSecret>(file, offlineSecretSchema);
  return secret.ok ? accept(signersOf(secret.value.offline)) : secret;
}

/** Seals either kind of file anew under another passphrase. Refused: `signer.sealed`, `signer.passphrase`. */
export async function changePassphrase(file: SealedFile, passphrase: Uint8Array): Promise<Result<void>> {
  const bytes = await readSealed(file.path);
  if (!bytes.ok) return bytes;
  const secret = await unseal(bytes.value, file.passphrase);
  if (!secret.ok) return secret;
  await writeDurably(file.path, await seal(secret.value, passphrase, file.cost), { mode: 0o600, how: 'replace' });
  return accept(undefined);
}

/** The name of the witness that goes with an own log: distinct from the log's, as its keys are. */
function witnessNameOf(origin: string): string {
  return `${origin}/witness`;
}

async function writeSecret(
  file: SealedFile,
  secret: CentreSecret | OfflineSecret,
  how: 'create' | 'replace',
): Promise<Result<void>> {
  const sealed = await seal(canonicalBytes(secret), file.passphrase, file.cost);
  if (await writeDurably(file.path, sealed, { mode: 0o600, how })) return accept(undefined);
  return refuse('store.exists', `${file.path} exists already and is not overwritten: keys once lost are lost`, {
    path: file.path,
  });
}

async function readSecret<T>(file: SealedFile, schema: Schema): Promise<Result<T>> {
  const bytes = await readSealed(file.path);
  if (!bytes.ok) return bytes;
  const secret = await unseal(bytes.value, file.passphrase);
  if (!secret.ok) return secret;
  const value = mustAccept(parseCanonical(secret.value, sealedBytesMax));
  if (faultsOf(schema, value).length === 0) return accept(value as T);
  return refuse('signer.sealed', `${file.path} holds keys of another kind than asked for: check the path`, { path: file.path });
}

async function readSealed(path: string): Promise<Result<Uint8Array>> {
  try {
    return accept(await readFile(path));
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    return refuse('signer.sealed', `there are no keys at ${path}: check the path, or set up the centre first`, { path });
  }
}

function freshLog(origin: string): CentreSecret['logs'][number] {
  return { origin, log: freshPair(), witness: freshPair() };
}

function freshPair(): PairSecret {
  return { ed25519: base64Of(randomBytes(seedBytes)), mldsa44: base64Of(randomBytes(seedBytes)) };
}

function signersOf({ ed25519, mldsa44 }: PairSecret): OfflineSigners {
  return {
    ed25519: signerOfSeed('ed25519', mustAccept(bytesOfBase64(ed25519))),
    mldsa44: signerOfSeed('ml-dsa-44', mustAccept(bytesOfBase64(mldsa44))),
  };
}

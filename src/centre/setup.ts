import { mkdir } from 'node:fs/promises';
import { bytesOfText } from '#base/bytes.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { type TimeMs, textOfTime } from '#base/time.ts';
import { type CentreConfig, ownOriginOf, type PeerConfig, pathsOf, readCentreConfig, writeConfig } from '#centre/config.ts';
import type { Pairing } from '#centre/pairing.ts';
import { freshEntry, noTree } from '#centre/signer/anchor.ts';
import { AnchorFile, createAnchorFile } from '#centre/signer/anchor-file.ts';
import {
  type CentreKeys,
  createCentreKeys,
  createOfflineKeys,
  openCentreKeys,
  openOfflineKeys,
} from '#centre/signer/key-file.ts';
import { LocalSigner } from '#centre/signer/local-signer.ts';
import { writeDurably } from '#centre/store/durable-file.ts';
import { createSqliteStore } from '#centre/store/sqlite-store.ts';
import { textPair } from '#centre/succession/successor-list.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import { fingerprintOf, signKeyList } from '#log/keys.ts';

export interface SetupOptions {
  readonly directory: string;
  readonly config: CentreConfig;
  readonly passphrase: Uint8Array;
  /** Cost of sealing, a power of two; `sealCost` outside tests and exercises. */
  readonly cost: number;
  readonly nowMs: TimeMs;
}

/** What both sides have until the pairing says otherwise: a launch notice needs little, an archive more. */
const usualBudget: PeerConfig['budget'] = { bytesPerDay: 2_147_483_648, recordsPerDay: 4_000_000, flashPerHour: 60 };
/** The key exchange that the link requires. */
const usualGroup = 'X25519MLKEM768';

/** Makes a centre: keys, key list, anchor and an empty store. Nothing that exists is overwritten. */
export async function initCentre(options: SetupOptions): Promise<Result<{ readonly fingerprint: string }>> {
  const { directory, config, passphrase, cost } = options;
  const paths = pathsOf(directory);
  const origin = ownOriginOf(config);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const written = await writeConfig(paths.config, config, 'create');
  if (!written.ok) return written;
  for (const made of [
    () => createCentreKeys({ path: paths.keys, passphrase, cost }, [origin]),
    () => createOfflineKeys({ path: paths.offline, passphrase, cost }),
    () => createAnchorFile(paths.anchor, { own: [freshEntry(origin)], followed: [] }),
    () => createSqliteStore(paths.store),
  ]) {
    const done = await made();
    if (!done.ok) return done;
  }
  return await issueKeyList(options, origin);
}

async function issueKeyList(options: SetupOptions, origin: string): Promise<Result<{ readonly fingerprint: string }>> {
  const { directory, config, passphrase, cost, nowMs } = options;
  const paths = pathsOf(directory);
  const keys = await openCentreKeys({ path: paths.keys, passphrase, cost });
  if (!keys.ok) return keys;
  const offline = await openOfflineKeys({ path: paths.offline, passphrase, cost });
  if (!offline.ok) return offline;
  const list = firstKeyList({ config, origin, keys: keys.value, nowMs, offline: textPair(offline.value) });
  const note = await signKeyList(list, offline.value);
  await writeDurably(paths.keyList, note, { mode: 0o644, how: 'create' });
  const { ed25519, mldsa44 } = offline.value;
  return accept({ fingerprint: fingerprintOf({ ed25519: ed25519.publicKey, mldsa44: mldsa44.publicKey }) });
}

function firstKeyList(parts: {
  readonly config: CentreConfig;
  readonly origin: string;
  readonly keys: CentreKeys;
  readonly nowMs: TimeMs;
  readonly offline: KeyList['offline'];
}): KeyList {
  const { config, origin, keys, nowMs, offline } = parts;
  return {
    centre: config.centre,
    circle: config.circle,
    status: config.status,
    origin,
    serial: 1,
    issuedAt: textOfTime(nowMs),
    offline,
    log: keys.logs.map(({ log }) => ({ ...textPair(log), fromSize: 0 })),
    witness: keys.logs.map(({ witness }) => ({ name: witness.name, ...textPair(witness) })),
    link: [{ spkiSha256: keys.linkSpkiSha256 }],
  };
}

/** Takes the other side in. The officers have compared the fingerprint; it is checked once more here. */
export async function pairCentre(options: {
  readonly directory: string;
  readonly passphrase: Uint8Array;
  readonly pairing: Pairing;
  readonly fingerprint: string;
  readonly nowMs: TimeMs;
}): Promise<Result<PeerConfig>> {
  const { directory, pairing, fingerprint } = options;
  const config = await readCentreConfig(directory);
  if (!config.ok) return config;
  const { list } = pairing.keyList;
  if (fingerprint.replaceAll(/\D/g, '') !== pairing.fingerprint.replaceAll(' ', '')) {
    return refuse('key.unknown', 'the groups of digits are not those of the file: do not pair, and find out why', {
      file: pairing.fingerprint,
    });
  }
  if (list.circle !== config.value.circle || list.status !== config.value.status || list.centre === config.value.centre) {
    return refuse(
      'key.list',
      `the file is of ${list.centre}, circle ${list.circle}, status ${list.status}: not a partner of this centre`,
    );
  }
  const peer: PeerConfig = {
    format: 'anshin-peer/1',
    centre: list.centre,
    origin: list.origin,
    ...(pairing.address === undefined ? {} : { address: pairing.address }),
    offline: list.offline,
    group: usualGroup,
    budget: usualBudget,
  };
  const paths = pathsOf(directory);
  const admitted = await admitFollowed(options, list.origin);
  if (!admitted.ok) return admitted;
  const kept = await writeDurably(paths.peerKeyList, bytesOfText(pairing.keyListText), { mode: 0o644, how: 'create' });
  if (!kept) return refuse('store.exists', `${paths.peerKeyList} exists already: this centre is paired`);
  const written = await writeConfig(paths.peer, peer, 'create');
  return written.ok ? accept(peer) : written;
}

async function admitFollowed(
  options: { readonly directory: string; readonly passphrase: Uint8Array; readonly nowMs: TimeMs },
  origin: string,
): Promise<Result<void>> {
  const signer = await openSigner({ ...options, clock: () => options.nowMs });
  if (!signer.ok) return signer;
  const admitted = await signer.value.signer.admit({ role: 'followed', origin, begins: noTree });
  await signer.value.signer.close();
  return admitted;
}

/** Opens keys and anchor of a centre. */
export async function openSigner(options: {
  readonly directory: string;
  readonly passphrase: Uint8Array;
  readonly clock: () => TimeMs;
}): Promise<Result<{ readonly signer: LocalSigner; readonly keys: CentreKeys }>> {
  const paths = pathsOf(options.directory);
  const keys = await openCentreKeys({ path: paths.keys, passphrase: options.passphrase, cost: 0 });
  if (!keys.ok) return keys;
  const anchorFile = await AnchorFile.open(paths.anchor);
  if (!anchorFile.ok) return anchorFile;
  return accept({
    signer: new LocalSigner({ keys: keys.value, anchorFile: anchorFile.value, clock: options.clock }),
    keys: keys.value,
  });
}

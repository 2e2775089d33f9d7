import type { Instrument } from '#agreement/instrument.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import { Appender } from '#centre/append.ts';
import { type CentreConfig, ownOriginOf, type PeerConfig, pathsOf, readCentreConfig, readPeerConfig } from '#centre/config.ts';
import { DiskReserve } from '#centre/disk-reserve.ts';
import { agreementsFolder, loadInstruments } from '#centre/instruments.ts';
import { type KeyLists, readKeyLists } from '#centre/key-lists.ts';
import { openSigner } from '#centre/setup.ts';
import type { CentreKeys } from '#centre/signer/key-file.ts';
import type { Signer } from '#centre/signer/signer.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import type { Store } from '#centre/store/store.ts';
import { realWorld, type World } from '#centre/world.ts';

export interface OpenOptions {
  readonly directory: string;
  readonly passphrase: Uint8Array;
  readonly nowMs: () => TimeMs;
}

/** A centre's files, opened and checked against each other; nothing runs yet. */
export interface Opened {
  readonly options: OpenOptions;
  readonly config: CentreConfig;
  readonly peerConfig: PeerConfig | undefined;
  readonly lists: KeyLists;
  readonly signer: Signer;
  readonly keys: CentreKeys;
  readonly store: Store;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly appender: Appender;
  /** What is kept of the disk for our own log. */
  readonly reserve: Pick<DiskReserve, 'isShort'>;
  readonly world: World;
}

/** Opens store, anchor, signer and log, in this order; whatever is refused leaves nothing open. */
export async function openParts(options: OpenOptions): Promise<Result<Opened>> {
  const { directory, passphrase } = options;
  const config = await readCentreConfig(directory);
  if (!config.ok) return config;
  const peerConfig = await readPeerConfig(directory);
  if (!peerConfig.ok) return peerConfig;
  const lists = await readKeyLists(directory);
  if (!lists.ok) return lists;
  const { centre } = lists.value.own.list;
  if (centre !== config.value.centre) {
    const detail = `centre.json says ${config.value.centre}, and the signed key list ${centre}: put centre.json right`;
    return refuse('config.form', detail, { directory });
  }
  const instruments = await loadInstruments(agreementsFolder, config.value.agreements);
  if (!instruments.ok) return instruments;
  const signing = await openSigner({ directory, passphrase, clock: options.nowMs });
  if (!signing.ok) return signing;
  const { signer, keys } = signing.value;
  const store = await openSqliteStore(pathsOf(directory).store);
  if (!store.ok) {
    await signer.close();
    return store;
  }
  const appender = await Appender.start({ store: store.value, signer, origin: ownOriginOf(config.value), turn: realWorld.turn });
  if (!appender.ok) {
    await store.value.close();
    await signer.close();
    return appender;
  }
  const { diskReserveMiB } = config.value;
  const reserveBytes = diskReserveMiB === undefined ? undefined : diskReserveMiB * 2 ** 20;
  const parts = { signer, keys, store: store.value, appender: appender.value };
  return accept({
    options,
    config: config.value,
    peerConfig: peerConfig.value,
    lists: lists.value,
    instruments: instruments.value,
    reserve: new DiskReserve(directory, reserveBytes),
    world: realWorld,
    ...parts,
  });
}

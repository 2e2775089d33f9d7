import { randomBytes } from 'node:crypto';
import type { Server } from 'node:tls';
import { SeededChance } from '#base/chance.ts';
import { addressOf } from '#centre/config.ts';
import { certificateOf } from '#centre/link/certificate.ts';
import { Dialler, type EndpointEvents, type LinkIdentity, listen, type PinnedPeer } from '#centre/link/endpoint.ts';
import type { Opened } from '#centre/opened.ts';

export interface Endpoints {
  /** Where the link listens, if it does. */
  readonly address: string | undefined;
  /** Takes no more connections and makes none; resolves when those that are open are closed, which their owner does. */
  close(): Promise<void>;
}

/** Listens, dials, or both: where both sides listen, the one whose name sorts first dials. */
export async function openEndpoints(opened: Opened, events: EndpointEvents): Promise<Endpoints> {
  const { config, peerConfig, keys, lists } = opened;
  const identity: LinkIdentity = { key: keys.linkKeyPem, certificate: certificateOf(keys.linkKeyPem, config.host) };
  const peer: PinnedPeer & EndpointEvents = {
    pins: () => lists.peer?.list.link.map(({ spkiSha256 }) => spkiSha256) ?? [],
    group: peerConfig?.group ?? 'X25519MLKEM768',
    connected: (socket, lane) => events.connected(socket, lane),
    turnedAway: (refusal) => events.turnedAway(refusal),
  };
  const listening = config.linkListen === undefined ? undefined : await listen(addressOf(config.linkListen), identity, peer);
  const dials = peerConfig?.address !== undefined && (listening === undefined || config.centre < peerConfig.centre);
  const address = addressOf(peerConfig?.address ?? ':0');
  const chance = new SeededChance(randomBytes(4).readUInt32LE());
  const diallers = dials
    ? (['next', 'urgent'] as const).map((lane) => new Dialler({ address, identity, peer, lane, chance }))
    : [];
  for (const dialler of diallers) dialler.start();
  return {
    address: listening === undefined ? undefined : addressText(listening.server),
    close: () => {
      for (const dialler of diallers) dialler.stop();
      return listening?.close() ?? Promise.resolve();
    },
  };
}

function addressText(server: Server): string {
  const address = server.address();
  return typeof address === 'object' && address !== null ? `${address.address}:${address.port}` : '';
}

import type { Socket } from 'node:net';
import { type ConnectionOptions, connect, createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Chance } from '#base/chance.ts';
import { type Refusal, refuse } from '#base/refusal.ts';
import { pinOf } from '#centre/link/connection.ts';
import { Strangers, strangersMax } from '#centre/link/strangers.ts';
import { backOffMs } from '#exchange/back-off.ts';
import type { Lane } from '#exchange/delivery.ts';

/** The key and certificate with which a centre proves itself on the link. */
export interface LinkIdentity {
  readonly key: string;
  readonly certificate: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface PinnedPeer {
  /** SHA-256 of each SubjectPublicKeyInfo that the other side's key list names. */
  pins(): readonly string[];
  /** The key exchange that both demand; the post-quantum hybrid unless the pairing pinned a lesser one. */
  readonly group: string;
}

export interface EndpointEvents {
  connected(socket: TLSSocket, lane: Lane): void;
  /** Somebody who is not the other side, or whose connection failed; shown to the officers. */
  turnedAway(refusal: Refusal): void;
}

const protocolOfLane: Readonly<Record<Lane, string>> = { next: 'anshin-next/1', urgent: 'anshin-urgent/1' };
const handshakeMs = 10_000;
/** A connection that lasted so long was a good one. */
const steadyMs = 5_000;

/** A port that is open to the other side. */
export interface Listening {
  readonly server: Server;
  /** Takes no more connections; resolves when the last is closed, which whoever owns them does. */
  close(): Promise<void>;
}

/** Listens for the other side. The port serves the link alone: whoever does not prove the pinned key is cut off unheard. */
export async function listen(address: Address, identity: LinkIdentity, peer: PinnedPeer & EndpointEvents): Promise<Listening> {
  const server = createServer({ ...tlsOptions(identity, peer), requestCert: true, handshakeTimeout: handshakeMs });
  const strangers = new Strangers((refusal) => peer.turnedAway(refusal), strangersMax);
  const turnedAway = (refusal: Refusal): void => strangers.turnedAway(refusal, performance.now());
  const admission: PinnedPeer & EndpointEvents = {
    pins: () => peer.pins(),
    group: peer.group,
    connected: (socket, lane) => {
      strangers.admitted(socket);
      peer.connected(socket, lane);
    },
    turnedAway,
  };
  server.on('connection', (socket: Socket) => strangers.enter(socket));
  server.on('secureConnection', (socket: TLSSocket) => admit(socket, admission));
  server.on('tlsClientError', (error: Error) => {
    turnedAway(refuse('link.peer', `a connection failed before any key was proved: ${reasonOf(error)}`).refusal);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', (error: Error) => {
    turnedAway(refuse('link.peer', `a connection could not be taken: ${reasonOf(error)}`).refusal);
  });
  return {
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        strangers.dismiss();
      }),
  };
}

/** Keeps one lane connected, dialling again after each loss with a bounded back-off. Owner of the timer and the socket. */
export class Dialler {
  readonly #address: Address;
  readonly #identity: LinkIdentity;
  readonly #peer: PinnedPeer & EndpointEvents;
  readonly #lane: Lane;
  readonly #chance: Chance;
  #attempt = 0;
  #admittedAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #socket: TLSSocket | undefined;
  #stopped = false;

  constructor(options: {
    address: Address;
    identity: LinkIdentity;
    peer: PinnedPeer & EndpointEvents;
    lane: Lane;
    chance: Chance;
  }) {
    this.#address = options.address;
    this.#identity = options.identity;
    this.#peer = options.peer;
    this.#lane = options.lane;
    this.#chance = options.chance;
  }

  start(): void {
    const socket = connect({
      ...this.#address,
      ...tlsOptions(this.#identity, this.#peer),
      ALPNProtocols: [protocolOfLane[this.#lane]],
      timeout: handshakeMs,
    });
    this.#socket = socket;
    socket.once('secureConnect', () => {
      socket.setTimeout(0);
      if (admit(socket, this.#peer)) this.#admittedAt = performance.now();
    });
    socket.once('timeout', () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#again());
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #again(): void {
    if (this.#stopped) return;
    // A connection that is lost at once counts as one more failure, however well it began.
    if (this.#admittedAt !== undefined && performance.now() - this.#admittedAt > steadyMs) this.#attempt = 0;
    this.#admittedAt = undefined;
    this.#timer = setTimeout(() => this.start(), backOffMs(this.#attempt, this.#chance));
    this.#attempt += 1;
  }
}

function admit(socket: TLSSocket, peer: PinnedPeer & EndpointEvents): boolean {
  const pin = pinOf(socket);
  const lane = (Object.keys(protocolOfLane) as Lane[]).find((each) => protocolOfLane[each] === socket.alpnProtocol);
  if (pin.ok && lane !== undefined && peer.pins().includes(pin.value)) {
    peer.connected(socket, lane);
    return true;
  }
  socket.on('error', () => socket.destroy());
  socket.destroy();
  const detail = pin.ok ? 'the key it proved is not one that the pairing names' : pin.refusal.detail;
  peer.turnedAway(
    refuse('link.peer', lane === undefined ? 'it speaks another protocol' : detail, { pin: pin.ok ? pin.value : '' }).refusal,
  );
  return false;
}

/** Certificates are not judged by issuer or date: `admit` compares the proved key with the pinned ones. */
function tlsOptions(identity: LinkIdentity, peer: PinnedPeer): TlsOptions & ConnectionOptions {
  return {
    key: identity.key,
    cert: identity.certificate,
    minVersion: 'TLSv1.3',
    ecdhCurve: peer.group,
    rejectUnauthorized: false,
    ALPNProtocols: Object.values(protocolOfLane),
  };
}

function reasonOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message.slice(0, 120);
}

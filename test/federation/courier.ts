import { once } from 'node:events';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import type { SeededChance } from '#base/chance.ts';
import { mustAccept } from '#base/refusal.ts';
import { addressOf, pathsOf } from '#centre/config.ts';
import { certificateOf } from '#centre/link/certificate.ts';
import { Connection } from '#centre/link/connection.ts';
import { openCentreKeys } from '#centre/signer/key-file.ts';
import { realWorld } from '#centre/world.ts';
import type { Message } from '#exchange/message.ts';
import { type PairOfCentres, type Party, passphrase } from './pair-of-centres.ts';

/** What the courier did, by kind. */
export type Misdeeds = Record<'dropped' | 'repeated' | 'overtaken' | 'delayed' | 'forged', number>;

/** Changes a message before it is handed on; gives nothing where there is nothing to change. */
export type Forger = (message: Message, chance: SeededChance) => Message | undefined;

/**
 * Somebody on the path who has stolen the link keys of both centres, and no other key: reads every message and drops, repeats,
 * reorders, delays or changes it. Owner of its connections.
 */
export class Courier {
  readonly misdeeds: Misdeeds = { dropped: 0, repeated: 0, overtaken: 0, delayed: 0, forged: 0 };
  readonly #chance: SeededChance;
  readonly #connections = new Set<Connection>();
  readonly #forge: Forger | undefined;
  #server: Server | undefined;
  #calm = false;

  constructor(chance: SeededChance, forge: Forger | undefined) {
    this.#chance = chance;
    this.#forge = forge;
  }

  /** Stands where the United States' centre is expected, and calls it in China's name. */
  async stand(pair: PairOfCentres, at: { readonly port: number; readonly target: string }): Promise<void> {
    const [cn, us] = [await identityOf(pair, 'CN'), await identityOf(pair, 'US')];
    const server = createServer({ ...us, ...tls, requestCert: true, ALPNProtocols: ['anshin-next/1', 'anshin-urgent/1'] });
    this.#server = server;
    server.on('secureConnection', (caller: TLSSocket) => {
      const protocol = caller.alpnProtocol;
      if (typeof protocol !== 'string') return void caller.destroy();
      const called = connect({ ...addressOf(at.target), ...cn, ...tls, ALPNProtocols: [protocol] });
      this.#carry(caller, called);
    });
    server.listen(at.port, '127.0.0.1');
    await once(server, 'listening');
  }

  /** From now on hands everything on as it comes, on new connections, so that nothing that was held back comes later. */
  calm(): void {
    this.#calm = true;
    for (const connection of this.#connections) connection.close(undefined);
  }

  close(): void {
    this.calm();
    this.#server?.close();
  }

  #carry(caller: TLSSocket, called: TLSSocket): void {
    const ends: Connection[] = [];
    const closed = (): void => {
      for (const end of ends) {
        this.#connections.delete(end);
        end.close(undefined);
      }
    };
    const calm = this.#calm;
    const [toCalled, toCaller] = [new Relay(this, this.#chance, this.#forge), new Relay(this, this.#chance, this.#forge)];
    const first: Connection = new Connection(
      caller,
      { closed, message: (message) => toCalled.pass(message, second, calm) },
      realWorld.turn,
    );
    const second: Connection = new Connection(
      called,
      { closed, message: (message) => toCaller.pass(message, first, calm) },
      realWorld.turn,
    );
    ends.push(first, second);
    for (const end of ends) this.#connections.add(end);
  }
}

/** One direction of one connection. */
class Relay {
  readonly #courier: Courier;
  readonly #chance: SeededChance;
  readonly #forge: Forger | undefined;
  #heldBack: Message | undefined;

  constructor(courier: Courier, chance: SeededChance, forge: Forger | undefined) {
    this.#courier = courier;
    this.#chance = chance;
    this.#forge = forge;
  }

  pass(message: Message, to: Connection, calm: boolean): void {
    // Without a greeting there is no line to be attacked.
    if (calm || message.header.kind === 'hello') return to.send(message);
    const { misdeeds } = this.#courier;
    const fate = this.#chance.below(16);
    if (fate === 0) misdeeds.dropped += 1;
    else if (fate === 1) {
      misdeeds.repeated += 1;
      to.send(message);
      to.send(message);
    } else if (fate === 2) {
      misdeeds.delayed += 1;
      setTimeout(() => to.send(message), this.#chance.below(300));
    } else if (fate === 3 && this.#heldBack === undefined) {
      misdeeds.overtaken += 1;
      this.#heldBack = message;
      return;
    } else this.#hand(message, to);
    if (this.#heldBack !== undefined && this.#chance.below(3) === 0) {
      to.send(this.#heldBack);
      this.#heldBack = undefined;
    }
  }

  #hand(message: Message, to: Connection): void {
    const forged = this.#chance.below(3) === 0 ? this.#forge?.(message, this.#chance) : undefined;
    if (forged !== undefined) this.#courier.misdeeds.forged += 1;
    to.send(forged ?? message);
  }
}

const tls = { minVersion: 'TLSv1.3', ecdhCurve: 'X25519MLKEM768', rejectUnauthorized: false } as const;

/** The key and certificate with which a centre proves itself on the link. */
export async function identityOf(pair: PairOfCentres, party: Party): Promise<{ readonly key: string; readonly cert: string }> {
  const { linkKeyPem } = mustAccept(await openCentreKeys({ path: pathsOf(pair.directory(party)).keys, passphrase, cost: 0 }));
  return { key: linkKeyPem, cert: certificateOf(linkKeyPem, party) };
}

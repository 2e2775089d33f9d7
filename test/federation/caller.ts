import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { addressOf } from '#centre/config.ts';
import { Connection } from '#centre/link/connection.ts';
import { realWorld } from '#centre/world.ts';
import type { Lane } from '#exchange/delivery.ts';
import type { Message, MessageHeader } from '#exchange/message.ts';
import { until } from './pair-of-centres.ts';

export interface CallOptions {
  readonly address: string;
  /** The key to be shown; none shows none. */
  readonly identity: { readonly key: string; readonly cert: string } | undefined;
  readonly protocols?: readonly string[];
  readonly group?: string;
}

/** Calls a centre's port as anybody can. Resolves once the handshake is done, rejects if it fails. */
export async function call({
  address,
  identity,
  protocols = ['anshin-next/1'],
  group = 'X25519MLKEM768',
}: CallOptions): Promise<TLSSocket> {
  const socket = connect({
    ...addressOf(address),
    ...identity,
    minVersion: 'TLSv1.3',
    ecdhCurve: group,
    rejectUnauthorized: false,
    ALPNProtocols: [...protocols],
  });
  await once(socket, 'secureConnect');
  socket.on('error', () => socket.destroy());
  return socket;
}

/** A hand-made end of one lane, which says what it is told to say and keeps what it hears. Owner of the connection. */
export class Caller {
  readonly heard: Message[] = [];
  readonly #connection: Connection;
  #closed = false;

  private constructor(socket: TLSSocket) {
    this.#connection = new Connection(
      socket,
      {
        message: (message) => this.heard.push(message),
        closed: () => {
          this.#closed = true;
        },
      },
      realWorld.turn,
    );
  }

  static async call(options: CallOptions, lane: Lane = 'next'): Promise<Caller> {
    return new Caller(await call({ ...options, protocols: [`anshin-${lane}/1`] }));
  }

  say(header: MessageHeader, attachments: readonly Uint8Array[] = []): void {
    this.#connection.send({ header, attachments });
  }

  /** Awaits the next message of a kind, and forgets those before it. */
  async hear(kind: MessageHeader['kind']): Promise<Message> {
    await until(`a message ${kind}`, () => this.heard.some(({ header }) => header.kind === kind));
    const position = this.heard.findIndex(({ header }) => header.kind === kind);
    const [message] = this.heard.splice(0, position + 1).slice(-1);
    if (message === undefined) throw new Error('it was there');
    return message;
  }

  async closed(): Promise<void> {
    await until('the connection is closed', () => this.#closed);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#connection.close(undefined);
  }
}

import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { hexOf } from '#base/bytes.ts';
import { accept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { sha256 } from '#crypto/engine.ts';
import { encodeFrame, frameLength, type Message, parseFrameBody } from '#exchange/message.ts';

/** Bytes that may wait for a slow reader before the connection is given up. */
const waitingBytesMax = 16_777_216;
/** Room for what is received, before it is seen to need more. */
const receiveBytes = 65_536;

/** What a connection needs of the socket that carries it. */
export interface LinkSocket {
  readonly writableLength: number;
  setNoDelay(noDelay: boolean): unknown;
  on(event: 'data', handler: (chunk: Uint8Array) => void): unknown;
  on(event: 'error' | 'close', handler: () => void): unknown;
  write(bytes: Uint8Array): unknown;
  pause(): unknown;
  resume(): unknown;
  destroy(): unknown;
}

export interface ConnectionHandlers {
  message(message: Message): void;
  /** Called once, with the reason if it was ours. */
  closed(refusal: Refusal | undefined): void;
}

/** One pinned connection between two centres: whole messages in, whole messages out. Owner of the socket. */
export class Connection {
  readonly #socket: LinkSocket;
  readonly #handlers: ConnectionHandlers;
  readonly #turn: () => Promise<void>;
  /** What came and is no whole frame yet: the first `#waiting` bytes. It grows by doubling, so that many small pieces cost little. */
  #buffer = new Uint8Array(receiveBytes);
  #waiting = 0;
  /** Whether the messages that wait have their turn later. */
  #resting = false;
  #open = true;

  /** `turn` lets everybody else have one. */
  constructor(socket: LinkSocket, handlers: ConnectionHandlers, turn: () => Promise<void>) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.#turn = turn;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.on('error', () => this.close(undefined));
    socket.on('close', () => this.close(undefined));
  }

  get open(): boolean {
    return this.#open;
  }

  send(message: Message): void {
    if (!this.#open) return;
    this.#socket.write(encodeFrame(message));
    if (this.#socket.writableLength > waitingBytesMax) {
      this.close(refuse('link.frame', 'the other side does not read what it is sent').refusal);
    }
  }

  close(refusal: Refusal | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.destroy();
    this.#handlers.closed(refusal);
  }

  #receive(chunk: Uint8Array): void {
    this.#makeRoom(this.#waiting + chunk.length);
    this.#buffer.set(chunk, this.#waiting);
    this.#waiting += chunk.length;
    if (!this.#resting) this.#takeTurn();
  }

  /**
   * Hands on one message, and the next one only after every other connection has had its turn: whoever floods one lane with what
   * takes long to refuse keeps no FLASH waiting that comes by the other. Nothing more is read meanwhile.
   */
  #takeTurn(): void {
    const taken = this.#open ? this.#takeFrame(0) : 0;
    this.#buffer.copyWithin(0, taken, this.#waiting);
    this.#waiting -= taken;
    if (this.#waiting === 0 && this.#buffer.length > receiveBytes) this.#buffer = new Uint8Array(receiveBytes);
    const mayHaveMore = taken > 0 && this.#waiting > 0;
    if (mayHaveMore && !this.#resting) this.#socket.pause();
    if (!mayHaveMore && this.#resting) this.#socket.resume();
    this.#resting = mayHaveMore;
    if (mayHaveMore) void this.#turn().then(() => this.#takeTurn());
  }

  /** Hands on the message that begins at `from`, if it is whole; gives where the next one begins. */
  #takeFrame(from: number): number {
    if (this.#waiting - from < 4) return from;
    const length = frameLength(this.#buffer.subarray(from, from + 4));
    if (!length.ok) return this.#fail(length, from);
    const end = from + 4 + length.value;
    if (this.#waiting < end) return from;
    // A copy, since parts of the message are kept.
    const message = parseFrameBody(this.#buffer.slice(from + 4, end));
    if (!message.ok) return this.#fail(message, from);
    this.#handlers.message(message.value);
    return end;
  }

  #makeRoom(length: number): void {
    if (length <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#waiting));
    this.#buffer = larger;
  }

  #fail(refused: { readonly refusal: Refusal }, from: number): number {
    this.close(refused.refusal);
    return from;
  }
}

/** The SHA-256 of the key that the other end proved to hold, or why it showed none. */
export function pinOf(socket: TLSSocket): Result<string> {
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  if (certificate === undefined) return refuse('link.peer', 'the other end showed no key');
  try {
    return accept(hexOf(sha256(certificate.publicKey.export({ format: 'der', type: 'spki' }))));
  } catch {
    // Anybody may show a certificate, and its key may be of a kind that is unknown here.
    return refuse('link.peer', 'the other end showed a key that cannot be read');
  }
}

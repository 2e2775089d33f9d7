import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { concatBytes, hexOf } from '#base/bytes.ts';
import { type Refusal, type Result, refuse } from '#base/refusal.ts';
import { sha256 } from '#crypto/engine.ts';
import { encodeFrame, frameLength, type Message, parseFrameBody } from '#exchange/message.ts';

/** Bytes that may wait for a slow reader before the connection is given up. */
const waitingBytesMax = 16_777_216;

export interface ConnectionHandlers {
  message(message: Message): void;
  /** Called once, with the reason if it was ours. */
  closed(refusal: Refusal | undefined): void;
}

/** One pinned connection between two centres: whole messages in, whole messages out. Owner of the socket. */
export class Connection {
  readonly #socket: TLSSocket;
  readonly #handlers: ConnectionHandlers;
  #chunks: Uint8Array[] = [];
  #waiting = 0;
  #open = true;

  constructor(socket: TLSSocket, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
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
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    while (this.#open && this.#takeFrame()) {
      // Each turn has handed on one whole message.
    }
  }

  #takeFrame(): boolean {
    if (this.#waiting < 4) return false;
    const length = frameLength(this.#peek(4));
    if (!length.ok) return this.#fail(length);
    if (this.#waiting < 4 + length.value) return false;
    const frame = this.#peek(4 + length.value);
    this.#chunks = frame.length === this.#waiting ? [] : [concatBytes(...this.#chunks).subarray(frame.length)];
    this.#waiting -= frame.length;
    const message = parseFrameBody(frame.subarray(4));
    if (!message.ok) return this.#fail(message);
    this.#handlers.message(message.value);
    return true;
  }

  /** The first bytes received, joined only as far as they are needed. */
  #peek(length: number): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= length) return first.subarray(0, length);
    const joined = concatBytes(...this.#chunks);
    this.#chunks = [joined];
    return joined.subarray(0, length);
  }

  #fail(refused: { readonly refusal: Refusal }): boolean {
    this.close(refused.refusal);
    return false;
  }
}

/** The SHA-256 of the key that the other end proved to hold, or why it showed none. */
export function pinOf(socket: TLSSocket): Result<string> {
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  if (certificate === undefined) return refuse('link.peer', 'the other end showed no key');
  const info = certificate.publicKey.export({ format: 'der', type: 'spki' });
  return { ok: true, value: hexOf(sha256(info)) };
}

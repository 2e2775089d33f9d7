import { once } from 'node:events';
import { connect } from 'node:tls';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { concatBytes } from '#base/bytes.ts';
import { addressOf } from '#centre/config.ts';

/** What a flood consists of: the same bytes again and again, after a greeting, in pieces of about a megabyte. */
interface Flood {
  readonly address: string;
  readonly identity: { readonly key: string; readonly cert: string };
  readonly protocol: string;
  readonly greeting: Uint8Array;
  readonly frame: Uint8Array;
  /** Set to 1 by the flooder once the other side has stopped taking bytes for the first time. */
  readonly full: SharedArrayBuffer;
}

/** Somebody with a link key who writes as fast as he is read, on a thread of his own. Owner of the thread. */
export class Flooder {
  readonly #worker: Worker;
  readonly #full: Int32Array;

  constructor(flood: Omit<Flood, 'full'>) {
    const full = new SharedArrayBuffer(4);
    this.#full = new Int32Array(full);
    this.#worker = new Worker(new URL(import.meta.url), { workerData: { ...flood, full } });
  }

  /** Whether the path to the other side was full: from then on there is a backlog. */
  get isFull(): boolean {
    return this.#full[0] === 1;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

async function run({ address, identity, protocol, greeting, frame, full }: Flood): Promise<void> {
  const socket = connect({
    ...addressOf(address),
    ...identity,
    minVersion: 'TLSv1.3',
    ecdhCurve: 'X25519MLKEM768',
    rejectUnauthorized: false,
    ALPNProtocols: [protocol],
  });
  socket.on('error', () => socket.destroy());
  await once(socket, 'secureConnect');
  // What comes back is taken: nobody could blame a slow reader.
  socket.resume();
  socket.write(greeting);
  const piece = concatBytes(...Array<Uint8Array>(Math.ceil(1_048_576 / frame.length)).fill(frame));
  while (!socket.destroyed) {
    if (socket.write(piece)) continue;
    Atomics.store(new Int32Array(full), 0, 1);
    await new Promise<void>((resolve) => {
      socket.once('drain', resolve);
    });
  }
}

if (!isMainThread) void run(workerData as Flood);

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type JetStreamClient, jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { sampleRecords } from './sample-records.ts';

/** How a run writes: as the server does by default, every two minutes, or before each acknowledgement. */
const flushes = { default: '2m', always: 'always' } as const;
/** Messages for each run: one in flight, and a window of 100; those that are flushed each time are fewer. */
const messages = { default: { 1: 5_000, 100: 50_000 }, always: { 1: 2_000, 100: 10_000 } } as const;
/** Before it, a server knows no flush for each message. */
const flushSince = [2, 10] as const;

/** Messages acknowledged each second. Null where this version of the server cannot. */
interface QueueFigures {
  readonly server: string;
  readonly oneInFlight: number;
  readonly window100: number;
  readonly oneInFlightFlushed: number | null;
  readonly window100Flushed: number | null;
}

/**
 * The same records as messages through a NATS JetStream of one server, file storage: published, and acknowledged by the server. It
 * is the figure for a bare durable queue on this machine (`bench/nats.md`). `program` is the server's; undefined if it is not here.
 */
export async function natsJetStream(program: string): Promise<QueueFigures | undefined> {
  const server = versionOf(program);
  if (server === undefined) return undefined;
  const [major = 0, minor = 0] = server.split('.').map(Number);
  const mayFlush = major > flushSince[0] || (major === flushSince[0] && minor >= flushSince[1]);
  const plain = await measure(program, mayFlush ? 'default' : undefined);
  const flushed = mayFlush ? await measure(program, 'always') : null;
  return {
    server,
    oneInFlight: plain[1],
    window100: plain[100],
    oneInFlightFlushed: flushed?.[1] ?? null,
    window100Flushed: flushed?.[100] ?? null,
  };
}

function versionOf(program: string): string | undefined {
  try {
    return /v(\d+\.\d+\.\d+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1];
  } catch {
    return undefined;
  }
}

async function measure(program: string, flush: keyof typeof flushes | undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'anshin-nats-'));
  const server = await start(program, folder, flush);
  try {
    const connection = await connect({ servers: await addressIn(folder) });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'records', subjects: ['records'], storage: StorageType.File });
    const client = jetstream(connection);
    const counts = messages[flush ?? 'default'];
    const figures = { 1: await publish(client, counts[1], 1), 100: await publish(client, counts[100], 100) };
    await connection.close();
    return figures;
  } finally {
    server.kill();
    if (server.exitCode === null) await once(server, 'exit');
    await rm(folder, { recursive: true });
  }
}

async function start(program: string, folder: string, flush: keyof typeof flushes | undefined): Promise<ChildProcess> {
  const interval = flush === undefined ? '' : `, sync_interval: ${flushes[flush]}`;
  const config = join(folder, 'nats.conf');
  await writeFile(
    config,
    `listen: "127.0.0.1:-1"\nports_file_dir: "${folder}"\njetstream { store_dir: "${join(folder, 'store')}"${interval} }\n`,
  );
  return spawn(program, ['--config', config], { stdio: 'ignore' });
}

/** Where the server says that it listens. */
async function addressIn(folder: string): Promise<string> {
  for (let waits = 0; waits < 100; waits += 1) {
    const file = (await readdir(folder)).find((name) => name.endsWith('.ports'));
    const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
    const address = /"nats":\s*\[\s*"([^"]+)"/.exec(text)?.[1];
    if (address !== undefined) return address;
    await setTimeout(50);
  }
  throw new Error('the NATS server did not start within five seconds');
}

/** So many messages, `window` of them in flight at any time; a second, rounded. */
async function publish(client: JetStreamClient, count: number, window: number): Promise<number> {
  const records = sampleRecords(1_000).map(({ bytes }) => bytes);
  const startedAt = performance.now();
  let next = 0;
  const publisher = async () => {
    while (next < count) {
      next += 1;
      await client.publish('records', records[next % records.length]);
    }
  };
  await Promise.all(Array.from({ length: window }, publisher));
  return Math.round((count / (performance.now() - startedAt)) * 1000);
}

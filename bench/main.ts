import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endToEnd } from './end-to-end.ts';
import { longStart } from './long-start.ts';
import { natsJetStream } from './nats.ts';
import { perRecord } from './per-record.ts';
import { condenseProfile } from './profile.ts';
import { soak } from './soak.ts';
import { verification } from './verification.ts';

// `npm run bench`: named figures of this machine, each beside something measured in the same run (`docs/load.md`).
//
//   --records=N       records of the run end to end (100,000)
//   --json            one object instead of lines
//   --nats=PROGRAM    the NATS server to measure beside ours (nats-server; `bench/nats.md`)
//   --profile=NAME    also what the two main threads did, as text: bench/profiles/NAME-sender.txt and NAME-receiver.txt
//   --long=N          leaves of both logs in the centre that is started (20,000)
//   --million         instead: the starts alone, of a centre with a million leaves
//   --soak=60m        instead: memory of both centres each minute of a steady load, of --rate=N records a second (250)

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '100000' },
    json: { type: 'boolean', default: false },
    nats: { type: 'string', default: 'nats-server' },
    profile: { type: 'string' },
    long: { type: 'string', default: '20000' },
    million: { type: 'boolean', default: false },
    soak: { type: 'string' },
    rate: { type: 'string', default: '250' },
  },
});
const note = (text: string) => process.stderr.write(`${text}\n`);
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  loadBefore: loadavg()[0],
};
const figures = { machine, ...(await measured()) };

if (values.json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
else for (const [name, figure] of Object.entries(figures)) process.stdout.write(`${name.padEnd(40)} ${JSON.stringify(figure)}\n`);

async function measured() {
  if (values.million) return await started(1_000_000);
  return values.soak === undefined ? await everything() : await soaked(values.soak);
}

async function everything() {
  const records = Number(values.records);
  note(`end to end: ${records} records through two centres …`);
  const exchange = await exchanged(records);
  note('verification of an exported log …');
  const verify = await verification(50_000);
  note('where the time goes …');
  const stages = await perRecord();
  note('a bare durable queue …');
  const queue = (await natsJetStream(values.nats)) ?? null;
  const starts = await started(Number(values.long));
  return {
    ...exchange,
    ...verify,
    ...starts,
    microsecondsPerRecord: stages.microseconds,
    bareStoreRecordsPerSecond: stages.bareStoreRecordsPerSecond,
    endToEndShareOfBareStore: share(exchange.endToEndRecordsPerSecond, stages.bareStoreRecordsPerSecond),
    bareQueueMessagesPerSecond: queue,
    oursToBareQueue: {
      oneInFlight: share(1000 / exchange.idleReceiptMedianMs, queue?.oneInFlight),
      oneInFlightFlushed: share(1000 / exchange.idleReceiptMedianMs, queue?.oneInFlightFlushed),
      window100: share(exchange.endToEndRecordsPerSecond, queue?.window100),
      window100Flushed: share(exchange.endToEndRecordsPerSecond, queue?.window100Flushed),
    },
  };
}

/** Ours ÷ theirs, to a thousandth; null where theirs was not measured. */
function share(ours: number, theirs: number | null | undefined): number | null {
  return theirs === null || theirs === undefined ? null : Math.round((ours / theirs) * 1000) / 1000;
}

async function exchanged(records: number) {
  const { profile } = values;
  if (profile === undefined) return await endToEnd(records, undefined);
  const folder = await mkdtemp(join(tmpdir(), 'anshin-profile-'));
  const exchange = await endToEnd(records, folder);
  const into = join(import.meta.dirname, 'profiles');
  await mkdir(into, { recursive: true });
  for (const [party, role] of [
    ['CN', 'sender'],
    ['US', 'receiver'],
  ] as const) {
    condenseProfile(
      join(folder, party),
      join(into, `${profile}-${role}.txt`),
      `${profile}, ${role}: ${records} records end to end`,
    );
  }
  await rm(folder, { recursive: true });
  return exchange;
}

async function started(leaves: number) {
  note(`starts of a centre with ${leaves} leaves …`);
  return { longLogs: await longStart(leaves, note) };
}

async function soaked(length: string) {
  const minutes = Number(/^(\d+)m$/.exec(length)?.[1]);
  if (!(minutes > 0)) throw new Error('--soak takes minutes: --soak=60m');
  note(`a steady load for ${minutes} minutes …`);
  return await soak(minutes, Number(values.rate));
}

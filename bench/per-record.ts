import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustAccept } from '#base/refusal.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';
import { signerOfSeed, verifierOfKey } from '#crypto/engine.ts';
import { hashLeaf } from '#log/tree.ts';
import { draftHash, draftOf, parseRecord, sealRecord } from '#record/envelope.ts';
import { sampleRecords } from './sample-records.ts';

const records = 5_000;
/** Records that share a transaction and a pair of signatures, as they do under load. */
const batch = 100;

/** What each step of a record's way costs by itself, in microseconds a record; signatures are shared by a batch. */
export async function perRecord() {
  const samples = sampleRecords(records);
  const [first] = samples;
  if (first === undefined) throw new Error('there are samples');
  const message = first.bytes;
  const signers = (['ed25519', 'ml-dsa-44'] as const).map((algorithm) => signerOfSeed(algorithm, new Uint8Array(32).fill(7)));
  const signatures = await Promise.all(signers.map((signer) => signer.sign(message)));
  const sign = await timed(50, async () => void (await Promise.all(signers.map((signer) => signer.sign(message)))));
  const verifiers = signers.map(({ algorithm, publicKey }) => verifierOfKey(algorithm, publicKey));
  const verify = await timed(50, () => verifiers.forEach((verifier, at) => verifier.verify(message, signatures[at] ?? message)));
  const draft = draftOf(first.record);
  const stored = await bareStore(samples.map(({ bytes }) => bytes));
  const microseconds = {
    seal: await timed(records, () => void sealRecord(draft, { serial: 1, filedAtMs: Date.parse(first.record.filedAt) })),
    read: await timed(records, () => void parseRecord(message)),
    approvalHash: await timed(records, () => void draftHash(draft)),
    leafHash: await timed(records, () => void hashLeaf(message)),
    store: rounded(stored),
    signShared: rounded(sign / batch),
    verifyShared: rounded(verify / batch),
  };
  return { microseconds, bareStoreRecordsPerSecond: Math.round(1e6 / stored) };
}

/** The same records straight into the store, durable, in batches: what this machine could do at best. Microseconds a record. */
async function bareStore(leaves: readonly Uint8Array[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'anshin-bench-'));
  const path = join(folder, 'store.sqlite');
  mustAccept(await createSqliteStore(path));
  const store = mustAccept(await openSqliteStore(path));
  const begun = performance.now();
  for (let from = 0; from < leaves.length; from += batch) {
    await store.commit({ leaves: [{ log: 'bench', from, records: leaves.slice(from, from + batch) }], tiles: [], documents: [] });
  }
  const microseconds = ((performance.now() - begun) * 1000) / leaves.length;
  await store.close();
  await rm(folder, { recursive: true });
  return microseconds;
}

async function timed(times: number, work: () => void | Promise<void>): Promise<number> {
  await work();
  const begun = performance.now();
  for (let turn = 0; turn < times; turn += 1) await work();
  return rounded(((performance.now() - begun) * 1000) / times);
}

function rounded(microseconds: number): number {
  return Math.round(microseconds * 10) / 10;
}

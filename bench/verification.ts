import { equalBytes } from '#base/bytes.ts';
import { assert } from '#base/refusal.ts';
import { append, emptyFrontier, hashLeaf, rootOf } from '#log/tree.ts';
import { parseRecord } from '#record/envelope.ts';
import { sampleRecords } from './sample-records.ts';

/** A whole exported log: every record read and judged by the envelope's rules, every leaf hashed, the root compared. */
export async function verification(records: number) {
  const leaves = sampleRecords(records).map(({ bytes }) => bytes);
  const root = rootOf(append(emptyFrontier, leaves.map(hashLeaf)).frontier);
  const hashing = timed(() => assert(equalBytes(rootOf(append(emptyFrontier, leaves.map(hashLeaf)).frontier), root), 'the root'));
  const reading = timed(() => leaves.forEach((leaf) => assert(parseRecord(leaf).ok, 'a record')));
  return {
    verifiedLeavesPerSecond: Math.round((records / hashing) * 1000),
    readRecordsPerSecond: Math.round((records / reading) * 1000),
    verifiedAndReadRecordsPerSecond: Math.round((records / (hashing + reading)) * 1000),
  };
}

function timed(work: () => void): number {
  work();
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

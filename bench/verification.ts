import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { equalBytes } from '#base/bytes.ts';
import { assert } from '#base/refusal.ts';
import { readKeyListFiles } from '#cli/verify/key-lists.ts';
import { verifyLogFolder } from '#cli/verify/verify-log.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { sampleCentre } from '#log/sample-centre.ts';
import { encodeEntryBundle, tilePath, tilesAfterAppend, tileWidth } from '#log/tiles.ts';
import { append, emptyFrontier, hashLeaf, rootOf } from '#log/tree.ts';
import { parseRecord } from '#record/envelope.ts';
import { sampleRecords } from './sample-records.ts';

/**
 * A whole exported log by `anshin verify --log`: both signatures, every tile, every leaf hashed, every record read and judged by the
 * envelope's rules, on all cores; beside it what hashing and reading cost on one.
 */
export async function verification(records: number) {
  const leaves = sampleRecords(records).map(({ bytes }) => bytes);
  const folder = await mkdtemp(join(tmpdir(), 'anshin-bench-'));
  try {
    await writeLog(leaves, folder);
    const keys = await readKeyListFiles([join(folder, 'keys.note')], []);
    const wholeMs = await timed(() => verifyLogFolder(folder, keys));
    const root = rootOf(append(emptyFrontier, leaves.map(hashLeaf)).frontier);
    const hashingMs = await timed(() =>
      assert(equalBytes(rootOf(append(emptyFrontier, leaves.map(hashLeaf)).frontier), root), 'the root'),
    );
    const readingMs = await timed(() => leaves.forEach((leaf) => assert(parseRecord(leaf).ok, 'a record')));
    return {
      exportedLogRecordsPerSecond: Math.round((records / wholeMs) * 1000),
      verifiedLeavesPerSecond: Math.round((records / hashingMs) * 1000),
      readRecordsPerSecond: Math.round((records / readingMs) * 1000),
      verifiedAndReadRecordsPerSecond: Math.round((records / (hashingMs + readingMs)) * 1000),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeLog(leaves: readonly Uint8Array[], folder: string): Promise<void> {
  const owner = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
  const write = async (path: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  };
  const { frontier, nodes } = append(emptyFrontier, leaves.map(hashLeaf));
  for (const { level, index, bytes } of tilesAfterAppend(nodes, () => undefined)) {
    await write(tilePath({ level, index, width: bytes.length / 32 }), bytes);
    const bundle = leaves.slice(index * tileWidth, (index + 1) * tileWidth);
    if (level === 0) await write(tilePath({ level: 'entries', index, width: bundle.length }), encodeEntryBundle(bundle));
  }
  const checkpoint = { origin: owner.list.origin, size: leaves.length, root: rootOf(frontier) };
  await write('checkpoint', await signCheckpoint(checkpoint, 1_767_600_000, owner.log));
  await write('keys.note', owner.listNote);
}

async function timed(work: () => unknown): Promise<number> {
  await work();
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

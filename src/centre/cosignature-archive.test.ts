import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { CosignatureArchive } from '#centre/cosignature-archive.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';
import { realWorld } from '#centre/world.ts';
import type { CosignatureFact } from '#exchange/cosigned.ts';

const log = 'cn.example/us-cn/test';

async function all(archive: CosignatureArchive, of: string, fromSize = 0): Promise<readonly CosignatureFact[]> {
  return await Array.fromAsync(archive.facts(of, fromSize));
}

test('cosignatures come back in the order of sizes, each under its log, after a start too', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'anshin-archive-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'store');
  mustAccept(await createSqliteStore(path));
  const store = mustAccept(await openSqliteStore(path));
  const failures: unknown[] = [];
  const archive = new CosignatureArchive({ store: store, after: realWorld.after, failed: (error) => failures.push(error) });
  const sizes = Array.from({ length: 2_300 }, (_, number) => (number * 7919) % 2_300);
  for (const size of sizes)
    archive.put({ log, size, timeMs: 1_767_600_000_000 + size, witness: 'US' }, bytesOfText(`lines ${size}`));
  archive.put({ log: `${log}2`, size: 1, timeMs: 5, witness: 'US' }, bytesOfText('other'));
  assert.deepEqual(await all(archive, log), [], 'they wait for company');
  await archive.flush();
  await store.close();
  const again = mustAccept(await openSqliteStore(path));
  t.after(() => again.close());
  const reopened = new CosignatureArchive({
    store: again,
    after: realWorld.after,
    failed: (error) => assert.fail(String(error)),
  });
  const facts = await all(reopened, log);
  assert.deepEqual(await all(reopened, log, 2_298), facts.slice(2_298));
  assert.deepEqual(
    facts,
    sizes.toSorted((a, b) => a - b).map((size) => ({ log, size, timeMs: 1_767_600_000_000 + size, witness: 'US' })),
  );
  const lines = await again.document(`cosignature/${log}`, `${'7'.padStart(16, '0')}/US`);
  assert.deepEqual(lines, bytesOfText('lines 7'));
  assert.deepEqual(failures, []);
});

test('what could not be kept is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'anshin-archive-'));
  const path = join(folder, 'store');
  mustAccept(await createSqliteStore(path));
  const store = mustAccept(await openSqliteStore(path));
  const failures: unknown[] = [];
  const archive = new CosignatureArchive({ store: store, after: realWorld.after, failed: (error) => failures.push(error) });
  await store.close();
  archive.put({ log, size: 1, timeMs: 1, witness: 'US' }, bytesOfText('lines'));
  await archive.flush();
  assert.equal(failures.length, 1);
  await rm(folder, { recursive: true });
});

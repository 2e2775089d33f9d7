import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustAccept } from '#base/refusal.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';
import { type Store, StoreRefusal } from '#centre/store/store.ts';
import { refusalOf } from '#centre/store/store-acceptance.ts';

const log = 'full.example/us-cn/test';

/** Fills a small disk (4 MiB, mounted at `folder`) to the last byte, more than once, and makes room again. */
export async function surviveFullDisk(folder: string): Promise<void> {
  const path = join(folder, 'a.store');
  mustAccept(await createSqliteStore(path));
  let store = mustAccept(await openSqliteStore(path));
  await commitLeaves(store, 500);
  for (let round = 0; round < 5; round += 1) {
    const ballast = join(folder, 'ballast');
    await writeFile(ballast, new Uint8Array(64 * 1024 * 1024)).catch(() => undefined);
    const before = store.size(log);
    await commitUntilFull(store);
    const full = store.size(log);
    assert.ok(full >= before);
    assert.equal((await refusalOf(store.backup(join(folder, 'copy')))).code, 'store.full');
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('copy')),
      [],
    );
    assert.equal((await store.leaf(log, full - 1))?.length, 600);
    await rm(ballast);
    await commitLeaves(store, 100);
    assert.equal(store.size(log), full + 100);
    await store.close();
    store = mustAccept(await openSqliteStore(path));
    assert.equal(store.size(log), full + 100);
    assert.deepEqual(await store.check(), []);
  }
  await store.close();
}

/** Writes a file beyond the size that the system allows it (8 MiB at most), more than once, and goes on with what fits. */
export async function surviveSizeLimit(folder: string): Promise<void> {
  const path = join(folder, 'limited.store');
  mustAccept(await createSqliteStore(path));
  const store = mustAccept(await openSqliteStore(path));
  for (let round = 1; round <= 3; round += 1) {
    const value = new Uint8Array(12 * 1024 * 1024);
    const beyond = store.commit({ leaves: [], tiles: [], documents: [{ collection: 'c', key: 'large', value }] });
    assert.equal((await refusalOf(beyond)).code, 'store.full');
    assert.equal(await store.document('c', 'large'), undefined);
    await commitLeaves(store, 100);
    assert.equal(store.size(log), round * 100);
  }
  assert.deepEqual(await store.check(), []);
  await store.close();
}

async function commitUntilFull(store: Store): Promise<void> {
  for (;;) {
    const size = store.size(log);
    const outcome = await commitLeaves(store, 100).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (outcome === undefined) continue;
    assert.ok(outcome instanceof StoreRefusal);
    assert.deepEqual([outcome.refusal.code, outcome.refusal.evidence['sqlite']], ['store.full', 13]);
    assert.equal(store.size(log), size);
    assert.equal(await store.leaf(log, size), undefined);
    return;
  }
}

function commitLeaves(store: Store, count: number): Promise<void> {
  const records = Array.from({ length: count }, () => new Uint8Array(600).fill(5));
  return store.commit({ leaves: [{ log, from: store.size(log), records }], tiles: [], documents: [] });
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { surviveFullDisk, surviveSizeLimit } from '#centre/store/full-disk.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';
import { killAcceptance, type LastingStoreUnderTest, refusalOf, storeAcceptance } from '#centre/store/store-acceptance.ts';

const folder = await mkdtemp(join(tmpdir(), 'anshin-store-'));
after(() => rm(folder, { recursive: true, force: true }));
let places = 0;
const freePath = () => join(folder, `${(places += 1)}.store`);
const log = 'cn.example/us-cn/test';

async function createStore(): Promise<string> {
  const path = freePath();
  mustAccept(await createSqliteStore(path));
  return path;
}

const sqlite: LastingStoreUnderTest = {
  name: 'SQLite',
  create: createStore,
  open: openSqliteStore,
  backupPath: async () => freePath(),
  openBackup: openSqliteStore,
  opener: { module: '#centre/store/sqlite-store.ts', name: openSqliteStore.name },
};
storeAcceptance(sqlite);
killAcceptance(sqlite);

/** A closed store with 300 leaves of 600 bytes, tiles and documents, in one file. */
async function filledStore(): Promise<string> {
  const path = await createStore();
  const store = mustAccept(await openSqliteStore(path));
  await store.commit({
    leaves: [{ log, from: 0, records: Array.from({ length: 300 }, (_, index) => new Uint8Array(600).fill(index % 251)) }],
    tiles: [0, 1].map((index) => ({ log, level: 0, index, bytes: new Uint8Array(8192).fill(index) })),
    documents: Array.from({ length: 100 }, (_, key) => ({
      collection: 'c',
      key: String(key),
      value: new Uint8Array(300).fill(key),
    })),
  });
  await store.close();
  return path;
}

async function outcomeOfOpening(path: string): Promise<string> {
  const opened = await openSqliteStore(path);
  if (!opened.ok) return opened.refusal.code;
  await opened.value.close();
  return 'opened';
}

test('a path without a store, an empty file and a file of another kind are refused, and nothing is created', async () => {
  const path = freePath();
  assert.equal(await outcomeOfOpening(path), 'store.missing');
  await assert.rejects(stat(path));
  await writeFile(path, '');
  assert.equal(await outcomeOfOpening(path), 'store.damaged');
  await writeFile(path, 'not a store at all\n'.repeat(1000));
  assert.equal(await outcomeOfOpening(path), 'store.damaged');
  const foreign = freePath();
  new DatabaseSync(foreign).exec('CREATE TABLE t (x)');
  assert.equal(await outcomeOfOpening(foreign), 'store.version');
  const taken = await createSqliteStore(foreign);
  assert.equal(taken.ok ? 'created' : taken.refusal.code, 'store.exists');
});

test('a store of another version is refused with both versions', async () => {
  const path = await createStore();
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 7');
  database.close();
  const opened = await openSqliteStore(path);
  assert.ok(!opened.ok);
  assert.deepEqual([opened.refusal.code, opened.refusal.evidence], ['store.version', { path, version: '7', reads: 1 }]);
});

test('another process is refused as busy, told what to do, and the lock goes when its holder is killed', async () => {
  const path = await createStore();
  const program = `
    const { ${openSqliteStore.name} } = await import('#centre/store/sqlite-store.ts');
    const opened = await ${openSqliteStore.name}(process.argv[1]);
    console.log(opened.ok ? 'opened' : opened.refusal.code + ': ' + opened.refusal.detail);
    process.kill(process.pid, 'SIGKILL');`;
  const openElsewhere = () => spawnSync(process.execPath, ['--input-type=module', '-e', program, path]).stdout.toString();
  const store = mustAccept(await openSqliteStore(path));
  assert.match(openElsewhere(), /^store\.busy: another process has .* stop it first/);
  await store.close();
  assert.equal(openElsewhere(), 'opened\n');
  assert.equal(await outcomeOfOpening(path), 'opened');
});

test('a file cut short anywhere is refused at the opening or found by the check', async () => {
  const whole = (await stat(await filledStore())).size;
  for (const length of [1, 100, 4096, 8192, 8193, 20_000, Math.floor(whole / 2), whole - 8192, whole - 1]) {
    const path = await filledStore();
    await truncate(path, length);
    const opened = await openSqliteStore(path);
    if (!opened.ok) {
      assert.equal(opened.refusal.code, 'store.damaged');
      continue;
    }
    assert.notDeepEqual(await opened.value.check(), [], `cut at ${length}`);
    await opened.value.close();
  }
});

test('a flipped byte never gives another leaf, tile or document: it is refused, found by the check, or in unused space', async () => {
  let found = 0;
  for (let round = 0; round < 60; round += 1) {
    const path = await filledStore();
    const file = await open(path, 'r+');
    const offset = Math.floor(((await file.stat()).size * (round + 0.37)) / 60);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset);
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 0x20), 0, 1, offset);
    await file.close();
    const opened = await openSqliteStore(path);
    if (!opened.ok) {
      assert.ok(['store.damaged', 'store.version'].includes(opened.refusal.code));
      found += 1;
      continue;
    }
    const store = opened.value;
    const faults = await store.check();
    const read = await store.leaves(log, 0, { count: 300, bytes: 1e6 }).catch((error: unknown) => error);
    if (read instanceof Error) assert.match(read.message, /^store\.damaged/);
    else
      assert.deepEqual(
        (read as Uint8Array[]).map((leaf) => leaf.every((byte) => byte === leaf[0])),
        Array(300).fill(true),
      );
    if (faults.length > 0) found += 1;
    await store.close();
  }
  assert.ok(found >= 40, `${found} of 60 flips were found`);
});

test('a flipped byte in a leaf is refused when it is read, with what to do', async () => {
  const path = await filledStore();
  const database = new DatabaseSync(path);
  database.exec(
    "UPDATE leaf SET bytes = zeroblob(600) WHERE place % 1024 = 7; UPDATE document SET value = x'00' WHERE key = '5'",
  );
  database.exec('UPDATE tile SET position = 9 WHERE position = 1');
  database.close();
  const store = mustAccept(await openSqliteStore(path));
  assert.equal((await store.leaf(log, 6))?.length, 600);
  const refusal = await refusalOf(store.leaf(log, 7));
  assert.equal(refusal.code, 'store.damaged');
  assert.match(refusal.detail, /leaf 7 of .* is not as it was written.* restore the newest backup/);
  assert.equal((await refusalOf(store.document('c', '5'))).code, 'store.damaged');
  assert.throws(() => store.tile(log, 0, 9), /store\.damaged/);
  assert.equal((await store.check()).length, 3);
  await store.close();
});

test('a store whose last leaves were removed is refused at the opening', async () => {
  const path = await filledStore();
  const database = new DatabaseSync(path);
  database.exec('DELETE FROM leaf WHERE place = (SELECT max(place) FROM leaf)');
  database.close();
  assert.equal(await outcomeOfOpening(path), 'store.damaged');
});

/** Runs a function of `full-disk.ts` with a folder, in a process of its own that a shell prepares. */
function runPrepared(survive: (folder: string) => Promise<void>, preparation: string) {
  const program = `
    const { ${survive.name} } = await import('#centre/store/full-disk.ts');
    await ${survive.name}(process.argv[1]);`;
  return spawnSync('sh', ['-c', preparation, folder, process.execPath, '--input-type=module', '-e', program, folder]);
}

test('a batch beyond what the system allows is refused and leaves nothing half done; the store goes on', () => {
  const run = runPrepared(surviveSizeLimit, 'ulimit -f 8192 && exec "$@"');
  assert.deepEqual([run.stderr.toString(), run.status], ['', 0]);
});

test('a full disk refuses batches and backups and leaves nothing half done; with space again the store goes on', (context) => {
  const mount = `mount -t tmpfs -o size=4m none "$0" || exit 100; exec "$@"`;
  const run = runPrepared(surviveFullDisk, `unshare -rm sh -c '${mount}' "$0" "$@" || exit $?`);
  const couldMount = !/^(?:unshare|mount|sh): /m.test(run.stderr.toString());
  if (couldMount) assert.deepEqual([run.stderr.toString(), run.status], ['', 0]);
  else context.diagnostic('this machine lends no disk of its own; the limit of the test above stands for a full one');
});

test('a backup leaves one file and nothing beside it', async () => {
  const path = await filledStore();
  const target = freePath();
  const store = mustAccept(await openSqliteStore(path));
  await store.backup(target);
  await store.close();
  const name = target.slice(folder.length + 1);
  assert.deepEqual(
    (await readdir(folder)).filter((entry) => entry.startsWith(name)),
    [name],
  );
  const copy = mustAccept(await openSqliteStore(target));
  assert.deepEqual(new Uint8Array((await copy.document('c', '42')) ?? []), new Uint8Array(300).fill(42));
  await copy.close();
});

test('a closed store is an assertion, not a refusal', async () => {
  const store = mustAccept(await openSqliteStore(await createStore()));
  await store.close();
  await assert.rejects(store.commit({ leaves: [], tiles: [], documents: [] }), /the store is open/);
  await assert.rejects(store.document('c', bytesOfText('k').toHex()), /the store is open/);
});

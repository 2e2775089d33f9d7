import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept, type Refusal, type Result } from '#base/refusal.ts';
import { type Batch, type Store, StoreRefusal } from '#centre/store/store.ts';
import { surviveKills } from '#centre/store/store-kills.ts';

/** A store implementation, as the suite needs it. Places are whatever the implementation opens: a path, an address. */
export interface StoreUnderTest {
  readonly name: string;
  /** Makes an empty store at a place of its own, which goes away with the test run. */
  create(): Promise<string>;
  open(place: string): Promise<Result<Store>>;
  /** A path that a backup may take. */
  backupPath(): Promise<string>;
  /** Opens what a backup wrote. */
  openBackup(path: string): Promise<Result<Store>>;
}

/** One whose places outlive the process that opened them. */
export interface LastingStoreUnderTest extends StoreUnderTest {
  /** The module, and its function of a place, by which a child process opens the same store. */
  readonly opener: { readonly module: string; readonly name: string };
}

const log = 'cn.example/us-cn/test';
const other = 'us.example/us-cn/test';
const nothing: Batch = { leaves: [], tiles: [], documents: [] };

/** The suite that any store must pass. */
export function storeAcceptance(store: StoreUnderTest): void {
  keepsWhatIsCommitted(store);
  keepsAllOrNothing(store);
  keepsItsOrder(store);
  answersLikeAModel(store);
  keepsToOneProcess(store);
  backsUpWhileRunning(store);
}

/** What a store must pass besides, if it outlives its process. */
export function killAcceptance(store: LastingStoreUnderTest): void {
  test(
    `${store.name}: what was confirmed before a SIGKILL is there after it, at 50 points under load`,
    { timeout: 180_000 },
    () => surviveKills(store, { points: 50, seed: 20_260_101 }),
  );
}

function keepsWhatIsCommitted(under: StoreUnderTest): void {
  test(`${under.name}: leaves, tiles and documents are there after a reopening`, async () => {
    const place = await under.create();
    const first = mustAccept(await under.open(place));
    assert.deepEqual(
      [first.size(log), first.logs(), await first.leaf(log, 0), first.tile(log, 0, 0)],
      [0, [], undefined, undefined],
    );
    const records = ['a', 'b', 'c'].map(bytesOfText);
    await first.commit({
      leaves: [
        { log, from: 0, records },
        { log: other, from: 0, records: [bytesOfText('x')] },
        { log, from: 3, records: [new Uint8Array()] },
      ],
      tiles: [{ log, level: 0, index: 0, bytes: new Uint8Array(8192).fill(7) }],
      documents: [{ collection: 'drafts', key: '1', value: bytesOfText('one') }],
    });
    await first.close();
    const second = mustAccept(await under.open(place));
    assert.deepEqual(second.logs(), [log, other]);
    assert.deepEqual([second.size(log), second.size(other), second.size('none')], [4, 1, 0]);
    assert.deepEqual(await plain(second.leaves(log, 0, { count: 10, bytes: 1000 })), [...records.map(plainBytes), []]);
    assert.deepEqual([await second.leaf(log, 4), await second.leaf('none', 0)], [undefined, undefined]);
    assert.deepEqual(second.tile(log, 0, 0)?.length, 8192);
    assert.deepEqual(plainBytes((await second.document('drafts', '1')) ?? new Uint8Array()), plainBytes(bytesOfText('one')));
    assert.deepEqual(await second.check(), []);
    await second.close();
  });

  test(`${under.name}: a read of leaves keeps to count and bytes, and gives at least one`, async () => {
    const store = mustAccept(await under.open(await under.create()));
    await store.commit({
      ...nothing,
      leaves: [{ log, from: 0, records: [10, 20, 30, 40].map((length) => new Uint8Array(length)) }],
    });
    const lengths = async (from: number, limits: { count: number; bytes: number }) =>
      (await store.leaves(log, from, limits)).map((leaf) => leaf.length);
    assert.deepEqual(await lengths(0, { count: 2, bytes: 1000 }), [10, 20]);
    assert.deepEqual(await lengths(1, { count: 9, bytes: 50 }), [20, 30]);
    assert.deepEqual(await lengths(2, { count: 9, bytes: 1 }), [30]);
    assert.deepEqual(await lengths(4, { count: 9, bytes: 1 }), []);
    assert.deepEqual(await lengths(0, { count: 0, bytes: 1 }), []);
    await store.close();
  });
}

function keepsAllOrNothing(under: StoreUnderTest): void {
  test(`${under.name}: a batch that expects another size is refused, and nothing of it is kept`, async () => {
    const store = mustAccept(await under.open(await under.create()));
    await store.commit({ ...nothing, leaves: [{ log, from: 0, records: [bytesOfText('a')] }] });
    const refusal = await refusalOf(
      store.commit({
        leaves: [
          { log: other, from: 0, records: [bytesOfText('x')] },
          { log, from: 0, records: [bytesOfText('b')] },
        ],
        tiles: [{ log, level: 0, index: 0, bytes: new Uint8Array(32) }],
        documents: [{ collection: 'drafts', key: '1', value: bytesOfText('one') }],
      }),
    );
    assert.deepEqual([refusal.code, refusal.evidence], ['store.moved', { log, from: 0, size: 1 }]);
    assert.deepEqual([store.size(log), store.size(other), store.logs()], [1, 0, [log]]);
    assert.deepEqual([await store.document('drafts', '1'), store.tile(log, 0, 0)], [undefined, undefined]);
    await store.commit({ ...nothing, leaves: [{ log, from: 1, records: [bytesOfText('b')] }] });
    assert.equal(store.size(log), 2);
    await store.close();
  });

  test(`${under.name}: of two concurrent writers of one index, one is refused`, async () => {
    const store = mustAccept(await under.open(await under.create()));
    const write = (text: string) => store.commit({ ...nothing, leaves: [{ log, from: 0, records: [bytesOfText(text)] }] });
    const outcomes = await Promise.allSettled([write('a'), write('b'), write('c')]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
    assert.equal(store.size(log), 1);
    await store.close();
  });
}

function keepsItsOrder(under: StoreUnderTest): void {
  test(`${under.name}: documents come in the order of their UTF-8 bytes, within a range and a limit`, async () => {
    const store = mustAccept(await under.open(await under.create()));
    // UTF-16 would put the emoji (a surrogate pair) before the private-use character.
    const keys = ['a', 'ab', 'b', '安', '\ue000', '😀'];
    const documents = keys.toReversed().map((key) => ({ collection: 'c', key, value: bytesOfText(key) }));
    await store.commit({ ...nothing, documents: [...documents, { collection: 'd', key: 'a', value: new Uint8Array() }] });
    const found = async (from: string, to: string | null, limit: number) =>
      (await store.documents('c', { from, to, limit })).map(({ key }) => key);
    assert.deepEqual(await found('', null, 100), keys);
    assert.deepEqual(await found('ab', '安', 100), ['ab', 'b']);
    assert.deepEqual(await found('b', null, 2), ['b', '安']);
    assert.deepEqual(await found('aa', 'aa', 2), []);
    await store.commit({ ...nothing, documents: [{ collection: 'c', key: 'ab', value: null }] });
    assert.deepEqual(await found('a', 'c', 100), ['a', 'b']);
    await store.close();
  });
}

/** Random batches, some refused, against plain maps; the store is closed and opened again between them. */
function answersLikeAModel(under: StoreUnderTest): void {
  const name = fc.constantFrom(log, other);
  const value = fc.uint8Array({ maxLength: 40 });
  const batch = fc.record({
    log: name,
    wrongBy: fc.constantFrom(0, 0, 0, -1, 1),
    records: fc.array(value, { minLength: 1, maxLength: 5 }),
    documents: fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.option(value) }), { maxLength: 4 }),
    reopen: fc.boolean(),
  });
  test(`${under.name}: any sequence of batches leaves what a model has`, async () => {
    const run = async (batches: readonly (typeof batch extends fc.Arbitrary<infer T> ? T : never)[]) => {
      const place = await under.create();
      let store = mustAccept(await under.open(place));
      const leaves = new Map<string, Uint8Array[]>([
        [log, []],
        [other, []],
      ]);
      const documents = new Map<string, Uint8Array>();
      for (const next of batches) {
        const held = leaves.get(next.log) ?? [];
        const writes = next.documents.map((document) => ({ collection: 'c', ...document }));
        const commit = store.commit({
          leaves: [{ log: next.log, from: held.length + next.wrongBy, records: next.records }],
          tiles: [],
          documents: writes,
        });
        if (next.wrongBy === 0) {
          await commit;
          held.push(...next.records);
          writes.forEach(({ key, value }) => (value === null ? documents.delete(key) : documents.set(key, value)));
        } else assert.equal((await refusalOf(commit)).code, 'store.moved');
        if (next.reopen) {
          await store.close();
          store = mustAccept(await under.open(place));
        }
      }
      for (const [log, held] of leaves) {
        assert.deepEqual(await plain(store.leaves(log, 0, { count: 1000, bytes: 100_000 })), held.map(plainBytes));
      }
      const found = await store.documents('c', { from: '', to: null, limit: 100 });
      assert.deepEqual(
        found.map((entry) => [entry.key, plainBytes(entry.value)]),
        [...documents].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, plainBytes(value)]),
      );
      await store.close();
    };
    await fc.assert(fc.asyncProperty(fc.array(batch, { maxLength: 12 }), run), { numRuns: 25 });
  });
}

function keepsToOneProcess(under: StoreUnderTest): void {
  test(`${under.name}: a store that is open is not opened again, and goes on`, async () => {
    const place = await under.create();
    const store = mustAccept(await under.open(place));
    const second = await under.open(place);
    assert.equal(second.ok ? 'opened' : second.refusal.code, 'store.busy');
    await store.commit({ ...nothing, leaves: [{ log, from: 0, records: [bytesOfText('a')] }] });
    await store.close();
    const third = mustAccept(await under.open(place));
    assert.equal(third.size(log), 1);
    await third.close();
  });
}

function backsUpWhileRunning(under: StoreUnderTest): void {
  test(`${under.name}: a backup under load is one consistent state, and overwrites nothing`, async () => {
    const store = mustAccept(await under.open(await under.create()));
    const commit = async (count: number) => {
      const from = store.size(log);
      await store.commit({
        leaves: [{ log, from, records: Array.from({ length: count }, () => new Uint8Array(600)) }],
        tiles: [],
        documents: [{ collection: 'state', key: 'size', value: bytesOfText(String(from + count)) }],
      });
    };
    for (let round = 0; round < 20; round += 1) await commit(200);
    const before = store.size(log);
    const path = await under.backupPath();
    const done = Symbol('done');
    const backup = store.backup(path).then(() => done);
    do await commit(10);
    while ((await Promise.race([backup, setTimeout(1)])) !== done);
    assert.equal((await refusalOf(store.backup(path))).code, 'store.exists');
    const copy = mustAccept(await under.openBackup(path));
    assert.ok(copy.size(log) >= before && copy.size(log) <= store.size(log));
    assert.deepEqual(
      plainBytes((await copy.document('state', 'size')) ?? new Uint8Array()),
      plainBytes(bytesOfText(String(copy.size(log)))),
    );
    assert.deepEqual(await copy.check(), []);
    await copy.close();
    await store.close();
  });
}

export async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof StoreRefusal) return outcome.refusal;
  throw new assert.AssertionError({ message: `expected a refusal of the store, got ${String(outcome)}` });
}

async function plain(leaves: Promise<readonly Uint8Array[]>): Promise<number[][]> {
  return (await leaves).map(plainBytes);
}

function plainBytes(bytes: Uint8Array): number[] {
  return [...bytes];
}

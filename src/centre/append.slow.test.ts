import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bytesOfText, textOfBytes } from '#base/bytes.ts';
import { SeededChance } from '#base/chance.ts';
import { accept, mustAccept, type Result, refuse } from '#base/refusal.ts';
import { type Appended, Appender, checkpointCollection } from '#centre/append.ts';
import { appendForever } from '#centre/append-forever.ts';
import { type AppendPlace, type AppendWork, groupRecordsMax } from '#centre/append-group.ts';
import type { LocalSigner } from '#centre/signer/local-signer.ts';
import {
  americaOrigin,
  chinaOrigin,
  type PracticeCentre,
  PracticeHistory,
  practiceCentre,
} from '#centre/signer/practice-centre.ts';
import type { Signer } from '#centre/signer/signer.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';
import { type Batch, type Store, StoreRefusal } from '#centre/store/store.ts';
import { realWorld } from '#centre/world.ts';
import { verifyCheckpoint } from '#log/policy.ts';
import { hashLeaf, inclusionProof, rootAt, verifyInclusion } from '#log/tree.ts';

interface Running {
  readonly centre: PracticeCentre;
  readonly storePath: string;
  readonly store: Store;
  readonly signer: LocalSigner;
  readonly appender: Appender;
  readonly stop: () => Promise<void>;
}

const clock = () => 1_727_224_000_000;
const codeOf = (result: Result<unknown>) => (result.ok ? 'accepted' : result.refusal.code);

/** A centre whose log is empty, with its store, signer and appender. */
async function begin(): Promise<Running> {
  const centre = await practiceCentre(chinaOrigin, americaOrigin);
  after(() => centre.remove());
  mustAccept(await createSqliteStore(join(centre.folder, 'store')));
  return await run(centre);
}

async function run(centre: PracticeCentre): Promise<Running> {
  const storePath = join(centre.folder, 'store');
  const store = mustAccept(await openSqliteStore(storePath));
  const signer = mustAccept(await centre.openSigner(clock));
  const appender = mustAccept(await Appender.start({ store, signer, origin: chinaOrigin, turn: realWorld.turn }));
  const stop = async () => {
    await appender.close();
    await signer.close();
    await store.close();
  };
  return { centre, storePath, store, signer, appender, stop };
}

/** What a start says, with everything closed again. */
async function startCode(centre: PracticeCentre): Promise<string> {
  const store = mustAccept(await openSqliteStore(join(centre.folder, 'store')));
  const signer = mustAccept(await centre.openSigner(clock));
  const started = await Appender.start({ store, signer, origin: chinaOrigin, turn: realWorld.turn });
  await signer.close();
  await store.close();
  return codeOf(started);
}

const nothing = { records: [], leaves: [], tiles: [], documents: [] };
const work = (build: (place: AppendPlace) => Uint8Array): AppendWork => ({
  build: (place) => accept({ ...nothing, records: [build(place)] }),
  cosign: null,
  urgent: false,
});
const saying = (text: string) => work(() => bytesOfText(text));
const appendText = async (appender: Appender, text: string): Promise<Appended> => mustAccept(await appender.append(saying(text)));

test('appends of one turn share a transaction, a checkpoint and a pair of signatures; each is proved by the note it gets', async () => {
  const { appender, store, centre, stop } = await begin();
  const appended = await Promise.all(
    Array.from({ length: groupRecordsMax }, (_, index) => appendText(appender, `record ${index}`)),
  );
  assert.deepEqual(
    appended.map(({ index }) => index),
    Array.from({ length: groupRecordsMax }, (_, index) => index),
  );
  assert.equal(new Set(appended.map(({ checkpoint }) => checkpoint)).size, 1);
  for (const { index, checkpoint } of appended) {
    const { size, root } = mustAccept(verifyCheckpoint(checkpoint.note, centre.logKeys));
    const leaf = (await store.leaf(chinaOrigin, index)) ?? new Uint8Array();
    assert.deepEqual(textOfBytes(leaf), accept(`record ${index}`));
    mustAccept(
      verifyInclusion({ index, size, root, leafHash: hashLeaf(leaf), proof: inclusionProof(index, size, appender.read) }),
    );
  }
  await stop();
});

test('more than a group takes is divided, in order, and one large piece has a group of its own', async () => {
  const { appender, stop } = await begin();
  const large: AppendWork = {
    build: () => accept({ ...nothing, records: Array.from({ length: groupRecordsMax * 2 }, () => bytesOfText('x')) }),
    cosign: null,
    urgent: false,
  };
  const outcomes = await Promise.all([
    ...Array.from({ length: 600 }, (_, index) => appender.append(saying(String(index)))),
    appender.append(large),
    appender.append(saying('last')),
  ]);
  assert.deepEqual(
    outcomes.map((outcome) => mustAccept(outcome).index),
    [...Array.from({ length: 601 }, (_, index) => index), 600 + groupRecordsMax * 2],
  );
  assert.equal(appender.checkpoint.size, 601 + groupRecordsMax * 2);
  await stop();
});

test('numbers of a series have no gaps, whatever is refused or throws between them, and go on after a start', async () => {
  const running = await begin();
  const numbered = (fate: string): AppendWork => ({
    build: (place) => {
      const record = bytesOfText(`${place.serial('BMLN/CN/24')} at ${place.index}`);
      if (fate === 'throws') throw new Error('a fault in a form');
      return fate === 'refused' ? refuse('draft.state', 'released already') : accept({ ...nothing, records: [record] });
    },
    cosign: null,
    urgent: false,
  });
  const outcomes = await Promise.allSettled(
    ['kept', 'refused', 'kept', 'throws', 'throws', 'kept'].map((fate) => running.appender.append(numbered(fate))),
  );
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? codeOf(outcome.value) : 'thrown')),
    ['accepted', 'draft.state', 'accepted', 'thrown', 'thrown', 'accepted'],
  );
  await running.stop();
  const again = await run(running.centre);
  mustAccept(await again.appender.append(numbered('kept')));
  const leaves = await again.store.leaves(chinaOrigin, 0, { count: 10, bytes: 1000 });
  assert.deepEqual(
    leaves.map((leaf) => mustAccept(textOfBytes(leaf))),
    ['1 at 0', '2 at 1', '3 at 2', '4 at 3'],
  );
  await again.stop();
});

test('leaves of a followed log, documents and a cosignature go with a record; what comes too late is refused alone', async () => {
  const { appender, store, signer, stop } = await begin();
  const america = await practiceCentre(americaOrigin, chinaOrigin);
  after(() => america.remove());
  const theirs = new PracticeHistory(americaOrigin, { name: 'first', parting: 0, size: 8 });
  const receipt = (from: number, size: number, checkpoint: Awaited<ReturnType<PracticeHistory['signed']>>): AppendWork => ({
    build: ({ index }) =>
      accept({
        records: [bytesOfText(`received up to ${size}`)],
        leaves: [{ log: americaOrigin, from, records: Array.from({ length: size - from }, () => bytesOfText('leaf')) }],
        tiles: [{ log: americaOrigin, level: 0, index: 0, bytes: new Uint8Array(size * 32) }],
        documents: [{ collection: 'receipt', key: String(from), value: bytesOfText(String(index)) }],
      }),
    cosign: { checkpoint, proof: theirs.proof(from, size) },
    urgent: false,
  });
  const [first, second, late] = await Promise.all([
    appender.append(receipt(0, 3, await theirs.signed(3, america))),
    appender.append(receipt(3, 8, await theirs.signed(8, america))),
    appender.append(receipt(3, 5, await theirs.signed(5, america))),
  ]);
  assert.deepEqual([first, second, late].map(codeOf), ['accepted', 'accepted', 'store.moved']);
  assert.deepEqual(
    [mustAccept(first), mustAccept(second)].map(({ cosignature }) => cosignature?.ok),
    [true, true],
  );
  assert.deepEqual([store.size(chinaOrigin), store.size(americaOrigin), signer.anchor().followed[0]?.size], [2, 8, 8]);
  assert.deepEqual(textOfBytes((await store.document('receipt', '3')) ?? new Uint8Array()), accept('1'));
  const only = await appender.append({
    build: () => accept(nothing),
    cosign: { checkpoint: await theirs.signed(5, america), proof: [] },
    urgent: false,
  });
  assert.deepEqual(codeOf(mustAccept(only).cosignature ?? accept(undefined)), 'log.shrunk');
  await stop();
});

/** A store that refuses the next commits it is told to. */
function failing(store: Store): { readonly store: Store; failNext: (count: number) => void; readonly batches: Batch[] } {
  let failures = 0;
  const batches: Batch[] = [];
  const commit = async (batch: Batch): Promise<void> => {
    failures -= 1;
    if (failures >= 0) throw new StoreRefusal(refuse('store.full', 'no room'));
    batches.push(batch);
    await store.commit(batch);
  };
  const wrapped = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = name === 'commit' ? commit : Reflect.get(target, name, target);
      return typeof value === 'function' ? (...given: unknown[]) => Reflect.apply(value, target, given) as unknown : value;
    },
  });
  return {
    store: wrapped,
    failNext: (count) => {
      failures = count;
    },
    batches,
  };
}

test('a commit that fails refuses its callers, and the next work stands where they would have stood', async () => {
  const first = await begin();
  await first.stop();
  const { centre } = first;
  const inner = mustAccept(await openSqliteStore(first.storePath));
  const { store, failNext, batches } = failing(inner);
  const signer = mustAccept(await centre.openSigner(clock));
  const appender = mustAccept(await Appender.start({ store, signer, origin: chinaOrigin, turn: realWorld.turn }));
  const numbered = work(({ index, serial }) => bytesOfText(`${serial('s')} at ${index}`));
  mustAccept(await appender.append(numbered));
  failNext(1);
  const refused = await Promise.all([appender.append(numbered), appender.append(numbered)]);
  assert.deepEqual(refused.map(codeOf), ['store.full', 'store.full']);
  const appended = mustAccept(await appender.append(numbered));
  assert.deepEqual([appended.index, appender.checkpoint.size], [1, 2]);
  assert.deepEqual(textOfBytes((await store.leaf(chinaOrigin, 1)) ?? new Uint8Array()), accept('2 at 1'));
  assert.deepEqual(
    batches.map(({ leaves }) => leaves.length),
    [1, 1],
  );
  await appender.close();
  await signer.close();
  await inner.close();
  assert.equal(await startCode(centre), 'accepted');
});

test('an end on a disk that takes nothing is an end, and the next start signs the same tree', async () => {
  const first = await begin();
  await first.stop();
  const inner = mustAccept(await openSqliteStore(first.storePath));
  const { store, failNext } = failing(inner);
  const signer = mustAccept(await first.centre.openSigner(clock));
  const appender = mustAccept(await Appender.start({ store, signer, origin: chinaOrigin, turn: realWorld.turn }));
  mustAccept(await appender.append(work(({ index }) => bytesOfText(`leaf ${index}`))));
  failNext(1);
  await appender.close();
  await signer.close();
  await inner.close();
  assert.equal(await startCode(first.centre), 'accepted');
});

test('leaves that were committed and not signed when the process ended are signed by the next start', async () => {
  const first = await begin();
  await appendText(first.appender, 'signed');
  await first.stop();
  const store = mustAccept(await openSqliteStore(first.storePath));
  const signer = mustAccept(await first.centre.openSigner(clock));
  let reached: (() => void) | undefined;
  const asked = new Promise<void>((resolve) => {
    reached = resolve;
  });
  // A signer that never answers stands for a process that ends before it does.
  const silent: Signer = new Proxy(signer, {
    get: (target, name) => {
      if (name === 'signGroup') return () => (reached?.(), new Promise(() => undefined));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (...given: unknown[]) => Reflect.apply(value, target, given) as unknown : value;
    },
  });
  const appender = mustAccept(await Appender.start({ store, signer: silent, origin: chinaOrigin, turn: realWorld.turn }));
  void appender.append(saying('committed'));
  await asked;
  assert.equal(signer.anchor().own[0]?.size, 1);
  await signer.close();
  await store.close();
  const again = await run(first.centre);
  assert.equal(again.appender.checkpoint.size, 2);
  assert.equal(mustAccept(verifyCheckpoint(again.appender.checkpoint.note, first.centre.logKeys)).size, 2);
  await again.stop();
});

test('a store restored from an old copy gets no signature, and nothing is appended to it', async () => {
  const first = await begin();
  await appendText(first.appender, 'old');
  await first.stop();
  await copyFile(first.storePath, `${first.storePath}.old`);
  const second = await run(first.centre);
  await appendText(second.appender, 'new');
  await second.stop();
  await copyFile(`${first.storePath}.old`, first.storePath);
  assert.equal(await startCode(first.centre), 'signer.went-back');
});

test('a write-ahead log that lost its end is a store that went back', async () => {
  const first = await begin();
  for (const text of ['a', 'b', 'c']) await appendText(first.appender, text);
  // The files as a loss of power leaves them, with a byte of the last transaction flipped.
  const files = await Promise.all(['', '-wal'].map((suffix) => readFile(`${first.storePath}${suffix}`)));
  await first.stop();
  const [file, log] = files;
  if (file === undefined || log === undefined) throw new Error('both files were read');
  log[log.length - 5_000] = (log[log.length - 5_000] ?? 0) ^ 1;
  await writeFile(first.storePath, file);
  await writeFile(`${first.storePath}-wal`, log);
  assert.equal(await startCode(first.centre), 'signer.went-back');
});

test('once the signer refuses, nothing more is appended', async () => {
  const { appender, centre, store, signer } = await begin();
  await appendText(appender, 'one');
  const other = new PracticeHistory(chinaOrigin, { name: 'elsewhere', parting: 0, size: 5 });
  mustAccept(await signer.raise({ checkpoint: await other.signed(5, centre), cosignatures: [] }));
  const refused = await appender.append(saying('two'));
  assert.deepEqual([codeOf(refused), codeOf(await appender.append(saying('three')))], ['signer.went-back', 'signer.went-back']);
  assert.equal(store.size(chinaOrigin), 2);
  await signer.close();
  await store.close();
});

test('the newest signed checkpoint is in the store after an orderly end', async () => {
  const { appender, centre, stop } = await begin();
  const { checkpoint } = await appendText(appender, 'one');
  await stop();
  const store = mustAccept(await openSqliteStore(join(centre.folder, 'store')));
  assert.deepEqual(
    new Uint8Array((await store.document(checkpointCollection, chinaOrigin)) ?? []),
    new Uint8Array(checkpoint.note),
  );
  await store.close();
});

test('after a SIGKILL, at 20 points under load, every confirmed record is there and every confirmed root still holds', async () => {
  // Two centres at a time, for most of a kill is the start of the next process.
  await Promise.all([surviveKills(10, 7), surviveKills(10, 8)]);
});

async function surviveKills(points: number, seed: number): Promise<void> {
  const { centre, stop } = await begin();
  await stop();
  const chance = new SeededChance(seed);
  const confirmedRoots = new Map<number, string>();
  for (let point = 0; point < points; point += 1) {
    const lines = await killAfter(centre.folder, chance.below(40));
    for (const line of lines) {
      const [, size, root = ''] = line.split(' ');
      assert.equal(confirmedRoots.get(Number(size)) ?? root, root, 'never two roots at one size');
      confirmedRoots.set(Number(size), root);
    }
    const { appender, store, stop } = await run(centre);
    for (const [size, root] of confirmedRoots) assert.equal(rootAt(size, appender.read).toHex(), root);
    const [last] = await store.leaves(chinaOrigin, store.size(chinaOrigin) - 1, { count: 1, bytes: 1 });
    const size = store.size(chinaOrigin);
    assert.match(mustAccept(textOfBytes(last ?? new Uint8Array())), new RegExp(`^${size - 1} ${size}\\.`));
    await stop();
  }
}

async function killAfter(folder: string, delayMs: number): Promise<readonly string[]> {
  const program = `
    const { ${appendForever.name} } = await import('#centre/append-forever.ts');
    const { writeSync } = await import('node:fs');
    await ${appendForever.name}(process.argv[1], (line) => writeSync(1, line));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let heard = '';
  child.stdout.on('data', (data: Buffer) => {
    if (heard === '') setTimeout(() => child.kill('SIGKILL'), delayMs);
    heard += data.toString();
  });
  await new Promise((resolve) => child.on('close', resolve));
  assert.equal(child.signalCode, 'SIGKILL');
  return heard.slice(0, heard.lastIndexOf('\n')).split('\n');
}

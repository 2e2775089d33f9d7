import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Refusal } from '#base/refusal.ts';
import { FoldKeeper, type KeeperParts } from '#centre/folds/fold-keeper.ts';
import { rulesMark } from '#centre/folds/fold-marks.ts';
import { realWorld } from '#centre/world.ts';
import { allKeys, eachRow, indexKey } from '#exchange/shelf.ts';

const folder = mkdtempSync(join(tmpdir(), 'anshin-keeper-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** A keeper whose timers go off when the test says so. */
class Kept {
  readonly timers: (() => void)[] = [];
  readonly alarms: Refusal[] = [];
  readonly keeper: FoldKeeper;

  constructor(change: Partial<KeeperParts> & { readonly path: string }) {
    this.keeper = new FoldKeeper({
      rules: 'these rules',
      holds: () => true,
      alarm: (refusal) => this.alarms.push(refusal),
      world: { ...realWorld, after: (_, work) => this.#wait(work) },
      ...change,
    });
    this.keeper.begin(() => [{ origin: 'cn', size: 7, root: 'ab' }]);
  }

  get values(): readonly unknown[] {
    return [...eachRow(this.keeper.shelves.shelf('entries'), allKeys)].map(({ value }) => value);
  }

  /** Takes values as a fold would, and says so after each. */
  take(values: readonly unknown[]): void {
    const shelf = this.keeper.shelves.shelf('entries');
    for (const [index, value] of values.entries()) {
      shelf.set(indexKey(index), value);
      this.keeper.taken();
    }
  }

  pass(): void {
    for (const work of this.timers.splice(0)) work();
  }

  #wait(work: () => void): () => void {
    this.timers.push(work);
    return () => this.timers.splice(this.timers.indexOf(work), 1);
  }
}

function freePath(): string {
  files += 1;
  return join(folder, `${files}.sqlite`);
}

function keptAt(path: string, values: readonly unknown[]): void {
  const kept = new Kept({ path });
  kept.take(values);
  kept.keeper.close();
}

test('what the folds took is there at the next start, after a second or a thousand changes without an end too', () => {
  const path = freePath();
  const first = new Kept({ path });
  first.take([1, 2, 3]);
  assert.deepEqual([first.timers.length, first.keeper.shelves.waiting], [1, 3]);
  first.pass();
  assert.deepEqual([first.timers.length, first.keeper.shelves.waiting], [0, 0]);
  first.keeper.shelves.shelf('entries').set(indexKey(3), 4);
  first.take(Array.from({ length: 1_200 }, (_, index) => index));
  assert.ok(first.keeper.shelves.waiting < 1_000);
  first.keeper.close();
  const second = new Kept({ path });
  assert.equal(second.values.length, 1_200);
  second.keeper.close();
});

test('folds made by other rules, of other leaves, or that cannot be read are thrown away', () => {
  const path = freePath();
  for (const change of [{ rules: 'other rules' }, { holds: () => false }]) {
    keptAt(path, ['kept']);
    const other = new Kept({ path, ...change });
    assert.deepEqual(other.values, []);
    other.keeper.close();
  }
  keptAt(path, ['kept']);
  assert.deepEqual(new Kept({ path, holds: ({ origin, size, root }) => `${origin} ${size} ${root}` === 'cn 7 ab' }).values, [
    'kept',
  ]);
  const torn = freePath();
  keptAt(torn, ['kept']);
  writeFileSync(torn, readFileSync(torn).subarray(0, 5_000));
  assert.deepEqual(new Kept({ path: torn }).values, []);
  const foreign = freePath();
  writeFileSync(
    foreign,
    'no folds at all, but somebody’s letter, and long enough to have a header of a hundred bytes and some more',
  );
  assert.deepEqual(new Kept({ path: foreign }).values, []);
});

test('a value that changed on the disk is not read: the process ends, and the next makes the folds again', () => {
  const path = freePath();
  keptAt(path, ['a text that stands there']);
  const bytes = readFileSync(path);
  const at = bytes.indexOf('a text that stands there');
  assert.ok(at > 0);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const kept = new Kept({ path });
  assert.throws(() => kept.values, /is not as it was written/);
  assert.deepEqual(
    kept.alarms.map(({ code }) => code),
    ['store.damaged'],
  );
  assert.throws(() => kept.pass(), /made again at the next start/);
  assert.deepEqual(new Kept({ path }).values, []);
});

test('what cannot be written waits, all of it, and is written later', () => {
  const path = freePath();
  const kept = new Kept({ path });
  kept.take(['before', 1n]);
  kept.pass();
  assert.deepEqual(
    kept.alarms.map(({ code }) => code),
    ['store.full'],
  );
  assert.deepEqual(kept.values, ['before', 1n]);
  kept.take(['before', 'now']);
  kept.pass();
  kept.keeper.close();
  assert.deepEqual(new Kept({ path }).values, ['before', 'now']);
});

test('a folder that is not there keeps the folds for this run alone', () => {
  const kept = new Kept({ path: join(folder, 'nowhere', 'folds.sqlite') });
  kept.take(Array.from({ length: 3_000 }, (_, index) => index));
  assert.equal(kept.values.length, 3_000);
  kept.keeper.close();
});

test('the mark of the rules is another for other agreements and other logs', () => {
  const log = { origin: 'cn.example/us-cn/test', owner: 'CN', status: 'test', parties: ['CN', 'US'], successions: [] } as const;
  const mark = rulesMark({ instruments: ['ab'], logs: [log] });
  assert.equal(rulesMark({ instruments: ['ab'], logs: [log] }), mark);
  assert.notEqual(rulesMark({ instruments: ['ab', 'cd'], logs: [log] }), mark);
  assert.notEqual(rulesMark({ instruments: ['ab'], logs: [{ ...log, owner: 'US' }] }), mark);
});

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { isFlushError, refusalAtOpening, refusalOfSqlite } from '#centre/store/sqlite-refusal.ts';
import { bytesIn, numberIn, textIn } from '#centre/store/sqlite-rows.ts';

const errorOf = (errcode: number) => Object.assign(new Error('reason'), { errcode });

test("each of SQLite's result codes that a disk or another process causes is a refusal with what to do", () => {
  const expected: readonly (readonly [code: number, refusal: string, whatToDo: RegExp])[] = [
    [5, 'store.busy', /stop it first/],
    [11, 'store.damaged', /restore the newest backup/],
    [26, 'store.damaged', /restore the newest backup/],
    [522, 'store.damaged', /restore the newest backup/],
    [13, 'store.full', /make room, then try again/],
    [8, 'store.full', /check its mount and owner/],
    [778, 'store.full', /check the disk, then try again/],
    [1_034, 'store.full', /check the disk, then start the centre again/],
  ];
  for (const [code, refusal, whatToDo] of expected) {
    const refused = refusalOfSqlite(errorOf(code), '/store')?.refusal;
    assert.equal(refused?.code, refusal);
    assert.match(refused.detail, whatToDo);
    assert.deepEqual(refused.evidence['path'], '/store');
  }
});

test('only a failed flush leaves in doubt what the disk holds', () => {
  assert.deepEqual([1_034, 1_290, 778, 13].map(errorOf).map(isFlushError), [true, true, false, false]);
});

test('a fault of our own is no refusal', () => {
  assert.equal(refusalOfSqlite(errorOf(1), '/store'), undefined);
  assert.equal(refusalOfSqlite(errorOf(19), '/store'), undefined);
  assert.equal(refusalOfSqlite(new Error('x'), '/store'), undefined);
});

test('a row that is not as its table has it, and a schema that no statement fits, are damage', () => {
  const database = new DatabaseSync(':memory:');
  const row = database.prepare('SELECT NULL AS value').get() ?? {};
  for (const read of [bytesIn, numberIn, textIn]) {
    assert.throws(
      () => read(row, 'value'),
      (error) => refusalOfSqlite(error, '/store')?.refusal.code === 'store.damaged',
    );
  }
  assert.throws(
    () => database.prepare('SELECT 9223372036854775807').get(),
    (error) => refusalOfSqlite(error, '/store')?.refusal.code === 'store.damaged',
  );
  assert.throws(
    () => database.prepare('SELECT size FROM log'),
    (error) => refusalAtOpening(error, '/store')?.refusal.code === 'store.damaged',
  );
  assert.equal(refusalAtOpening(new Error('x'), '/store'), undefined);
  database.close();
});

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustAccept } from '#base/refusal.ts';
import { hourMs } from '#base/time.ts';
import { ScenarioClock } from '#centre/scenario.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';

const scenarioMs = Date.parse('2024-09-23T21:06:00.000Z');
const realMs = Date.parse('2026-03-01T12:00:00.000Z');

const failed = (error: unknown): void => assert.fail(String(error));

test('a scenario clock runs as the real one until it is set, then stands, goes forward only, and stands there after a start', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'anshin-scenario-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'store');
  mustAccept(await createSqliteStore(path));
  const store = mustAccept(await openSqliteStore(path));
  const clock = await ScenarioClock.open(store, failed);
  assert.equal(clock.at(realMs), realMs);
  mustAccept(clock.set(scenarioMs));
  assert.equal(clock.at(realMs + hourMs), scenarioMs);
  const back = clock.set(scenarioMs - 1);
  assert.equal(back.ok ? 'accepted' : back.refusal.code, 'request.form');
  mustAccept(clock.set(scenarioMs + hourMs));
  await store.close();
  const again = mustAccept(await openSqliteStore(path));
  t.after(() => again.close());
  assert.equal((await ScenarioClock.open(again, failed)).at(realMs), scenarioMs + hourMs);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningExercise } from '#cli/demo/exercise-folder.ts';
import { runAnshin, startAnshin } from './run-anshin.ts';

test('a second start finds the first and says so; an interrupt ends all', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'anshin-second-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const first = startAnshin(['demo', '--dir', folder]);
  t.after(() => first.kill('SIGKILL'));
  first.stdout?.resume();
  const running = await untilRunning(folder);
  const second = await runAnshin(['demo', '--dir', folder]);
  assert.equal(second.code, 0);
  assert.match(second.stdout, new RegExp(`runs already \\(process ${first.pid}\\)`));
  for (const { http, tokenFile } of running.centres) {
    assert.ok(second.stdout.includes(http));
    const state = await runAnshin(['state', '--url', http, '--token-file', tokenFile]);
    assert.equal(state.code, 0, state.stderr);
    assert.match(state.stdout, /^EXERCISE/);
    assert.match(state.stdout, /EXERCISE.*$/);
  }
  const page = await fetch(running.board?.address ?? '');
  assert.match(await page.text(), /<!doctype html>/);
  first.kill('SIGINT');
  const [code] = await once(first, 'exit');
  assert.equal(code, 0);
  assert.ok(!existsSync(join(folder, 'running.json')));
  for (const { http } of running.centres) await assert.rejects(fetch(http));
  for (const centre of ['CN', 'US']) assert.equal((await runAnshin(['check', '--dir', join(folder, 'now', centre)])).code, 0);
});

async function untilRunning(folder: string): Promise<RunningExercise> {
  for (const end = performance.now() + 90_000; performance.now() < end; await pause(100)) {
    const path = join(folder, 'running.json');
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const running = text.endsWith('}\n') ? (JSON.parse(text) as RunningExercise) : undefined;
    if (running !== undefined && running.board !== null) return running;
  }
  throw new Error('the exercise was not played within 90 s');
}

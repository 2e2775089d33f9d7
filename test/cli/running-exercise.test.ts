import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningExercise } from '#cli/demo/exercise-folder.ts';
import { type Ran, runAnshin, startAnshin } from './run-anshin.ts';

const folder = mkdtempSync(join(tmpdir(), 'anshin-running-'));
let first: ChildProcess;
let running: RunningExercise;

before(async () => {
  first = startAnshin(['demo', '--dir', folder]);
  first.stdout?.resume();
  running = await untilRunning();
});
after(() => {
  first.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function untilRunning(): Promise<RunningExercise> {
  for (const end = performance.now() + 90_000; performance.now() < end; await pause(100)) {
    const path = join(folder, 'running.json');
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const running = text.endsWith('}\n') ? (JSON.parse(text) as RunningExercise) : undefined;
    if (running !== undefined && running.board !== null) return running;
  }
  throw new Error('the exercise was not played within 90 s');
}

/** Where an officer of a centre of the exercise asks, and as whom. */
function by(centre: string, officer: string): readonly string[] {
  const http = running.centres.find((each) => each.centre === centre)?.http ?? '';
  return ['--url', http, '--token-file', join(folder, 'now', `${centre}-officers`, `${officer}.token`)];
}

function jsonOf<T>(ran: Ran, read: (value: unknown) => T): T {
  assert.equal(ran.code, 0, ran.stderr + ran.stdout);
  return read(JSON.parse(ran.stdout));
}

test('a second start finds the first and says so', async () => {
  const second = await runAnshin(['demo', '--dir', folder]);
  assert.equal(second.code, 0);
  assert.match(second.stdout, new RegExp(`runs already \\(process ${first.pid}\\)`));
  for (const { http, tokenFile } of running.centres) {
    assert.ok(second.stdout.includes(http));
    const state = await runAnshin(['state', '--url', http, '--token-file', tokenFile]);
    assert.equal(state.code, 0, state.stderr);
    assert.match(state.stdout, /^EXERCISE QUIET HARBOUR\n(?:.*\n)+EXERCISE QUIET HARBOUR\n$/);
    assert.match(state.stdout, /for you {5}nothing/);
  }
  const page = await fetch(running.board?.address ?? '');
  assert.match(await page.text(), /<!doctype html>/);
});

test('officers work by commands: drafted, verified, released, listed, shown, acknowledged, exported, verified', async () => {
  const input = join(folder, 'orderwire.json');
  const narrative = { language: 'en', text: 'all well' };
  writeFileSync(input, JSON.stringify({ agreement: 'CORE', format: 'ORDERWIRE', content: {}, narrative }));
  const made = await runAnshin(['draft', 'new', input, '--json', ...by('CN', 'drafter')]);
  const draft = jsonOf(made, (value) => (value as { readonly draft: { readonly id: number; readonly hash: string } }).draft);
  const confirm = [String(draft.id), '--hash', draft.hash];
  const own = await runAnshin(['approve', ...confirm, ...by('CN', 'drafter')]);
  assert.equal(own.code, 1);
  assert.match(own.stderr, /people\.role/);
  assert.equal((await runAnshin(['approve', String(draft.id), '--hash', '0'.repeat(64), ...by('CN', 'verifier')])).code, 1);
  assert.equal((await runAnshin(['approve', ...confirm, ...by('CN', 'verifier')])).code, 0);
  const released = await runAnshin(['release', ...confirm, '--key', 'once', '--json', ...by('CN', 'releaser')]);
  const { index } = jsonOf(released, (value) => (value as { readonly filed: { readonly index: number } }).filed);
  const repeated = await runAnshin(['release', ...confirm, '--key', 'once', '--json', ...by('CN', 'releaser')]);
  assert.equal(jsonOf(repeated, (value) => (value as { readonly filed: { readonly index: number } }).filed).index, index);
  const listed = await runAnshin(['list', 'own', '--from', String(index), ...by('CN', 'watch')]);
  assert.match(listed.stdout, /CORE\/CN\/\d\d\/\d+\/ORDERWIRE/);
  const shown = await runAnshin(['show', 'own', String(index), '--language', 'ja', ...by('CN', 'watch')]);
  assert.match(shown.stdout, /all well/);
  const withheld = await runAnshin(['export', 'own', String(index), '--to', folder, ...by('CN', 'watch')]);
  assert.equal(withheld.code, 1);
  assert.equal((await runAnshin(['export', 'own', String(index), '--to', folder, ...by('CN', 'releaser')])).code, 0);
  const keys = ['CN', 'US'].flatMap((centre) => ['--keys', join(folder, 'now', 'keys', `${centre}.keys.note`)]);
  const files = ['--record', join(folder, `own-${index}.json`), '--proof', join(folder, `own-${index}.tlog-proof`)];
  assert.equal((await runAnshin(['verify', ...files, ...keys])).code, 0);
  const said = await acknowledged(index);
  assert.equal(said.code, 0, said.stderr);
});

/** The other side may need a moment until it has the record. */
async function acknowledged(index: number): Promise<Ran> {
  for (let left = 20; ; left -= 1) {
    const said = await runAnshin(['acknowledge', 'theirs', String(index), ...by('US', 'watch')]);
    if (said.code === 0 || left === 0) return said;
    await pause(200);
  }
}

test('a watcher is told what changes, and a director sets the scenario clock forward only', async () => {
  const watcher = startAnshin(['watch', '--json', ...by('US', 'watch')]);
  const heard: string[] = [];
  watcher.stdout?.setEncoding('utf8').on('data', (text: string) => heard.push(text));
  for (let left = 100; heard.length === 0 && left > 0; left -= 1) await pause(100);
  assert.equal((await runAnshin(['clock', '2024-11-07T00:00:00.000Z', ...by('US', 'supervisor')])).code, 0);
  for (let left = 100; !heard.join('').includes('2024-11-07') && left > 0; left -= 1) await pause(50);
  assert.match(heard.join(''), /"kind":"scenario"/);
  assert.equal((await runAnshin(['clock', '2024-11-06T00:00:00.000Z', ...by('US', 'supervisor')])).code, 1);
  assert.equal((await runAnshin(['clock', '2024-11-08T00:00:00.000Z', ...by('US', 'watch')])).code, 1);
  watcher.kill('SIGINT');
  const [code] = (await once(watcher, 'exit')) as [number];
  assert.equal(code, 0);
});

test('a running centre is backed up by its supervisor, and nobody else opens its store', async () => {
  const { path } = jsonOf(
    await runAnshin(['backup', '--json', ...by('US', 'supervisor')]),
    (value) => value as { readonly path: string },
  );
  assert.ok(existsSync(path));
  const directory = join(folder, 'now', 'US');
  for (const command of ['check', 'rebuild', 'backup']) {
    const refused = await runAnshin([command, '--dir', directory]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /store\.busy/);
  }
  assert.match((await runAnshin(['restore', path, '--dir', directory])).stderr, /store\.busy/);
  const board = await runAnshin(['board', '--to', join(folder, 'board.html'), ...by('US', 'watch')]);
  assert.equal(board.code, 0, board.stderr);
  assert.match(board.stdout, /by an EXERCISE/);
});

test('an interrupt ends both centres and leaves their stores well', async () => {
  first.kill('SIGINT');
  const [code] = (await once(first, 'exit')) as [number];
  assert.equal(code, 0);
  assert.ok(!existsSync(join(folder, 'running.json')));
  for (const { http } of running.centres) await assert.rejects(fetch(http));
  for (const centre of ['CN', 'US']) assert.equal((await runAnshin(['check', '--dir', join(folder, 'now', centre)])).code, 0);
});

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runAnshin } from './run-anshin.ts';

interface Drilled {
  readonly steps: readonly { readonly command: string; readonly code: number }[];
}

test('the drill of a stolen key and a lost store is given command by command, and both lines are open again', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'anshin-drill-'));
  t.after(() => rm(folder, { recursive: true }));
  const { code, stdout, stderr } = await runAnshin(['drill', 'succession', '--keep', folder, '--json']);
  assert.equal(code, 0, stderr);
  const { steps } = JSON.parse(stdout) as Drilled;
  assert.deepEqual(
    steps.map(({ command, code: ended }) => `${command.split(' ').slice(0, 2).join(' ')} ${ended}`.replace(/ --?\w+/, '')),
    [
      'succession prepare 0',
      'offline sign 0',
      'succession apply 0',
      'succession accept 1',
      'succession accept 0',
      'succession accept 0',
      'verify 0',
      'verify 0',
      'verify 1',
      'backup 0',
      `restore ${folder}/backup.sqlite 0`,
      'recover 0',
      'check 0',
    ],
  );
  for (const words of ['EXERCISE — EXERCISE — EXERCISE', 'reported stolen later', 'WELL: the store is what was signed'])
    assert.ok(stderr.includes(words), words);
  const peer = JSON.parse(await readFile(join(folder, 'US', 'peer.json'), 'utf8')) as { readonly origin: string };
  assert.equal(peer.origin, 's2.cn.anshin.example/us-cn/exercise');
});

test('a drill says where it may write, and is told so', async () => {
  const { code, stderr } = await runAnshin(['drill', 'succession']);
  assert.equal(code, 2);
  assert.match(stderr, /--keep FOLDER/);
});

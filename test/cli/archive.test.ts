import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFile, copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTest, untilQuiet } from '#test/federation/concord.ts';
import { PairOfCentres } from '#test/federation/pair-of-centres.ts';
import { runAnshin } from './run-anshin.ts';

/** The program that lies in the archive, run with the key lists of the pairing alone. */
function verifyIn(archive: string, keys: readonly string[]) {
  const program = join(archive, 'verifier/src/cli/verify/main.ts');
  const args = [program, '--archive', archive, ...keys.flatMap((file) => ['--keys', file])];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: '/', env: { NO_COLOR: '1' } });
  return { status, text: `${stdout}${stderr}`.replaceAll(/\s+/g, ' ') };
}

test('an archive is verified by the program that lies in it, and a file that was changed is named', async (t) => {
  const pair = await PairOfCentres.make({ status: 'test', agreements: ['bmln-full'] });
  t.after(() => pair.remove());
  const { cn, us } = await pair.startBoth();
  for (const text of ['one', 'two']) for (const centre of [cn, us]) await fileTest(centre, text);
  await untilQuiet(cn, us);
  await pair.stop('CN');
  await pair.stop('US');
  const archive = join(pair.folder, 'archive');
  const keys = (['CN', 'US'] as const).map((party) => join(pair.folder, `${party}.keys.note`));
  for (const party of ['CN', 'US'] as const) {
    await copyFile(join(pair.directory(party), 'keys.note'), join(pair.folder, `${party}.keys.note`));
  }
  const written = await runAnshin(['archive', '--dir', pair.directory('CN'), '--to', archive]);
  assert.equal(written.code, 0, written.stderr);
  const whole = verifyIn(archive, keys);
  assert.equal(whole.status, 0, whole.text);
  for (const origin of [cn.identity.origin, us.identity.origin]) assert.ok(whole.text.includes(`PROVED: the log ${origin}`));
  assert.ok(whole.text.includes('US cosigned this very tree'));
  assert.equal((await runAnshin(['archive', '--dir', pair.directory('CN'), '--to', archive])).code, 1, 'nothing is overwritten');
  const [bundle = ''] = await readdir(join(archive, 'logs/theirs/tile/entries/000.p'));
  const changes = ['spec/keys.md', 'agreements/bmln-full/instrument.json', `logs/theirs/tile/entries/000.p/${bundle}`];
  for (const path of changes) {
    const file = join(archive, path);
    const before = await readFile(file);
    await appendFile(file, ' ');
    const changed = verifyIn(archive, keys);
    assert.equal(changed.status, 1);
    assert.ok(changed.text.includes(`${path} is not the file that was archived`), changed.text);
    await writeFile(file, before);
  }
  const stranger = verifyIn(archive, keys.slice(0, 1));
  assert.equal(stranger.status, 1, 'of whom no list was given, nothing is proved');
  assert.ok(stranger.text.includes('key.unknown'));
});

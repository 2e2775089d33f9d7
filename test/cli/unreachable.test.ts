import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runAnshin } from './run-anshin.ts';

test('two centres that only call out are told at the pairing that neither can be reached', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'anshin-unreachable-'));
  t.after(() => rm(folder, { recursive: true }));
  const passphrase = join(folder, 'passphrase');
  await writeFile(passphrase, 'for tests only, twelve bytes\n');
  const at = (centre: string) => ['--dir', join(folder, centre), '--passphrase-file', passphrase];
  for (const centre of ['CN', 'US']) {
    const named = ['--centre', centre, '--host', `${centre.toLowerCase()}.example`, '--circle', 'us-cn', '--status', 'test'];
    const made = await runAnshin(['init', ...named, '--token-out', join(folder, `${centre}.token`), ...at(centre)]);
    assert.equal(made.code, 0, made.stderr);
  }
  const file = join(folder, 'us.pairing');
  const exported = await runAnshin(['pair', '--export', file, '--dir', join(folder, 'US'), '--json']);
  const { fingerprint } = JSON.parse(exported.stdout) as { readonly fingerprint: string };
  const paired = await runAnshin(['pair', file, '--fingerprint', fingerprint, ...at('CN')]);
  assert.equal(paired.code, 0, paired.stderr);
  assert.match(paired.stdout, /WARNING: nobody can call/);
});

test('an agreement that comes with the software goes by its name or by its path', async () => {
  const [named, placed] = [
    await runAnshin(['agreement', 'hash', 'bmln-full']),
    await runAnshin(['agreement', 'hash', join(import.meta.dirname, '../../agreements/bmln-full')]),
  ];
  assert.equal(named.code, 0, named.stderr);
  assert.match(named.stdout, /^[0-9a-f]{64} {2}bmln-full$/m);
  assert.equal(placed.stdout, named.stdout);
});

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import {
  addLogKeys,
  changePassphrase,
  createCentreKeys,
  createOfflineKeys,
  openCentreKeys,
  openOfflineKeys,
} from '#centre/signer/key-file.ts';
import { seal, unseal } from '#centre/signer/sealed.ts';

const folder = await mkdtemp(join(tmpdir(), 'anshin-keys-'));
after(() => rm(folder, { recursive: true, force: true }));
const passphrase = bytesOfText('correct horse 安心');
const cost = 10;
const fileNamed = (name: string) => ({ path: join(folder, name), passphrase, cost });
const codeOf = (result: Result<unknown>) => (result.ok ? 'accepted' : result.refusal.code);
const origin = 'cn.example/us-cn/test';

test('keys are the same after each opening, the file is for its owner alone, and it is never overwritten', async () => {
  const file = fileNamed('centre');
  mustAccept(await createCentreKeys(file, [origin]));
  assert.equal((await stat(file.path)).mode & 0o777, 0o600);
  const first = mustAccept(await openCentreKeys(file));
  const second = mustAccept(await openCentreKeys(file));
  assert.deepEqual(
    second.logs.map(({ log, witness }) => [log.name, log.ed25519.publicKey, witness.name, witness.mldsa44.publicKey]),
    first.logs.map(({ log, witness }) => [origin, log.ed25519.publicKey, `${origin}/witness`, witness.mldsa44.publicKey]),
  );
  assert.match(first.linkKeyPem, /^-----BEGIN PRIVATE KEY-----/);
  assert.match(first.linkSpkiSha256, /^[0-9a-f]{64}$/);
  assert.equal(codeOf(await createCentreKeys(file, [origin])), 'store.exists');
});

test('keys of another log are added and those that are there stay', async () => {
  const file = fileNamed('more');
  mustAccept(await createCentreKeys(file, [origin]));
  const [before] = mustAccept(await openCentreKeys(file)).logs;
  mustAccept(await addLogKeys(file, 'cn.example/p5/actual'));
  assert.equal(codeOf(await addLogKeys(file, origin)), 'store.exists');
  const after = mustAccept(await openCentreKeys(file));
  assert.deepEqual(
    after.logs.map((log) => log.origin),
    [origin, 'cn.example/p5/actual'],
  );
  assert.deepEqual(after.logs[0]?.log.mldsa44.publicKey, before?.log.mldsa44.publicKey);
  const keys = after.logs.flatMap(({ log, witness }) => [log, witness].flatMap(({ ed25519, mldsa44 }) => [ed25519, mldsa44]));
  assert.equal(new Set(keys.map(({ publicKey }) => publicKey.toHex())).size, 8);
});

test('a wrong passphrase is told from a damaged file, a missing one, and one of another kind', async () => {
  const file = fileNamed('offline');
  mustAccept(await createOfflineKeys(file));
  assert.equal(codeOf(await openOfflineKeys(file)), 'accepted');
  assert.equal(codeOf(await openOfflineKeys({ ...file, passphrase: bytesOfText('wrong') })), 'signer.passphrase');
  assert.equal(codeOf(await openCentreKeys(file)), 'signer.sealed');
  assert.equal(codeOf(await openOfflineKeys(fileNamed('none'))), 'signer.sealed');
  const bytes = await readFile(file.path);
  await writeFile(file.path, bytes.subarray(0, 100));
  assert.equal(codeOf(await openOfflineKeys(file)), 'signer.sealed');
});

test('a sealed secret with any byte changed or cut off is refused as damaged, whatever the passphrase', async () => {
  const sealed = await seal(bytesOfText('secret'), passphrase, cost);
  assert.deepEqual(mustAccept(await unseal(sealed, passphrase)), bytesOfText('secret'));
  for (const position of sealed.keys()) {
    const flipped = sealed.with(position, (sealed[position] ?? 0) ^ 1);
    assert.equal(codeOf(await unseal(flipped, passphrase)), 'signer.sealed', `flipped at ${position}`);
    assert.equal(codeOf(await unseal(sealed.subarray(0, position), passphrase)), 'signer.sealed', `cut at ${position}`);
  }
});

test('two sealings of one secret have nothing in common', async () => {
  const [first, second] = [await seal(bytesOfText('s'), passphrase, cost), await seal(bytesOfText('s'), passphrase, cost)];
  const lines = (bytes: Uint8Array) => Buffer.from(bytes).toString().split('\n').slice(1, 4);
  for (const [position, line] of lines(first).entries()) assert.notEqual(line, lines(second)[position]);
});

test('after a change of passphrase the new one opens the same keys and the old one does not', async () => {
  const file = fileNamed('changed');
  mustAccept(await createOfflineKeys(file));
  const before = mustAccept(await openOfflineKeys(file));
  const changed = { ...file, passphrase: bytesOfText('another') };
  assert.equal(codeOf(await changePassphrase(changed, passphrase)), 'signer.passphrase');
  mustAccept(await changePassphrase(file, changed.passphrase));
  assert.equal(codeOf(await openOfflineKeys(file)), 'signer.passphrase');
  assert.deepEqual(mustAccept(await openOfflineKeys(changed)).ed25519.publicKey, before.ed25519.publicKey);
});

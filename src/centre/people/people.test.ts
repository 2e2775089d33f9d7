import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { mustAccept, type Result } from '#base/refusal.ts';
import { addOfficer, issueToken, People, withdrawToken } from '#centre/people/people.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anshin-people-'));
  path = join(folder, 'people.json');
});
afterEach(async () => await rm(folder, { recursive: true }));

const li = { id: 'li', name: '李', roles: ['drafter', 'verifier'] } as const;

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

test('an officer signs in by a token of which the file keeps the hash alone', async () => {
  const added = mustAccept(await addOfficer(path, li));
  assert.deepEqual(added, li);
  const token = mustAccept(await issueToken(path, 'li'));
  assert.match(token, /^anshin_[A-Za-z0-9_-]{43}$/);
  const people = mustAccept(await People.open(path));
  assert.equal(mustAccept(await people.officerOf(token)).id, 'li');
  assert.equal((await readFile(path, 'utf8')).includes(token.slice(7)), false);
  if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('no other text is a token: nothing, another prefix, a bit more or less, a bit changed', async () => {
  mustAccept(await addOfficer(path, li));
  const token = mustAccept(await issueToken(path, 'li'));
  const people = mustAccept(await People.open(path));
  const last = token.at(-1) === 'A' ? 'E' : 'A';
  for (const wrong of [
    '',
    'anshin_',
    token.slice(7),
    token.slice(0, -1),
    `${token}A`,
    `${token.slice(0, -1)}${last}`,
    ` ${token}`,
  ]) {
    assert.equal(codeOf(await people.officerOf(wrong)), 'people.token', wrong);
  }
});

test('a running centre sees at once that a token was issued anew or withdrawn', async () => {
  mustAccept(await addOfficer(path, li));
  const people = mustAccept(await People.open(path));
  const first = mustAccept(await issueToken(path, 'li'));
  assert.equal(codeOf(await people.officerOf(first)), 'accepted');
  const second = mustAccept(await issueToken(path, 'li'));
  assert.deepEqual([codeOf(await people.officerOf(first)), codeOf(await people.officerOf(second))], ['people.token', 'accepted']);
  mustAccept(await withdrawToken(path, 'li'));
  assert.equal(codeOf(await people.officerOf(second)), 'people.token');
});

test('an id is never given twice, an auditor is nothing else, and a name can be written', async () => {
  mustAccept(await addOfficer(path, li));
  for (const entry of [
    { ...li, name: 'Another' },
    { id: 'au', name: 'Auditor', roles: ['auditor', 'releaser'] as const },
    { id: 'Big', name: 'Big', roles: ['drafter'] as const },
    { id: 'none', name: 'None', roles: [] },
    { id: 'tab', name: 'a\tb', roles: ['drafter'] as const },
  ]) {
    assert.equal(codeOf(await addOfficer(path, entry)), 'people.officer', entry.id);
  }
  assert.equal(codeOf(await issueToken(path, 'nobody')), 'people.officer');
});

test('while the file cannot be read nobody signs in, and when it is mended they do', async () => {
  mustAccept(await addOfficer(path, li));
  const token = mustAccept(await issueToken(path, 'li'));
  const good = await readFile(path, 'utf8');
  const people = mustAccept(await People.open(path));
  for (const bad of ['', '{', '[]', good.replace('drafter', 'emperor'), good.replace('"name"', '"nick"')]) {
    await writeFile(path, bad);
    assert.equal(codeOf(await people.officerOf(token)), 'people.file', bad);
    assert.equal(codeOf(await People.open(path)), 'people.file');
  }
  await writeFile(path, good);
  assert.equal(codeOf(await people.officerOf(token)), 'accepted');
});

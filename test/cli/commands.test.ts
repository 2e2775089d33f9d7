import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import type { Command } from 'commander';
import { anshinProgram } from '#cli/program.ts';
import { runAnshin, startAnshin } from './run-anshin.ts';

const folder = mkdtempSync(join(tmpdir(), 'anshin-commands-'));
const passphrase = join(folder, 'passphrase');
writeFileSync(passphrase, 'only for this test\n');
after(() => rmSync(folder, { recursive: true, force: true }));

function leaves(command: Command, before: readonly string[]): readonly (readonly string[])[] {
  if (command.commands.length === 0) return [before];
  return [before, ...command.commands.flatMap((each) => leaves(each, [...before, each.name()]))];
}

test('every command shows its help with an example and the exit codes, and ends with 0', async () => {
  const all = leaves(anshinProgram(), []);
  assert.ok(all.length > 30);
  for (const words of all) {
    const { code, stdout } = await runAnshin([...words, '--help']);
    assert.equal(code, 0, words.join(' '));
    assert.match(stdout, /^Usage: anshin/, words.join(' '));
    assert.match(stdout, /\nExamples?:\n {2}anshin /, words.join(' '));
    assert.match(stdout, /Exit codes: 0 done/, words.join(' '));
    if (!stdout.includes('[command]')) assert.match(stdout, /--json/, words.join(' '));
  }
});

test('a wrong command line ends with 2 and says what would be right', async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /Usage: anshin/],
    [['launch'], /unknown command/],
    [['verify'], /--keys/],
    [['verify', '--keys', join(folder, 'none')], /cannot be read/],
    [['init', '--centre', 'CN'], /--host/],
    [
      ['init', '--dir', folder, '--centre', 'cn', '--host', 'a.example', '--circle', 'us-cn', '--status', 'test'],
      /centre .*see anshin init/,
    ],
    [['show', 'mine', '1', '--token-file', passphrase], /own or theirs/],
    [['state'], /--token-file/],
    [['state', '--token-file', passphrase, '--url', 'http://127.0.0.1:9'], /no centre answers/],
    [['demo', '--once'], /--keep/],
  ];
  for (const [args, words] of wrong) {
    const { code, stderr } = await runAnshin(args, { ANSHIN_TOKEN_FILE: '' });
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, words);
    assert.doesNotMatch(stderr, /\n {4}at /);
  }
});

test('a refusal ends with 1 and says what, why, by which clause, and what to do; without a stack', async () => {
  const { code, stderr } = await runAnshin(['check', '--dir', folder]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Refused: checking a store\n {2}why {9}there is no centre at .*\n {2}clause {6}spec\/ officers \d.*\n {2}what to do {2}/m,
  );
  assert.doesNotMatch(stderr, /\n {4}at /);
  const inJson = await runAnshin(['check', '--dir', folder, '--json']);
  assert.equal(inJson.code, 1);
  const { refused } = JSON.parse(inJson.stdout) as { readonly refused: { readonly code: string } };
  assert.equal(refused.code, 'config.missing');
});

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string };
  assert.deepEqual(await runAnshin(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('a reader who goes away ends a command without a stack', async () => {
  const child = startAnshin(['--help']);
  child.stdout?.destroy();
  const stderr = text(child.stderr ?? assert.fail());
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.deepEqual([code, await stderr], [141, '']);
});

test('a start that is refused ends its process, though the input of whoever started it stays open', async () => {
  const child = startAnshin(['serve', '--dir', join(folder, 'no-centre'), '--json', '--until-input-ends'], {
    ANSHIN_PASSPHRASE_FILE: passphrase,
  });
  await once(child, 'exit');
  assert.equal(child.exitCode, 1);
});

test('two centres are set up and paired by commands alone', async () => {
  const environment = { ANSHIN_PASSPHRASE_FILE: passphrase };
  const fingerprints = new Map<string, string>();
  for (const centre of ['CN', 'US']) {
    const place = ['--dir', join(folder, centre)];
    const identity = ['--centre', centre, '--host', `${centre.toLowerCase()}.example`, '--circle', 'us-cn', '--status', 'test'];
    const made = await runAnshin(['init', '--json', ...place, ...identity, '--link-listen', '127.0.0.1:7499'], environment);
    assert.equal(made.code, 0, made.stderr);
    const { fingerprint, token } = JSON.parse(made.stdout) as { readonly fingerprint: string; readonly token: string };
    assert.match(fingerprint, /^\d{5}( \d{5}){7}$/);
    assert.match(token, /^anshin_/);
    fingerprints.set(centre, fingerprint);
    const again = await runAnshin(['init', ...place, ...identity], environment);
    assert.equal(again.code, 1);
    assert.equal((await runAnshin(['pair', ...place, '--export', join(folder, `${centre}.pairing`)])).code, 0);
  }
  const theirs = join(folder, 'US.pairing');
  const wrong = ['--fingerprint', fingerprints.get('CN') ?? ''];
  const refused = await runAnshin(['pair', '--dir', join(folder, 'CN'), theirs, ...wrong], environment);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /do not pair/);
  const right = ['--fingerprint', fingerprints.get('US') ?? ''];
  assert.equal((await runAnshin(['pair', '--dir', join(folder, 'CN'), theirs, ...right], environment)).code, 0);
});

test('officers are added with a token of their own, listed, and withdrawn', async () => {
  const place = ['--dir', join(folder, 'CN')];
  const token = join(folder, 'lin.token');
  assert.equal((await runAnshin(['officer', 'add', 'lin', '--role', 'drafter', '--token-out', token, ...place])).code, 0);
  assert.equal((await runAnshin(['officer', 'add', 'lin', '--role', 'drafter', ...place])).code, 1);
  assert.equal((await runAnshin(['officer', 'add', 'wei', '--role', 'king', ...place])).code, 2);
  assert.equal((await runAnshin(['officer', 'withdraw', 'lin', ...place])).code, 0);
  const listed = await runAnshin(['officer', 'list', '--json', ...place]);
  const { officers } = JSON.parse(listed.stdout) as {
    readonly officers: readonly { readonly id: string; readonly hasToken: boolean }[];
  };
  assert.deepEqual(
    officers.map(({ id, hasToken }) => [id, hasToken]),
    [
      ['supervisor', true],
      ['lin', false],
    ],
  );
});

test('what ships is well: catalogue and agreements', async () => {
  assert.equal((await runAnshin(['catalogue', 'check'])).code, 0);
  assert.equal((await runAnshin(['agreement', 'check'])).code, 0);
  const { stdout } = await runAnshin(['agreement', 'hash', '--json']);
  const { versions } = JSON.parse(stdout) as { readonly versions: readonly { readonly hash: string }[] };
  assert.ok(versions.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash)));
});

test('evidence of a fork is proved, and what falls short of it is refused', async () => {
  interface Vectors {
    readonly accepted: readonly { readonly name: string; readonly evidence: string }[];
    readonly refused: readonly { readonly name: string; readonly evidence: string; readonly code: string }[];
  }
  const vectors = join(import.meta.dirname, '../../spec/vectors/log');
  const lists = JSON.parse(readFileSync(join(vectors, 'key-list.json'), 'utf8')) as {
    readonly accepted: readonly { readonly centre: string; readonly note: string }[];
  };
  const forks = JSON.parse(readFileSync(join(vectors, 'fork.json'), 'utf8')) as Vectors;
  const keys = join(folder, 'fork.keys.note');
  writeFileSync(keys, lists.accepted.find(({ centre }) => centre === 'CN')?.note ?? '');
  const evidence = join(folder, 'evidence.fork');
  for (const accepted of forks.accepted) {
    writeFileSync(evidence, accepted.evidence);
    const { code, stdout } = await runAnshin(['verify', '--fork', evidence, '--keys', keys]);
    assert.equal(code, 0, accepted.name);
    assert.match(stdout, /signed two histories[^]*NOT PROVED[^]*by fault or by intent/);
  }
  for (const refused of forks.refused) {
    writeFileSync(evidence, refused.evidence);
    const { code, stdout } = await runAnshin(['verify', '--json', '--fork', evidence, '--keys', keys]);
    assert.equal(code, 1, refused.name);
    assert.equal(
      (JSON.parse(stdout) as { readonly refused: { readonly code: string } }).refused.code,
      refused.code,
      refused.name,
    );
  }
});

test('what the operating system refuses is said without a stack, with what to do', async () => {
  const refused = await runAnshin(['check', '--dir', '/dev/null/none']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Refused: checking a store\n {2}why {9}ENOTDIR/);
  assert.match(refused.stderr, /what to do/);
  assert.doesNotMatch(refused.stderr, /\n {4}at /);
});

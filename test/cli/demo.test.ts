import assert from 'node:assert/strict';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mustAccept } from '#base/refusal.ts';
import { parseKeyList, publicKeysOf, verifyKeyList } from '#log/keys.ts';
import { formatVkey } from '#log/note.ts';
import { parseRecord } from '#record/envelope.ts';
import { buildGoVerifier } from '#test/interop/go/go-verifier.ts';
import { type Ran, runAnshin } from './run-anshin.ts';

const folder = mkdtempSync(join(tmpdir(), 'anshin-demo-'));
const kept = join(folder, 'kept');
const keyFiles = ['CN', 'US'].map((centre) => join(kept, 'keys', `${centre}.keys.note`));
let played: Ran;

interface Proved {
  readonly verdict: string;
  readonly log: { readonly owner: string };
  readonly cosigned: readonly { readonly witness: string }[];
}

interface Pair {
  readonly centre: string;
  readonly record: string;
  readonly proof: string;
}

function pairs(): readonly Pair[] {
  return globSync('records/*/*.json', { cwd: kept })
    .toSorted()
    .map((path) => ({
      centre: path.split('/')[1] ?? '',
      record: join(kept, path),
      proof: join(kept, path.replace(/\.json$/, '.tlog-proof')),
    }));
}

function recordOf(path: string) {
  return mustAccept(parseRecord(readFileSync(path))).record;
}

function verify(files: { readonly record: string; readonly proof: string }, keys: readonly string[]): Promise<Ran> {
  const args = ['--record', files.record, '--proof', files.proof, ...keys.flatMap((file) => ['--keys', file])];
  return runAnshin(['verify', '--json', ...args]);
}

before(async () => {
  played = await runAnshin(['demo', '--once', '--keep', kept]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the exercise plays to its end and verifies itself', () => {
  assert.equal(played.code, 0, `${played.stdout}\n${played.stderr}`);
  const lines = played.stdout.trim().split('\n');
  assert.match(lines.at(0) ?? '', /EXERCISE/);
  assert.match(lines.at(-1) ?? '', /EXERCISE/);
  assert.match(played.stdout, new RegExp(`Verified\\n {2}${pairs().length} records`));
  assert.doesNotMatch(played.stdout, /FAULT/);
});

test('each side gives the same notice, and is late once by the same time', () => {
  const told = played.stdout.replaceAll(/\s+/g, ' ');
  assert.equal(told.match(/27 h 14 min before the window; minimum 24 h: MET/g)?.length, 2);
  assert.equal(told.match(/1 h 12 min after the launch; at most 1 h: LATE/g)?.length, 2);
});

test('the attacker is caught four times, with the clause', () => {
  const told = played.stdout.replaceAll(/\s+/g, ' ');
  assert.equal(told.match(/REFUSED/g)?.length, 4);
  assert.equal(told.match(/\(link\.peer, spec\/ link 2\)/g)?.length, 2);
  assert.match(told, /\(proof\.inclusion, spec\/ log 2\)/);
  assert.match(told, /\(note\.signature, spec\/ log 3\)/);
});

test('both stores, the key lists, the board and a proof for each record are left', () => {
  for (const centre of ['CN', 'US']) assert.ok(existsSync(join(kept, centre, 'store.sqlite')));
  for (const file of keyFiles) assert.ok(existsSync(file));
  const board = readFileSync(join(kept, 'board.html'), 'utf8');
  assert.match(board, /exercise/i);
  for (const { record, proof } of pairs()) assert.ok(existsSync(proof), record);
  const formats = pairs().map(({ centre, record }) => `${centre} ${recordOf(record).basis.format}`);
  for (const expected of ['ADOPT', 'NOTIFY', 'LAUNCHED', 'ACK', 'RECEIPT']) {
    for (const centre of ['CN', 'US']) assert.ok(formats.includes(`${centre} ${expected}`), `${centre} ${expected}`);
  }
});

test('every record is an exercise, and what no source gives is named in it', () => {
  for (const { record } of pairs()) {
    const { status, exercise, basis, content } = recordOf(record);
    assert.equal(status, 'exercise');
    assert.equal(exercise?.name, 'QUIET HARBOUR');
    if (basis.format === 'NOTIFY' || basis.format === 'LAUNCHED') assert.ok(Array.isArray(content['invented']));
  }
});

test('anshin verify accepts every proof', async () => {
  for (const pair of pairs()) {
    const { code, stdout } = await verify(pair, keyFiles);
    assert.equal(code, 0, stdout);
    const answer = JSON.parse(stdout) as Proved;
    assert.equal(answer.verdict, 'proved');
    assert.equal(answer.log.owner, pair.centre);
    assert.deepEqual(
      answer.cosigned.map(({ witness }) => witness),
      [pair.centre === 'CN' ? 'US' : 'CN'],
    );
  }
});

test('anshin verify says what is not proved, and joins a receipt to its record', async () => {
  const notice = pairs().find(({ record }) => recordOf(record).basis.format === 'NOTIFY');
  assert.ok(notice !== undefined);
  const index = Number(/(\d+)-BMLN/.exec(notice.record)?.[1]);
  const receipt = pairs().find(({ centre, record }) => {
    const { basis, content } = recordOf(record);
    return (
      centre !== notice.centre && basis.format === 'RECEIPT' && Number(content['from']) <= index && index < Number(content['to'])
    );
  });
  assert.ok(receipt !== undefined);
  const keys = keyFiles.flatMap((file) => ['--keys', file]);
  const files = ['--record', notice.record, '--proof', notice.proof];
  const alone = await runAnshin(['verify', ...files, ...keys]);
  assert.match(alone.stdout, /That the other side received it/);
  assert.match(alone.stdout, /Two parties alone/);
  const receipted = ['--receipt', receipt.record, '--receipt-proof', receipt.proof];
  const loose = await runAnshin(['verify', ...files, ...receipted, ...keys]);
  assert.equal(loose.code, 0, loose.stderr);
  assert.match(loose.stdout, /That the leaf received is this record/);
  assert.doesNotMatch(loose.stdout, /cannot deny having had it/);
  const place = ['--receipt-inclusion', notice.record.replace(/\.json$/, '.inclusion')];
  const joined = await runAnshin(['verify', ...files, ...receipted, ...place, ...keys]);
  assert.equal(joined.code, 0, joined.stderr);
  assert.match(joined.stdout, /cannot deny having had it/);
  assert.doesNotMatch(joined.stdout, /That the other side received it/);
  const swapped = await runAnshin(['verify', ...files, '--receipt', notice.record, '--receipt-proof', notice.proof, ...keys]);
  assert.equal(swapped.code, 1);
});

test('a flipped byte anywhere in record, proof or key list is refused', async () => {
  const [first] = pairs();
  assert.ok(first !== undefined);
  const original = { record: first.record, proof: first.proof, keys: keyFiles[0] ?? '' };
  for (const which of ['record', 'proof', 'keys'] as const) {
    const bytes = readFileSync(original[which]);
    for (const share of [0.02, 0.31, 0.63, 0.97]) {
      const place = Math.floor(bytes.length * share);
      const path = join(folder, `flipped-${which}`);
      writeFileSync(path, bytes.with(place, (bytes[place] ?? 0) ^ 1));
      const files = { ...original, [which]: path };
      const { code, stdout, stderr } = await verify(files, [files.keys, keyFiles[1] ?? '']);
      assert.equal(code, 1, `${which} at ${place}: ${stdout}${stderr}`);
      const { refused } = JSON.parse(stdout) as { readonly refused: { readonly clause: string; readonly whatToDo: string } };
      assert.match(refused.clause, /^[a-z-]+ \d+$/);
      assert.ok(refused.whatToDo.length > 10);
    }
  }
});

test("Go's x/mod/sumdb verifies every proof, and not with another record", () => {
  const check = buildGoVerifier(folder);
  for (const { centre, record, proof } of pairs()) {
    const vkey = vkeyOf(join(kept, 'keys', `${centre}.keys.note`));
    assert.match(check('proof', vkey, record, proof), /^included: /);
    assert.match(check('proof', vkey, proof, proof), /^refused: /);
  }
});

function vkeyOf(path: string): string {
  const parsed = mustAccept(parseKeyList(readFileSync(path)));
  const list = mustAccept(verifyKeyList(parsed, mustAccept(publicKeysOf(parsed.list.offline))));
  const [pair] = list.logKeys.pairs;
  assert.ok(pair !== undefined);
  return formatVkey(pair.ed25519);
}

test('the stores that are left check well, and a changed tile is found and made again', async () => {
  const directory = join(kept, 'CN');
  assert.equal((await runAnshin(['check', '--dir', directory])).code, 0);
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(join(directory, 'store.sqlite'));
  database.exec('DELETE FROM tile WHERE log = 2');
  database.close();
  const found = await runAnshin(['check', '--dir', directory]);
  assert.equal(found.code, 1);
  assert.match(found.stdout, /anshin rebuild/);
  const rebuilt = await runAnshin(['rebuild', '--dir', directory, '--json']);
  assert.deepEqual(JSON.parse(rebuilt.stdout), {
    leaves: pairs().length,
    tiles: { made: 2, replaced: 1 },
    counters: { made: 3, replaced: 0 },
  });
  assert.equal((await runAnshin(['check', '--dir', directory])).code, 0);
});

test('a changed leaf is found and never rebuilt; a backup brings it back', async () => {
  const directory = join(kept, 'US');
  const backup = await runAnshin(['backup', '--dir', directory, '--json']);
  assert.equal(backup.code, 0, backup.stderr);
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(join(directory, 'store.sqlite'));
  database.exec(
    "UPDATE leaf SET bytes = CAST(replace(CAST(bytes AS TEXT), 'exercise', 'excercise') AS BLOB) WHERE place % 1099511627776 = 3",
  );
  database.close();
  assert.equal((await runAnshin(['check', '--dir', directory])).code, 1);
  const rebuilt = await runAnshin(['rebuild', '--dir', directory]);
  assert.equal(rebuilt.code, 1);
  assert.match(rebuilt.stderr, /what to do/);
  const anchor = readFileSync(join(directory, 'anchor'));
  const restored = await runAnshin([
    'restore',
    (JSON.parse(backup.stdout) as { readonly path: string }).path,
    '--dir',
    directory,
  ]);
  assert.equal(restored.code, 0, restored.stderr);
  assert.deepEqual(readFileSync(join(directory, 'anchor')), anchor);
  assert.equal((await runAnshin(['check', '--dir', directory])).code, 0);
  assert.equal(globSync('store.sqlite.before-*', { cwd: directory }).length, 1);
});

test('a whole log leaves as static tiles of either side, verifies, and is refused with one entry changed', async () => {
  for (const [position, log] of ['own', 'theirs'].entries()) {
    const to = join(folder, `log-${log}`);
    const written = await runAnshin(['export-log', log, '--dir', join(kept, 'CN'), '--to', to]);
    assert.equal(written.code, 0, written.stderr);
    const keys = keyFiles[position] ?? '';
    const verified = await runAnshin(['verify', '--json', '--log', to, '--keys', keys]);
    assert.equal(verified.code, 0, verified.stderr);
    const { size } = JSON.parse(verified.stdout) as { size: number };
    assert.equal(size, globSync(`records/${log === 'own' ? 'CN' : 'US'}/*.json`, { cwd: kept }).length);
    const again = await runAnshin(['export-log', log, '--dir', join(kept, 'CN'), '--to', to]);
    assert.equal(again.code, 1, 'nothing is overwritten');
    const entries = globSync('tile/entries/**/*', { cwd: to }).find((path) => /\/\d+$/.test(path)) ?? '';
    const bytes = readFileSync(join(to, entries));
    writeFileSync(join(to, entries), bytes.with(100, (bytes[100] ?? 0) ^ 1));
    const changed = await runAnshin(['verify', '--json', '--log', to, '--keys', keys]);
    assert.equal(changed.code, 1);
    assert.match(changed.stdout, /proof\.inclusion/);
  }
});

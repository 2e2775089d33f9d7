// The commands that README.md tells its reader to type do what it says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '#test/run/test-files.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'anshin-readme-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The commands in the shell blocks of the README, each in one line. */
const commands: readonly string[] = [...readme.matchAll(/^```sh\n([^`]*)^```/gm)]
  .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
  .map((line) => line.replace(/ #.*$/, '').replaceAll(/\s+/g, ' ').trim())
  .filter((line) => line !== '');

/** The one command of the README that begins so, as the words after `anshin`. */
function wordsOf(beginning: string): readonly string[] {
  const found = commands.filter((line) => line.startsWith(beginning));
  assert.equal(found.length, 1, `one command of the README begins with ${beginning}`);
  const line = found[0] ?? '';
  return line
    .replace(/^npm start(?: --)?/, 'demo')
    .replace(/^node bin\/anshin\.mjs /, '')
    .split(' ');
}

function anshin(place: string, words: readonly string[]): string {
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, 'four or five words of nobody\n');
  // As a shell does with a star.
  const expanded = words.flatMap((word) => (word.includes('*') ? globSync(word, { cwd: place }) : [word]));
  const done = spawnSync(process.execPath, [join(root, 'src', 'cli', 'main.ts'), ...expanded], {
    cwd: place,
    encoding: 'utf8',
    env: { ...process.env, ANSHIN_PASSPHRASE_FILE: passphrase },
  });
  assert.equal(done.status, 0, `anshin ${words.join(' ')}\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

test('the exercise is played and a record of it verified by the commands of the README', () => {
  const told = anshin(folder, wordsOf('npm start -- '));
  assert.match(
    told,
    /EXERCISE — EXERCISE — EXERCISE\s[^]*27 h 14 min before\s+the window; minimum 24 h: MET[^]*REFUSED[^]*LATE[^]*EXERCISE — EXERCISE/,
  );
  assert.ok(existsSync(join(folder, 'played', 'board.html')));
  const words = wordsOf('node bin/anshin.mjs verify ');
  assert.match(anshin(folder, words), /^PROVED: BMLN\/CN\/\d\d\/000001\/NOTIFY$[^]*^NOT PROVED$/m);
});

test('two centres are set up and paired by the commands of the README', () => {
  const places = { US: join(folder, 'us'), CN: join(folder, 'cn') };
  for (const place of Object.values(places)) mkdirSync(place);
  const init = wordsOf('node bin/anshin.mjs init ');
  const listening = init.indexOf('--link-listen');
  const callingOut = init.toSpliced(listening, 2).map((word) => word.replace(/^US$/, 'CN').replace(/^us\./, 'cn.'));
  anshin(places.US, init);
  anshin(places.CN, callingOut);
  const exported = wordsOf('node bin/anshin.mjs pair --dir ./centre --export ');
  const read = (place: string, words: readonly string[]) =>
    (JSON.parse(anshin(place, [...words, '--json'])) as { readonly fingerprint: string }).fingerprint;
  const heard = {
    US: read(places.US, exported),
    CN: read(
      places.CN,
      exported.map((word) => word.replace('us.', 'cn.')),
    ),
  };
  writeFileSync(join(places.US, 'cn.pairing'), readFileSync(join(places.CN, 'cn.pairing')));
  writeFileSync(join(places.CN, 'us.pairing'), readFileSync(join(places.US, 'us.pairing')));
  const takeIn = wordsOf('node bin/anshin.mjs pair --dir ./centre cn');
  const [address = ''] = /--address \S+:\d+/.exec(readme) ?? [];
  anshin(places.US, [...takeIn, '--fingerprint', heard.CN]);
  anshin(places.CN, [...takeIn.map((word) => word.replace('cn.', 'us.')), '--fingerprint', heard.US, ...address.split(' ')]);
  anshin(places.CN, wordsOf('node bin/anshin.mjs officer add '));
  // Only that it starts: the test has no other side, and the standard input has ended.
  const serve = [...wordsOf('node bin/anshin.mjs serve '), '--until-input-ends', '--json'];
  assert.match(anshin(places.CN, serve), /"kind":"ready","centre":"CN"/);
});

test('the picture of the board is there, and small enough to look at', () => {
  const [, path = ''] = /!\[[^\]]+\]\(([^)]+)\)/.exec(readme) ?? [];
  assert.ok(statSync(join(root, path)).size < 400_000);
});

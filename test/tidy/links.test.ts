// What the pages for people name is there: links, headings, paths, commands with their options, scripts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '#test/run/test-files.ts';
import { clausesIn, commandLinesOf, headingsOf, linkFaults, type Page, scriptsOf } from '#test/tidy/links.ts';
import { clauseFaults } from '#test/tidy/spec-tables.ts';
import { readTextFiles } from '#test/tidy/text-files.ts';

const texts = readTextFiles();
const pages: readonly Page[] = texts.filter(({ path }) => path.endsWith('.md'));

test('a link, a heading or a path that is not there is found', () => {
  const project = {
    exists: (path: string) => ['docs/a.md', 'src/log/tree.ts', 'docs'].includes(path),
    headings: () => ['one-two'],
  };
  const faultsIn = (text: string): number => linkFaults({ path: 'docs/b.md', text }, project).length;
  assert.equal(faultsIn('[a](a.md), [b](../docs/a.md#one-two), [c](https://example.org), `src/log/tree.ts`, [d](../docs)'), 0);
  assert.equal(faultsIn('```sh\n[a](gone.md) `src/gone.ts`\n```\n'), 0);
  assert.equal(faultsIn('[a](gone.md)'), 1);
  assert.equal(faultsIn('[a](../a.md)'), 1);
  assert.equal(faultsIn('[a](a.md#two)'), 1);
  assert.equal(faultsIn('see `src/log/gone.ts`'), 1);
  assert.deepEqual(headingsOf('# One: two\n## 3. `Three`\n'), ['one-two', '3-three']);
});

test('command lines and scripts are found where a page shows them', () => {
  const text =
    'Run `anshin serve --json` or `npm run check`.\n```sh\nnode bin/anshin.mjs officer add lin \\\n  --dir ./c  # adds\nls --all\n```\n';
  assert.deepEqual(commandLinesOf({ path: 'a.md', text }), [
    { page: 'a.md', command: ['officer', 'add'], options: ['--dir'] },
    { page: 'a.md', command: ['serve'], options: ['--json'] },
  ]);
  assert.deepEqual(scriptsOf({ path: 'a.md', text }), ['check']);
});

test('every link, heading and path in the pages is there', () => {
  assert.ok(pages.some(({ path }) => path === 'README.md'));
  const project = {
    exists: (path: string) => existsSync(join(root, path)),
    headings: (path: string) => headingsOf(readFileSync(join(root, path), 'utf8')),
  };
  const faults = pages.flatMap((page) => linkFaults(page, project));
  assert.equal(faults.length, 0, `\n${faults.join('\n')}\n`);
});

test('every clause that the code or a page cites is in spec/', () => {
  assert.deepEqual(clausesIn('(`spec/link.md` 4 to 6), `spec/log.md` 9, and `spec/store.md`'), ['link 4', 'link 6', 'log 9']);
  const spec = new Map(
    pages.flatMap(({ path, text }) =>
      path.startsWith('spec/') ? [[path.slice('spec/'.length, -'.md'.length), text] as const] : [],
    ),
  );
  const citing = texts.filter(({ path }) => /\.(?:md|ts|mjs)$/.test(path) && path !== 'test/tidy/links.test.ts');
  const faults = citing.flatMap(({ path, text }) => clauseFaults(clausesIn(text), spec).map((fault) => `${path}  ${fault}`));
  assert.equal(faults.length, 0, `\n${faults.join('\n')}\n`);
});

test('every command in the pages has its help, with the options that the pages name', () => {
  const lines = pages.flatMap(commandLinesOf);
  const helps = new Map<string, string>();
  for (const { page, command, options } of lines) {
    const name = command.join(' ');
    const help = helps.get(name) ?? helpOf(command);
    helps.set(name, help);
    assert.match(help, new RegExp(`Usage: anshin ${name}(?:\\|[a-z-]+)? `), `${page} names anshin ${name}, which is no command`);
    for (const option of options) assert.match(help, new RegExp(`${option}\\b`), `${page}: anshin ${name} has no ${option}`);
  }
  assert.ok(helps.size > 3);
});

test('every script in the pages is in package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Record<string, string>;
  };
  const unknown = pages.flatMap(scriptsOf).filter((script) => !Object.hasOwn(scripts, script));
  assert.deepEqual(unknown, []);
});

function helpOf(command: readonly string[]): string {
  const words = [join(root, 'src', 'cli', 'main.ts'), ...command, '--help'];
  return spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' }).stdout.replaceAll(/\s+/g, ' ');
}

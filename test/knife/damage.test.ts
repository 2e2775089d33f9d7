import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { mustAccept, type Result } from '#base/refusal.ts';
import { pathsOf, readCentreConfig } from '#centre/config.ts';
import { openCentre } from '#centre/open-centre.ts';
import { withEntry } from '#centre/signer/anchor.ts';
import { AnchorFile } from '#centre/signer/anchor-file.ts';
import { alarmsOf, fileTest, testDraft, untilQuiet } from '#test/federation/concord.ts';
import { PairOfCentres } from '#test/federation/pair-of-centres.ts';

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

test('a store that has not the tree which we cosigned leaves that log unfollowed, with an alarm; the centre starts and shows its own', async (t) => {
  const pair = await PairOfCentres.make({ status: 'test' });
  t.after(() => pair.remove());
  const first = await pair.startBoth();
  await fileTest(first.us, 'ours');
  await fileTest(first.cn, 'theirs', 'Z');
  await untilQuiet(first.cn, first.us);
  await pair.stop('US');
  const file = mustAccept(await AnchorFile.open(pathsOf(pair.directory('US')).anchor));
  const [entry] = file.anchor.followed;
  assert.ok(entry !== undefined);
  const followed = withEntry(file.anchor.followed, {
    ...entry,
    root: entry.root.replaceAll(/./g, (digit) => (digit === '0' ? '1' : '0')),
  });
  mustAccept(await file.write({ ...file.anchor, followed }));
  await file.close();
  const us = (await pair.start('US')).centre;
  const alarms = alarmsOf(us);
  assert.deepEqual(alarms, ['store.damaged']);
  const own = us.identity.origin;
  const sizes = new Map(us.register.held().map(({ origin, size }) => [origin, size]));
  assert.deepEqual([sizes.get(entry.origin), (sizes.get(own) ?? 0) > 0], [0, true]);
  assert.equal(codeOf(await us.proof(own, 0)), 'accepted');
  assert.equal(codeOf(await us.file(testDraft(us, 'nothing is said meanwhile', 'R'))), 'store.damaged');
  assert.equal(codeOf(await us.confirmStore('nor is this')), 'store.damaged');
});

test('an address whose port is none is refused by name', async (t) => {
  const pair = await PairOfCentres.make({ status: 'test' });
  t.after(() => pair.remove());
  const { config } = pathsOf(pair.directory('US'));
  const text = await readFile(config, 'utf8');
  for (const [port, code] of [
    ['65535', 'accepted'],
    ['65536', 'config.form'],
    ['79299', 'config.form'],
    ['99999', 'config.form'],
  ] as const) {
    await writeFile(config, text.replace(/"linkListen": "[^"]*"/, `"linkListen": "127.0.0.1:${port}"`));
    assert.equal(codeOf(await readCentreConfig(pair.directory('US'))), code, port);
  }
});

test('a centre that calls itself otherwise than its signed key list does is not started', async (t) => {
  const pair = await PairOfCentres.make({ status: 'test' });
  t.after(() => pair.remove());
  const { config } = pathsOf(pair.directory('US'));
  await writeFile(config, (await readFile(config, 'utf8')).replace('"centre": "US"', '"centre": "UR"'));
  assert.equal(codeOf(await openCentre(pair.optionsOf('US'))), 'config.form');
});

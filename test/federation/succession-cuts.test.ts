import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustAccept } from '#base/refusal.ts';
import { pathsOf } from '#centre/config.ts';
import { openParts } from '#centre/opened.ts';
import { acceptSuccession } from '#centre/succession/accept.ts';
import { applySuccession } from '#centre/succession/apply.ts';
import { groupsOf } from '#centre/succession/confirmation.ts';
import { at, bao, pairThatSpoke, prepare, signed, take, textIn } from './ceremony.ts';
import { passphrase } from './pair-of-centres.ts';

/** Files of a centre, in the order in which a step changes them. */
type Order = readonly (keyof ReturnType<typeof pathsOf>)[];

/** What a loss of power leaves: the first files as they were to become, the rest as they were. */
async function cutAfter(parts: { before: string; after: string; order: Order; count: number; to: string }): Promise<void> {
  const { before, after, order, count, to } = parts;
  await rm(to, { recursive: true, force: true });
  await cp(before, to, { recursive: true });
  for (const name of order.slice(0, count)) await cp(pathsOf(after)[name], pathsOf(to)[name], { recursive: true, force: true });
}

test('a succession that is cut off after any of its writes is carried out by doing it again', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  const directory = pair.directory('CN');
  const note = await signed(mustAccept(await prepare(pair, 'CN', {})), pathsOf(directory).offline);
  const options = { passphrase, nowMs: Date.now(), officer: bao, note, groups: groupsOf(textIn(note)) };
  const [after, cut] = [join(pair.folder, 'after'), join(pair.folder, 'cut')];
  await cp(directory, after, { recursive: true });
  const whole = mustAccept(await applySuccession({ ...options, directory: after }));
  const order: Order = ['store', 'former', 'keys', 'keyList', 'config', 'anchor'];
  for (const count of order.keys()) {
    await cutAfter({ before: directory, after, order, count: count + 1, to: cut });
    assert.deepEqual(mustAccept(await applySuccession({ ...options, directory: cut })), whole, `after ${order[count]}`);
    const opened = mustAccept(await openParts({ directory: cut, passphrase, nowMs: () => Date.now() }));
    assert.equal(opened.appender.checkpoint.size, whole.size + 1);
    await opened.appender.close();
    await opened.store.close();
    await opened.signer.close();
  }
});

test('taking it over is carried out by doing it again, wherever it was cut off', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  const prepared = mustAccept(await prepare(pair, 'CN', {}));
  const note = await signed(prepared, pathsOf(pair.directory('CN')).offline);
  mustAccept(await take(at(pair, 'US'), note));
  const directory = pair.directory('US');
  const [after, cut] = [join(pair.folder, 'after'), join(pair.folder, 'cut')];
  const options = {
    passphrase,
    nowMs: Date.now(),
    officer: bao,
    note,
    groups: groupsOf(textIn(note)),
    fingerprint: undefined,
    keep: undefined,
    address: undefined,
  };
  await cp(directory, after, { recursive: true });
  const whole = mustAccept(await acceptSuccession({ ...options, directory: after }));
  assert.equal(whole.isDone, true);
  const order: Order = ['store', 'anchor', 'former', 'peerKeyList', 'peer'];
  for (const count of order.keys()) {
    await cutAfter({ before: directory, after, order, count: count + 1, to: cut });
    assert.deepEqual(mustAccept(await acceptSuccession({ ...options, directory: cut })), whole, `after ${order[count]}`);
    const opened = mustAccept(await openParts({ directory: cut, passphrase, nowMs: () => Date.now() }));
    assert.equal(opened.lists.peer?.list.origin, prepared.list.origin);
    assert.equal(opened.store.size(prepared.list.origin), whole.keep);
    await opened.appender.close();
    await opened.store.close();
    await opened.signer.close();
  }
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { accept, mustAccept, refuse } from '#base/refusal.ts';
import { Appender } from '#centre/append.ts';
import { Line, type LineParts } from '#centre/line.ts';
import { americaOrigin, chinaOrigin, PracticeHistory, practiceCentre } from '#centre/signer/practice-centre.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';
import { realWorld } from '#centre/world.ts';
import { formatNote } from '#log/note.ts';

/** A line of a centre whose log has so many leaves; `askMs` is how long the other side is asked. */
async function lineOver(
  t: TestContext,
  {
    size,
    askMs,
    beginning = 0,
    signer: failing,
  }: {
    readonly size: number;
    readonly askMs: number;
    readonly beginning?: number;
    readonly signer?: LineParts['signer'];
  },
) {
  const centre = await practiceCentre(chinaOrigin, americaOrigin);
  const path = join(centre.folder, 'store');
  mustAccept(await createSqliteStore(path));
  const store = mustAccept(await openSqliteStore(path));
  const signer = mustAccept(await centre.openSigner(() => 1_767_600_000_000));
  const appender = mustAccept(await Appender.start({ store, signer, origin: chinaOrigin, turn: realWorld.turn }));
  for (const index of Array(size).keys()) {
    const records = [bytesOfText(`common ${index}`)];
    const build = () => accept({ records, leaves: [], tiles: [], documents: [] });
    mustAccept(await appender.append({ build, cosign: null, urgent: false }));
  }
  const alarms: string[] = [];
  const ownKeys = centre.logKeys;
  const line = new Line({
    appender,
    signer: failing ?? signer,
    beginning,
    ownKeys,
    askMs,
    world: realWorld,
    changed: () => undefined,
    alarm: ({ code }) => alarms.push(code),
  });
  t.after(async () => {
    line.close();
    await appender.close();
    await signer.close();
    await store.close();
    await centre.remove();
  });
  /** A checkpoint of ours as the other side shows it: of the same history, or of one that parts from it at leaf 1. */
  const shown = async (shownSize: number, parting: number) =>
    formatNote((await new PracticeHistory(chinaOrigin, { name: 'other', parting, size: 9 }).signed(shownSize, centre)).note);
  return { line, alarms, shown, signer };
}

function codeOf(result: { readonly ok: boolean; readonly refusal?: { readonly code: string } }): string {
  return result.ok ? 'accepted' : (result.refusal?.code ?? '');
}

test('the line opens when the other side shows a checkpoint of ours that this store continues', async (t) => {
  const { line, shown } = await lineOver(t, { size: 3, askMs: 60_000 });
  assert.equal(codeOf(line.mayFile), 'link.opening');
  line.greeted(undefined);
  line.greeted(bytesOfText('no checkpoint'));
  assert.equal(line.state, 'opening');
  line.greeted(await shown(2, 9));
  assert.equal(line.state, 'open');
});

test('a log that is empty here and not shown there opens at once', async (t) => {
  const { line } = await lineOver(t, { size: 0, askMs: 60_000 });
  line.greeted(undefined);
  assert.equal(line.state, 'open');
});

test('a log that has no more than it began with in a succession opens at once, and one leaf more waits', async (t) => {
  const { line } = await lineOver(t, { size: 3, beginning: 3, askMs: 60_000 });
  line.greeted(undefined);
  assert.equal(line.state, 'open');
  const { line: grown } = await lineOver(t, { size: 4, beginning: 3, askMs: 60_000 });
  grown.greeted(undefined);
  assert.equal(grown.state, 'opening');
});

test('shown more than this store has, the line stays shut whatever a supervisor says, and the anchor is raised', async (t) => {
  const { line, alarms, shown, signer } = await lineOver(t, { size: 3, askMs: 1 });
  line.greeted(await shown(5, 9));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual([line.state, alarms], ['confirm', ['signer.went-back']]);
  assert.equal(codeOf(line.confirm()), 'signer.went-back');
  assert.equal(signer.anchor().own[0]?.size, 5);
});

test('an anchor that cannot be raised to what was shown is told, and not passed over', async (t) => {
  const signer = { raise: () => Promise.resolve(refuse('signer.anchor', 'the disk failed')) };
  const { line, alarms, shown } = await lineOver(t, { size: 3, askMs: 60_000, signer });
  line.greeted(await shown(5, 9));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(alarms, ['signer.went-back', 'signer.anchor']);
});

test('shown another root of ours for a size that is here, the line stays shut', async (t) => {
  const { line, alarms, shown } = await lineOver(t, { size: 3, askMs: 60_000 });
  line.greeted(await shown(2, 1));
  assert.deepEqual([line.state, alarms], ['opening', ['log.fork']]);
});

test('without an answer in time a supervisor may confirm, and not before', async (t) => {
  const { line } = await lineOver(t, { size: 1, askMs: 30 });
  assert.equal(codeOf(line.confirm()), 'link.opening');
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(line.state, 'confirm');
  mustAccept(line.confirm());
  assert.equal(line.state, 'open');
});

test('an open line is judged by every later greeting: what shows that a supervisor was wrong shuts it for good', async (t) => {
  const { line, alarms, shown } = await lineOver(t, { size: 3, askMs: 1 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  mustAccept(line.confirm());
  line.greeted(undefined);
  line.greeted(bytesOfText('no checkpoint'));
  assert.deepEqual([line.state, alarms], ['open', []]);
  line.greeted(await shown(5, 9));
  assert.deepEqual([line.state, alarms], ['confirm', ['signer.went-back']]);
  line.greeted(await shown(2, 9));
  assert.deepEqual(
    [line.state, codeOf(line.confirm()), codeOf(line.mayFile)],
    ['confirm', 'signer.went-back', 'signer.went-back'],
  );
});

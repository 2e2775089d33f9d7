import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mustAccept } from '#base/refusal.ts';
import { textOfTime, timeOfText } from '#base/time.ts';
import type { Judgement } from '#exchange/log-view.ts';
import { MemoryShelves } from '#exchange/memory-shelf.ts';
import { Register } from '#exchange/register.ts';
import type { Status } from '#record/envelope-schema.ts';
import { fullProfile } from '#test/paper-circle.ts';
import { coreDraft, PaperLog } from '#test/paper-log.ts';
import { type LaunchPosition, type UnacceptableLaunch, unacceptableLaunches } from '#test/unacceptable-launches.ts';
import { unacceptableRecords } from '#test/unacceptable-records.ts';

const startMs = mustAccept(timeOfText('2024-09-20T00:00:00.000Z'));
const parties = ['CN', 'US'];

/** Two logs that have begun, folded, and the place in the first where something unacceptable will stand. */
function begin(status: Status): { cn: PaperLog; us: PaperLog; register: Register; at: LaunchPosition } {
  const cn = new PaperLog({ origin: `cn.example/us-cn/${status}`, owner: 'CN', status, parties, successions: [] });
  const us = new PaperLog({ origin: `us.example/us-cn/${status}`, owner: 'US', status, parties, successions: [] });
  const logs = new Map([cn, us].map((log) => [log.origin, log]));
  const register = new Register({
    logs: [cn.identity, us.identity],
    instruments: ({ version }) => (version === fullProfile.hash ? fullProfile : undefined),
    rootAt: (log, size) => logs.get(log)?.rootAt(size) ?? '',
    shelves: new MemoryShelves(),
  });
  const exercise = status === 'exercise' ? { exercise: { name: 'UNACCEPTABLE', scenarioAt: textOfTime(startMs) } } : {};
  const wire = { narrative: { language: 'en', text: 'how do you read' }, ...exercise };
  const theirs = us.file(coreDraft(us, { format: 'ORDERWIRE', content: {}, to: 'CN' }, wire), startMs);
  const own = cn.file(coreDraft(cn, { format: 'ORDERWIRE', content: {}, to: 'US' }, wire), startMs);
  const receivedAt = textOfTime(startMs + 1000);
  const range = { log: us.origin, from: 0, to: 1, size: 1, root: us.rootAt(1), receivedAt, lane: 'next' };
  cn.file(coreDraft(cn, { format: 'RECEIPT', content: range, to: 'US' }, exercise), startMs + 1000);
  takeAll(register, cn);
  takeAll(register, us);
  const filedAtMs = startMs + 3_600_000;
  const at = {
    origin: cn.origin,
    owner: 'CN',
    status,
    peer: 'US',
    peerOrigin: us.origin,
    index: cn.size,
    serial: cn.nextSerial('CORE', filedAtMs),
    launchSerial: 1,
    filedAtMs,
    own,
    theirs,
    receiptedTo: 1,
  };
  return { cn, us, register, at };
}

function takeAll(register: Register, log: PaperLog): void {
  const held = register.held().find(({ origin }) => origin === log.origin)?.size ?? 0;
  for (const [offset, leaf] of log.leaves.slice(held).entries()) register.take(log.origin, held + offset, leaf);
}

function codeOf(judgement: Judgement | undefined): string {
  return judgement?.kind === 'void' || judgement?.kind === 'not-understood'
    ? `${judgement.kind} ${judgement.refusal.code}`
    : 'none';
}

const all: readonly UnacceptableLaunch[] = [...unacceptableRecords, ...unacceptableLaunches];

function judge(record: UnacceptableLaunch, status: Status): void {
  const { cn, register, at } = begin(status);
  const leaves = record.leaves(at);
  for (const [offset, leaf] of leaves.entries()) {
    cn.append(leaf);
    const alone = register.take(cn.origin, at.index + offset, leaf);
    const last = offset === leaves.length - 1;
    if (!last || record.seenBy === 'logs') assert.deepEqual(alone, { kind: 'accepted' }, record.name);
    else assert.equal(codeOf(alone), `${record.judged} ${record.code}`, record.name);
  }
  assert.equal(codeOf(register.standing(cn.origin, cn.size - 1)), `${record.judged} ${record.code}`, record.name);
}

for (const status of ['actual', 'exercise'] as const) {
  test(`each kind of authentic but unacceptable record of status ${status} is refused with its code`, () => {
    for (const record of all) judge(record, status);
  });
}

test('there are at least thirty kinds, each under a name of its own', () => {
  assert.ok(unacceptableRecords.length >= 30);
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
});

test('after each kind, the next good record of the log is accepted', () => {
  for (const record of all) {
    const { cn, register, at } = begin('actual');
    for (const leaf of record.leaves(at)) cn.append(leaf);
    cn.file(coreDraft(cn, { format: 'TEST', content: { text: 'and on' }, to: 'US' }), at.filedAtMs);
    takeAll(register, cn);
    assert.deepEqual(register.standing(cn.origin, cn.size - 1), { kind: 'accepted' }, record.name);
  }
});

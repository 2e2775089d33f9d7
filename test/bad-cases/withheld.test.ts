import { test } from 'node:test';
import { mustAccept } from '#base/refusal.ts';
import { hourMs, minuteMs, textOfTime } from '#base/time.ts';
import type { Filed } from '#centre/desk.ts';
import { isReceipted, testDraft } from '#test/federation/concord.ts';
import { until } from '#test/federation/pair-of-centres.ts';
import { fullProfile, noticeContent } from '#test/paper-circle.ts';
import { ByHand } from './by-hand.ts';
import { Stage } from './stage.ts';

// What officers see, and what a third party hears, where one side says too little, too late or twice. The other side is China's by
// hand: any centre could be in its place, and nothing here says that one would.

async function filed(stage: Stage, text: string): Promise<Filed> {
  return mustAccept(await stage.centre('US').file(testDraft(stage.centre('US'), text, 'R')));
}

async function usAlone(name: string, title: string): Promise<{ readonly stage: Stage; readonly cn: ByHand }> {
  const stage = await Stage.open(name, title, { heartbeatSeconds: 3600 });
  await stage.pair.start('US');
  await stage.serve('US');
  const cn = await ByHand.of(stage);
  await cn.connect();
  return { stage, cn };
}

test('1: a receipt is withheld', async (t) => {
  const { stage, cn } = await usAlone(
    '01-receipt-withheld',
    'Case 1. China’s centre cosigns the log of the United States over a record, and says neither that it received it nor that it did not.',
  );
  t.after(() => stage.close());
  const { index } = await filed(stage, 'a record that is cosigned and not receipted');
  await cn.cosign(await cn.receive(index));
  stage.pass(minuteMs + 1000);
  await stage.showState('US');
  await stage.showStanding('US', 'own', index);
  await stage.verify('the record with the proof that the United States wrote out', await stage.exported('US', 'own', index));
  stage.compare();
});

/** Both halves of the adoption of the launch notification agreement, in force at once. */
async function adopted(stage: Stage, cn: ByHand): Promise<void> {
  const content = { agreement: 'BMLN', version: fullProfile.hash, inForceFrom: textOfTime(stage.nowMs('US')) };
  const base = testDraft(stage.centre('US'), '', 'R');
  const basis = { ...base.basis, format: 'ADOPT' };
  const originator = { centre: 'US', role: 'releaser' } as const;
  const adoption = await stage.centre('US').file({ ...base, class: 'declaration', basis, content, originator });
  const delivery = await cn.receive(mustAccept(adoption).index);
  await cn.cosign(delivery);
  cn.file('ADOPT', content);
  cn.receipt(delivery, { receivedAtMs: stage.nowMs('CN') });
  await cn.deliver();
}

/** A notice whose window opens so long from now. */
async function notified(stage: Stage, aheadMs: number): Promise<Filed> {
  const format = fullProfile.formats.get('NOTIFY');
  if (format === undefined) throw new Error('the agreement has notices');
  const base = testDraft(stage.centre('US'), '', 'R');
  return mustAccept(
    await stage.centre('US').file({
      ...base,
      class: format.class,
      precedence: { action: 'O', info: 'R' },
      originator: { centre: 'US', role: 'releaser' },
      basis: { agreement: 'BMLN', version: fullProfile.hash, article: format.article, format: 'NOTIFY' },
      content: noticeContent(stage.nowMs('US') + aheadMs),
    }),
  );
}

test('2: a receipt is given late', async (t) => {
  const { stage, cn } = await usAlone(
    '02-receipt-late',
    'Case 2. A notice is due 24 hours ahead. The first is receipted late by China’s centre, which had cosigned it in time: disputed, with two margins. The second is both cosigned and receipted after the limit: late.',
  );
  t.after(() => stage.close());
  await adopted(stage, cn);
  const disputed = await notified(stage, 25 * hourMs);
  const first = await cn.receive(disputed.index);
  await cn.cosign(first);
  stage.pass(70 * minuteMs);
  cn.receipt(first, { receivedAtMs: stage.nowMs('CN') });
  await cn.deliver();
  await until('the receipt', () => isReceipted(stage.centre('US'), disputed));
  await stage.showStanding('US', 'own', disputed.index);
  const late = await notified(stage, 24 * hourMs + 5 * minuteMs);
  const second = await cn.receive(late.index);
  stage.pass(10 * minuteMs);
  await cn.cosign(second);
  cn.receipt(second, { receivedAtMs: stage.nowMs('CN') });
  await cn.deliver();
  await until('the receipt', () => isReceipted(stage.centre('US'), late));
  await stage.showStanding('US', 'own', late.index);
  await stage.showState('US');
  const { record: receipt, proof: receiptProof } = await cn.shown('CN-receipt', 2);
  const shown = await stage.exported('US', 'own', disputed.index);
  const inclusion = mustAccept(stage.centre('US').inclusion(disputed.origin, disputed.index, disputed.index + 1));
  const receiptInclusion = stage.keep('US-own.inclusion', new TextEncoder().encode(inclusion));
  await stage.verify('the first notice with its receipt', { ...shown, receipt, receiptProof, receiptInclusion });
  stage.compare();
});

test('3: a receipt is given twice', async (t) => {
  const { stage, cn } = await usAlone(
    '03-receipt-twice',
    'Case 3. China’s centre logs a second receipt of a record, an hour after the first and with another time.',
  );
  t.after(() => stage.close());
  const { index } = await filed(stage, 'a record that is receipted twice');
  const delivery = await cn.receive(index);
  await cn.cosign(delivery);
  cn.receipt(delivery, { receivedAtMs: stage.nowMs('CN') });
  await cn.deliver();
  stage.pass(hourMs);
  const second = cn.receipt(delivery, { from: index, receivedAtMs: stage.nowMs('CN') });
  await cn.deliver();
  await until('the second is refused', () => stage.centre('US').linkState().own.logged === 2);
  await stage.showState('US');
  await stage.showStanding('US', 'own', index);
  await stage.showStanding('US', 'theirs', second.index);
  const shown = await stage.exported('US', 'own', index);
  const inclusion = mustAccept(
    stage.centre('US').inclusion(delivery.header.kind === 'next' ? stage.centre('US').identity.origin : '', index, 1),
  );
  const receiptInclusion = stage.keep('US-own.inclusion', new TextEncoder().encode(inclusion));
  const { record: receipt, proof: receiptProof } = await cn.shown('CN-second', second.index);
  await stage.verify('the record with the second receipt alone', { ...shown, receipt, receiptProof, receiptInclusion });
  stage.compare();
});

test('4: a cosignature is withheld', async (t) => {
  const { stage, cn } = await usAlone(
    '04-cosignature-withheld',
    'Case 4. China’s centre receipts a record, and does not cosign the log that it stands in.',
  );
  t.after(() => stage.close());
  const { index } = await filed(stage, 'a record that is receipted and not cosigned');
  const delivery = await cn.receive(index);
  cn.receipt(delivery, { receivedAtMs: stage.nowMs('CN') });
  await cn.deliver();
  stage.pass(2 * minuteMs);
  await stage.showState('US');
  await stage.showStanding('US', 'own', index);
  await stage.verify('the record with the proof that the United States wrote out', await stage.exported('US', 'own', index));
  stage.compare();
});

import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { mustAccept } from '#base/refusal.ts';
import { hourMs, minuteMs } from '#base/time.ts';
import type { Centre } from '#centre/centre.ts';
import { pathsOf } from '#centre/config.ts';
import type { Filed } from '#centre/desk.ts';
import { fileTest, isReceipted, testDraft, untilQuiet } from '#test/federation/concord.ts';
import { until } from '#test/federation/pair-of-centres.ts';
import { Stage } from './stage.ts';

// What officers see, and what a third party hears, of a flood, of silence, and of a clock that is wrong; between two real centres.

/** An operators' message in plain text, which asks to be acknowledged. */
async function fileFlash(centre: Centre, text: string): Promise<Filed> {
  const draft = testDraft(centre, '', 'Z');
  const basis = { ...draft.basis, format: 'ORDERWIRE' };
  return mustAccept(await centre.file({ ...draft, class: 'orderwire', basis, content: {}, narrative: { language: 'en', text } }));
}

test('11: a flood beyond the budget', async (t) => {
  const stage = await Stage.open(
    '11-flood',
    'Case 11. The pairing allows six records a day and one FLASH an hour. China’s centre files two FLASH, and then more records than the day allows.',
    { heartbeatSeconds: 3600 },
  );
  t.after(() => stage.close());
  const { peer } = pathsOf(stage.pair.directory('US'));
  const budget = { bytesPerDay: 2_000_000, recordsPerDay: 6, flashPerHour: 1 };
  await writeFile(peer, JSON.stringify({ ...JSON.parse(await readFile(peer, 'utf8')), budget }));
  const { cn, us } = await stage.pair.startBoth();
  await stage.alive('CN', 'US');
  for (const party of ['CN', 'US'] as const) await stage.serve(party);
  for (const text of ['the first FLASH', 'the second FLASH']) {
    const flash = await fileFlash(cn, text);
    await until('the receipt of a FLASH', () => isReceipted(cn, flash) && us.linkState().theirs.held > flash.index);
  }
  for (let number = 1; us.linkState().deferred.byUs === null; number += 1) {
    const { index } = await fileTest(cn, `record ${number}`);
    await until('it is held or deferred', () => us.linkState().theirs.held > index || us.linkState().deferred.byUs !== null);
  }
  await until('the other side knows', () => cn.linkState().deferred.byThem !== null);
  const last = await fileTest(cn, 'one more');
  await stage.agreed({ CN: 6, US: 6 });
  stage.pass(10 * minuteMs);
  await stage.showState('US');
  await stage.showState('CN');
  await stage.showStanding('CN', 'own', last.index);
  await stage.verify('the record that waits, as China’s centre wrote it out', await stage.exported('CN', 'own', last.index));
  stage.compare();
});

test('12: silence', async (t) => {
  const stage = await Stage.open(
    '12-silence',
    'Case 12. The line between the two centres is cut, and nothing is heard for ten minutes. The United States file a record meanwhile.',
  );
  t.after(() => stage.close());
  const { cn, us } = await stage.pair.startBoth();
  await stage.alive('CN', 'US');
  await fileTest(us, 'before the silence');
  await untilQuiet(cn, us);
  await stage.agreed({ CN: 1, US: 1 });
  await stage.serve('US');
  await stage.pair.stop('CN');
  await until('the line is lost', () => us.linkState().paths.every(({ connected }) => !connected));
  stage.pass(10 * minuteMs);
  const { index } = await fileTest(us, 'into the silence');
  await stage.showState('US');
  await stage.showStanding('US', 'own', index);
  await stage.verify('the record that was filed meanwhile', await stage.exported('US', 'own', index));
  stage.compare();
});

test('13: a clock that is wrong by hours', async (t) => {
  const stage = await Stage.open(
    '13-clock-wrong',
    'Case 13. The clock of China’s centre is three hours ahead. It files and receipts by it; then it is set right, and what it signed is still to come.',
    { heartbeatSeconds: 3600 },
  );
  t.after(() => stage.close());
  stage.skew('CN', 3 * hourMs);
  const { cn, us } = await stage.pair.startBoth();
  await stage.alive('CN', 'US');
  for (const party of ['CN', 'US'] as const) await stage.serve(party);
  const theirs = await fileTest(cn, 'by a clock that is ahead');
  await untilQuiet(cn, us);
  const ours = await fileTest(us, 'by a clock that is right');
  await untilQuiet(cn, us);
  await stage.agreed({ CN: 2, US: 2 });
  await stage.showState('US');
  await stage.showState('CN');
  await stage.showStanding('US', 'own', ours.index);
  await stage.showStanding('US', 'theirs', theirs.index);
  await stage.verify('the record that was dated three hours ahead', await stage.exported('US', 'theirs', theirs.index));
  stage.skew('CN', -3 * hourMs);
  const after = await fileTest(us, 'after the clock was set right');
  await until('its receipt', () => isReceipted(us, after));
  await untilQuiet(cn, us);
  await stage.agreed({ CN: 5, US: 2 });
  stage.pass(2 * minuteMs);
  await stage.showState('US');
  await stage.showState('CN');
  await stage.showStanding('US', 'own', after.index);
  stage.compare();
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accept, mustAccept } from '#base/refusal.ts';
import { minuteMs, type TimeMs, textOfTime } from '#base/time.ts';
import type { Centre } from '#centre/centre.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import type { Filed } from '#centre/desk.ts';
import { openParts } from '#centre/opened.ts';
import { numberIn } from '#exchange/acceptance.ts';
import { refusalsOf } from '#exchange/log-view.ts';
import { receiptedTo } from '#exchange/receipt-book.ts';
import { allKeys, eachRow } from '#exchange/shelf.ts';
import { parseRecord } from '#record/envelope.ts';
import { parseNumber, seriesKey } from '#record/number.ts';
import { type LogPosition, type UnacceptableRecord, unacceptableRecords } from '#test/unacceptable-records.ts';
import { alarmsOf, assertConcord, fileTest, isReceipted, untilQuiet } from './concord.ts';
import { PairOfCentres, until } from './pair-of-centres.ts';

test('after each kind of unacceptable record the next FLASH is receipted, and the record refused by its code', async (t) => {
  assert.ok(unacceptableRecords.length >= 30);
  let offsetMs = 0;
  let answered = 0;
  const nowMs = (): TimeMs => Date.now() + offsetMs;
  const pair = await PairOfCentres.make({ status: 'test', nowMs: { CN: nowMs, US: nowMs } });
  t.after(() => pair.remove());
  let { cn, us } = await pair.startBoth();
  const alarms = alarmsOf(us);
  const [own, theirs] = [await fileOrderwire(cn), await fileOrderwire(us)];
  await untilQuiet(cn, us);
  // The kinds ask for a log whose first record is older than the tolerance of clocks.
  offsetMs = 3 * minuteMs;
  for (const kind of unacceptableRecords) {
    await untilQuiet(cn, us);
    const at = positionOf(cn, { own, theirs, filedAtMs: nowMs() });
    await pair.stop('CN');
    const index = await appendAsOwner(pair, kind, at);
    cn = (await pair.start('CN')).centre;
    await until('the line is open', () => cn.linkState().line === 'open');
    const flash = await fileTest(cn, `after ${kind.name}`, 'Z');
    await until(`a receipt of the FLASH after ${kind.name}`, () => isReceipted(cn, flash));
    assert.equal(us.register.standing(own.log, index)?.kind, kind.judged, kind.name);
    // A refusal that is itself void is answered by none, or two centres would refuse each other for ever.
    if (isRefusal(kind, at)) continue;
    const refusals = (centre: Centre) => {
      const view = centre.register.log(theirs.log)?.held;
      return view === undefined ? [] : refusalsOf(view, { log: own.log, index }).map(({ code }) => code);
    };
    await until(`the refusal of ${kind.name}`, () => refusals(us).length > 0 && refusals(cn).length > 0);
    assert.deepEqual(refusals(us), [kind.code], kind.name);
    assert.deepEqual(refusals(cn), [kind.code], kind.name);
    answered += 1;
  }
  assert.ok(answered >= 30);
  const refused = (): number => {
    const view = us.register.log(theirs.log)?.held;
    return view === undefined ? 0 : [...eachRow(view.refusals, allKeys)].length;
  };
  await untilQuiet(cn, us);
  assert.equal(refused(), answered);
  const codes = unacceptableRecords.map(({ code }) => code);
  await assertConcord(cn, us, codes);
  assert.deepEqual(alarms, [], 'what is authentic alarms nobody');
  // After a start nothing is refused a second time.
  await pair.stop('US');
  us = (await pair.start('US')).centre;
  await until('the line is open', () => us.linkState().line === 'open' && cn.linkState().line === 'open');
  await untilQuiet(cn, us);
  assert.equal(refused(), answered);
  await assertConcord(cn, us, codes);
});

function isRefusal(kind: UnacceptableRecord, at: LogPosition): boolean {
  const parsed = parseRecord(kind.leaves(at).at(-1) ?? new Uint8Array());
  return parsed.ok && parsed.value.record.basis.format.startsWith('REFUSAL');
}

type Orderwire = LogPosition['own'];

async function fileOrderwire(centre: Centre): Promise<Orderwire> {
  const { identity } = centre;
  const context = { identity, peerCentre: identity.peer?.centre ?? '', salt: centre.salt(), dutyTimeMs: centre.dutyTimeMs() };
  const draft = coreDraft(context, { format: 'ORDERWIRE', content: {}, role: 'watch-officer', precedence: 'R', references: [] });
  const { origin, index, id }: Filed = mustAccept(
    await centre.file({ ...draft, narrative: { language: 'en', text: 'all well' } }),
  );
  return { log: origin, index, id };
}

function positionOf(
  cn: Centre,
  known: { readonly own: Orderwire; readonly theirs: Orderwire; readonly filedAtMs: TimeMs },
): LogPosition {
  const view = cn.register.log(known.own.log)?.held ?? assert.fail('the log of China');
  const year = textOfTime(known.filedAtMs).slice(2, 4);
  return {
    origin: known.own.log,
    owner: 'CN',
    status: 'test',
    peer: 'US',
    peerOrigin: known.theirs.log,
    index: view.size,
    serial: (view.serials.greatest.get(seriesKey({ agreement: 'CORE', centre: 'CN', year })) ?? 0) + 1,
    ...known,
    receiptedTo: receiptedTo(view.receipts, known.theirs.log),
  };
}

/** Appends as an owner can whose software is not this one: with its keys, its store, and any bytes at all. */
async function appendAsOwner(pair: PairOfCentres, kind: UnacceptableRecord, at: LogPosition): Promise<number> {
  const { appender, store, signer } = mustAccept(await openParts(pair.optionsOf('CN')));
  const records = kind.leaves(at);
  const appended = await appender.append({
    build: (place) => {
      // The owner's own count goes on from the greatest serial that stands in its log.
      const greatest = new Map<string, number>();
      for (const record of records) {
        const number = parseNumber(numberIn(record) ?? '');
        if (!number.ok) continue;
        const key = seriesKey(number.value.series);
        while ((greatest.get(key) ?? 0) < number.value.serial) greatest.set(key, place.serial(key));
      }
      return accept({ records, leaves: [], tiles: [], documents: [] });
    },
    cosign: null,
    urgent: false,
  });
  await appender.close();
  await store.close();
  await signer.close();
  return mustAccept(appended).index + records.length - 1;
}

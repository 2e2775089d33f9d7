import type { Language } from '#agreement/instrument-schema.ts';
import type { Margin } from '#agreement/margin.ts';
import { marginText } from '#agreement/margin-text.ts';
import { coreTexts } from '#agreement/text/core-texts.ts';
import { clockToleranceMs, receiptWithinMs } from '#base/limits.ts';
import type { Refusal } from '#base/refusal.ts';
import type { RefusalCode } from '#base/refusal-codes.ts';
import { type TimeMs, timeOfText } from '#base/time.ts';
import type { RungAlarm } from '#centre/alarm-book.ts';
import type { Concern } from '#centre/concern/concern.ts';
import { concernKinds } from '#centre/concern/concern-words.ts';
import type { Desk, LinkState } from '#centre/desk.ts';
import { readEvidence } from '#centre/evidence.ts';
import { addresseesOf } from '#exchange/addressee.ts';
import { readMatter } from '#exchange/matter.ts';
import { receiptedTo } from '#exchange/receipt-book.ts';
import { allKeys, indexOfKey } from '#exchange/shelf.ts';
import { parseRecord } from '#record/envelope.ts';

/** Matters of each log that are looked at, the newest. */
const mattersMax = 20;
/** Leaves of ours without a receipt that are looked at; those before the rest. */
const unreceiptedMax = 200;

interface Peer {
  readonly centre: string;
  readonly origin: string;
}

/** What a person on watch has to know now, the gravest first. Reads, and changes nothing. */
export async function concernsOf(desk: Desk, waiting: readonly { readonly number: string; readonly sounds: boolean }[]) {
  const { peer } = desk.identity;
  if (peer === null) return [];
  const link = desk.linkState();
  const concerns: readonly Concern[] = [
    ...lineConcerns(peer, link),
    ...(await historyConcerns(desk, peer)),
    ...(await withheldConcerns(desk, peer, link)),
    ...disputedConcerns(desk, peer),
    ...pathConcerns(peer, link),
    ...deferralConcerns(desk, peer, link),
    ...silentConcerns(peer, waiting),
  ];
  const told = [...concerns, ...alarmConcerns(desk, peer, concerns)];
  const rank = ({ kind }: Concern): number => concernKinds.indexOf(kind);
  return told.toSorted((a, b) => rank(a) - rank(b));
}

function lineConcerns({ centre: peer }: Peer, { waits, line }: LinkState): readonly Concern[] {
  if (waits?.code === 'signer.went-back') return [{ kind: 'store-behind', peer, values: { reason: waits.detail } }];
  return line === 'confirm' && waits?.code === 'link.opening' ? [{ kind: 'store-unconfirmed', peer }] : [];
}

async function historyConcerns(desk: Desk, { centre: peer }: Peer): Promise<readonly Concern[]> {
  const concerns: Concern[] = [];
  const { forks, apart } = await readEvidence(desk.store);
  for (const [kind, kept] of [
    ['two-histories', forks],
    ['flash-apart', apart],
  ] as const) {
    const [first] = kept;
    if (first !== undefined) concerns.push({ kind, peer, times: { first: first.keptAtMs }, values: { count: kept.length } });
  }
  const accusation = desk.alarms().find(({ refusal }) => isAccusation(refusal, peer));
  if (accusation === undefined) return concerns;
  const { smaller = '', larger = '' } = accusation.refusal.evidence;
  return [...concerns, { kind: 'accused', peer, times: { first: accusation.firstMs }, values: { smaller, larger } }];
}

function isAccusation({ code, evidence }: Refusal, peer: string): boolean {
  return code === 'log.fork' && evidence['by'] === peer;
}

/** What the other side owes us by what it has signed: a receipt a minute after its cosignature, a cosignature a minute after ours. */
async function withheldConcerns(desk: Desk, { centre: peer, origin }: Peer, link: LinkState): Promise<readonly Concern[]> {
  const own = desk.identity.origin;
  const from = Math.min(receiptedTo(desk.register.log(origin)?.held.receipts, own), desk.store.size(own));
  const leaves = await desk.store.leaves(own, from, { count: unreceiptedMax, bytes: Number.MAX_SAFE_INTEGER });
  const at = { realMs: desk.nowMs(), scenarioMs: desk.dutyTimeMs() };
  const withheld = leaves.flatMap((leaf, offset) => {
    const known = parseRecord(leaf);
    if (!known.ok) return [];
    const { id, record } = known.value;
    const place = { log: own, index: from + offset };
    const reading = addresseesOf(desk.register, { place, id, record }, at).find(({ centre }) => centre === peer);
    return reading === undefined || reading.withheld === null ? [] : [{ number: record.number, place, ...reading.withheld }];
  });
  const [first] = withheld;
  const receipt: Concern[] =
    first === undefined
      ? []
      : [
          {
            kind: 'receipt-withheld',
            peer,
            times: { cosigned: first.cosignature.timeMs, due: first.dueMs },
            values: { number: first.number, index: first.place.index, count: withheld.length },
          },
        ];
  return [...receipt, ...(await uncosignedConcern(desk, peer, link))];
}

/** Of the newest matters of each log, those whose deadline has readings on two sides of the limit. */
function disputedConcerns(desk: Desk, { centre: peer, origin }: Peer): readonly Concern[] {
  const { register } = desk;
  const at = { realMs: desk.nowMs(), scenarioMs: desk.dutyTimeMs() };
  const newest = { ...allKeys, limit: mattersMax, order: 'down' } as const;
  const places = [desk.identity.origin, origin].flatMap((log) =>
    (register.log(log)?.held.openings.rows(newest) ?? []).map(({ key }) => ({ log, index: indexOfKey(key) })),
  );
  return places.flatMap((place) => {
    const matter = readMatter(register, place, at);
    const disputed = matter?.due.flatMap(({ margins }) => margins).filter(isDisputed) ?? [];
    const record = matter?.records[0]?.record;
    const instrument = record === undefined ? undefined : register.instruments(record.basis);
    if (record === undefined || instrument === undefined || disputed.length === 0) return [];
    const inWords = (language: Language) => ({
      margins: disputed.map((margin) => marginText(margin, instrument, language)).join(coreTexts[language].punctuation.semicolon),
    });
    const worded = { en: inWords('en'), zh: inWords('zh'), ja: inWords('ja') };
    return [{ kind: 'deadline-disputed', peer, values: { number: record.number }, worded } as const];
  });
}

/** A receipt that is withheld disputes a deadline too, with one reading, and is told by itself. */
function isDisputed({ state, readings }: Margin): boolean {
  return state === 'disputed' && readings.length > 1;
}

/** What the other side has not cosigned, or no longer holds, more than a minute after it was filed. */
async function uncosignedConcern(desk: Desk, peer: string, link: LinkState): Promise<readonly Concern[]> {
  const { cosigned, held } = link.own;
  if (!link.paths.some(({ path, connected }) => path === 'next' && connected)) return [];
  // What they do not hold, they may have had no chance to cosign.
  const uncosigned = held !== null && cosigned < held ? await overdueSince(desk, cosigned) : undefined;
  const missing = held !== null && held < cosigned ? await overdueSince(desk, held) : undefined;
  return [
    ...(uncosigned === undefined || held === null
      ? []
      : [{ kind: 'cosignature-withheld', peer, times: { filed: uncosigned }, values: { held, cosigned } } as const]),
    ...(missing === undefined || held === null
      ? []
      : [{ kind: 'holds-less', peer, times: { filed: missing }, values: { held, cosigned } } as const]),
  ];
}

/** When a leaf of ours was filed, if that is more than a minute ago. */
async function overdueSince(desk: Desk, index: number): Promise<TimeMs | undefined> {
  const leaf = await desk.store.leaf(desk.identity.origin, index);
  const filed = leaf === undefined ? undefined : filedAtOf(leaf);
  return filed === undefined || desk.nowMs() - filed < receiptWithinMs ? undefined : filed;
}

function filedAtOf(leaf: Uint8Array): TimeMs | undefined {
  const known = parseRecord(leaf);
  const time = known.ok ? timeOfText(known.value.record.filedAt) : known;
  return time.ok ? time.value : undefined;
}

function pathConcerns({ centre: peer }: Peer, { paths }: LinkState): readonly Concern[] {
  const silent = paths.filter(({ connected }) => !connected);
  const unproved = paths.filter(({ connected, state }) => connected && state !== 'alive');
  const apart = paths.find(({ state, clockOffsetMs }) => state === 'alive' && Math.abs(clockOffsetMs) > clockToleranceMs);
  const concern = (kind: 'path-silent' | 'path-unproved', of: LinkState['paths']): readonly Concern[] => {
    const heard = of.map(({ lastHeardMs }) => lastHeardMs).filter((timeMs) => timeMs !== null);
    const times = { heard: heard.length === 0 ? null : Math.max(...heard) };
    return of.length === 0 ? [] : [{ kind, peer, paths: of.map(({ path }) => path), times }];
  };
  return [
    ...concern('path-silent', silent),
    ...concern('path-unproved', unproved),
    ...(apart === undefined
      ? []
      : [{ kind: 'clocks-apart', peer, times: { heard: apart.lastHeardMs }, offsetMs: apart.clockOffsetMs } as const]),
  ];
}

function deferralConcerns(desk: Desk, { centre: peer }: Peer, { deferred, own }: LinkState): readonly Concern[] {
  const concerns: Concern[] = [];
  for (const [kind, deferral] of [
    ['deferred-by-them', deferred.byThem],
    ['deferred-by-us', deferred.byUs],
  ] as const) {
    if (deferral === null || deferral.untilMs <= desk.nowMs()) continue;
    const values = { reason: deferral.reason, waiting: own.logged - (own.held ?? 0) };
    concerns.push({ kind, peer, times: { until: deferral.untilMs }, values });
  }
  return concerns;
}

function silentConcerns(
  { centre: peer }: Peer,
  waiting: readonly { readonly number: string; readonly sounds: boolean }[],
): readonly Concern[] {
  const numbers = waiting.filter(({ sounds }) => !sounds).map(({ number }) => number);
  return numbers.length === 0 ? [] : [{ kind: 'flash-without-alarm', peer, values: { numbers: numbers.join(', ') } }];
}

/** Alarms that another concern tells better, always or where it is there. */
const toldOtherwise: readonly RefusalCode[] = ['signer.went-back', 'link.opening'];
const toldByFork: readonly RefusalCode[] = ['log.fork', 'log.fork-not-shown', 'link.leaf-differs'];
/** Alarms that sound here only where our own clock went back. */
const ofOwnClock: readonly RefusalCode[] = ['signer.clock', 'record.filing-time'];

function alarmConcerns(desk: Desk, { centre: peer }: Peer, told: readonly Concern[]): readonly Concern[] {
  const isFork = told.some(({ kind }) => kind === 'two-histories' || kind === 'accused');
  const silent = isFork ? [...toldOtherwise, ...toldByFork] : toldOtherwise;
  const alarms = desk.alarms().filter(({ refusal }) => !silent.includes(refusal.code));
  const clock = alarms.find(({ refusal }) => ofOwnClock.includes(refusal.code));
  const concernOf = (kind: 'own-clock' | 'alarm', { refusal, count, firstMs, lastMs }: RungAlarm): Concern => {
    const { detail, code, clause } = refusal;
    return { kind, peer, times: { first: firstMs, last: lastMs }, values: { detail, code, clause, count } };
  };
  return [
    ...(clock === undefined ? [] : [concernOf('own-clock', clock)]),
    ...alarms.filter(({ refusal }) => !ofOwnClock.includes(refusal.code)).map((alarm) => concernOf('alarm', alarm)),
  ];
}

import { languages } from '#agreement/render.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { type StandingFacts, standingLines } from '#centre/concern/standing-text.ts';
import type { Desk } from '#centre/desk.ts';
import { logNameOf } from '#centre/people/log-name.ts';
import { addresseesOf } from '#exchange/addressee.ts';
import type { Place } from '#exchange/log-view.ts';
import { type MatterReading, readMatter, saidAbroad } from '#exchange/matter.ts';
import { awaitsReceipt } from '#record/core-formats.ts';
import { idOf, parseRecord } from '#record/envelope.ts';

export interface PlacedLeaf {
  readonly place: Place;
  readonly bytes: Uint8Array;
}

/** The bytes of a leaf: held, or come by the urgent lane ahead of those before it. Refused: `request.unknown`. */
export async function leafAt(desk: Desk, place: Place): Promise<Result<PlacedLeaf>> {
  const held = await desk.store.leaf(place.log, place.index);
  if (held !== undefined) return accept({ place, bytes: held });
  const urgent = desk.register.urgentLeaf(place);
  if (urgent !== undefined) return accept({ place, bytes: urgent });
  const { log, index } = place;
  return refuse('request.unknown', `there is no leaf ${index} of ${log} here`, { log, index });
}

/** One line of a list of records; what cannot be read has its place, id and standing. */
export function recordRow(desk: Desk, place: Place, bytes: Uint8Array) {
  const known = parseRecord(bytes);
  const record = known.ok ? known.value.record : null;
  return {
    log: logNameOf(desk.identity, place.log),
    index: place.index,
    id: idOf(bytes),
    standing: desk.register.standing(place.log, place.index) ?? null,
    number: record?.number ?? null,
    class: record?.class ?? null,
    basis: record?.basis ?? null,
    precedence: record?.precedence ?? null,
    filedAt: record?.filedAt ?? null,
  };
}

/** A record with its standing, the matter that it belongs to, what its addressees said of it, and all that in words. */
export function readRecord(desk: Desk, place: Place, bytes: Uint8Array) {
  const { identity, register } = desk;
  const known = parseRecord(bytes);
  const id = idOf(bytes);
  const at = momentOf(desk);
  const matter = readMatter(register, place, at);
  const reading = matter?.records.find((each) => each.place.index === place.index);
  const record = known.ok ? known.value.record : null;
  const standing = register.standing(place.log, place.index);
  const addressees = reading?.addressees ?? (record === null ? [] : addresseesOf(register, { place, id, record }, at));
  const said = saidAbroad(register, { place, id });
  const begins = matter?.place.index === place.index;
  const facts: StandingFacts = {
    standing,
    record,
    addressees: awaitsReceipt(record ?? undefined) ? addressees : [],
    cosigned: addressees.flatMap(({ centre }) => register.cosigned(place, centre) ?? []),
    refusals: said.refusals,
    due: begins ? matter.due : [],
    instrument: record === null ? undefined : register.instruments(record.basis),
  };
  return {
    log: logNameOf(identity, place.log),
    origin: place.log,
    index: place.index,
    id,
    record,
    unread: known.ok ? null : known.refusal,
    standing: standing ?? null,
    addressees,
    undecided: reading?.undecided ?? [],
    ...said,
    matter: matter === undefined ? null : { log: logNameOf(identity, matter.place.log), index: matter.place.index },
    text: Object.fromEntries(languages.map((language) => [language, standingLines(facts, language)])),
    at,
    restsOn: register.held(),
  };
}

/** The time that readings are asked for. */
export function momentOf(desk: Desk): MatterReading['at'] {
  return { realMs: desk.nowMs(), scenarioMs: desk.dutyTimeMs() };
}

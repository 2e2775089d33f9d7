import { setImmediate } from 'node:timers/promises';
import type { Instrument } from '#agreement/instrument.ts';
import type { Margin } from '#agreement/margin.ts';
import { marginText, stateText } from '#agreement/margin-text.ts';
import { languages } from '#agreement/render.ts';
import { pageMax, treeSizeMax } from '#base/limits.ts';
import { accept, refuse } from '#base/refusal.ts';
import { momentOf } from '#centre/http/record-reading.ts';
import { digits, json, nothing, type Route, route } from '#centre/http/route.ts';
import { logNameOf, logNames, originOf } from '#centre/people/log-name.ts';
import type { Office } from '#centre/people/office.ts';
import { roles } from '#centre/people/officer.ts';
import { type MatterReading, readMatter } from '#exchange/matter.ts';
import { indexKey, indexOfKey } from '#exchange/shelf.ts';
import type { LogReader } from '#exchange/verdict.ts';

const log = { enum: logNames } as const;
const place = {
  type: 'object',
  properties: { log, index: digits },
  required: ['log', 'index'],
  additionalProperties: false,
} as const;
const newest = {
  type: 'object',
  properties: { log, before: digits, limit: digits },
  required: ['log'],
  additionalProperties: false,
} as const;

/** Matters: a notification with all that refers to it, as both sides read it. */
export function matterRoutes({ desk }: Office): readonly Route[] {
  const { identity, register } = desk;
  return [
    route({
      method: 'GET',
      path: '/v1/matters',
      roles,
      params: nothing,
      query: newest,
      body: nothing,
      answer: async ({ query }) => {
        const origin = originOf(identity, query.log);
        if (!origin.ok) return origin;
        const limit = Math.min(Math.max(Number(query.limit ?? 50), 1), pageMax);
        const before = query.before === undefined ? treeSizeMax : Number(query.before);
        const page = newestOpenings(register.log(origin.value), { before, limit });
        const matters: MatterReading[] = [];
        for (const index of page.indices) {
          const reading = readMatter(register, { log: origin.value, index }, momentOf(desk));
          if (reading !== undefined) matters.push(reading);
          // A matter of many records takes its time; others have their turn between two.
          await setImmediate();
        }
        const next = page.isLast ? null : (page.indices.at(-1) ?? null);
        return accept(json({ log: query.log, origin: origin.value, matters: matters.map((each) => rowOf(each)), next }));
      },
    }),
    route({
      method: 'GET',
      path: '/v1/matters/:log/:index',
      roles,
      params: place,
      query: nothing,
      body: nothing,
      answer: async ({ params }) => {
        const origin = originOf(identity, params.log);
        if (!origin.ok) return origin;
        const index = Number(params.index);
        const reading = readMatter(register, { log: origin.value, index }, momentOf(desk));
        if (reading === undefined) {
          return refuse('request.unknown', `leaf ${index} of ${origin.value} belongs to no matter here`, { index });
        }
        const [first] = reading.records;
        const instrument = first === undefined ? undefined : register.instruments(first.record.basis);
        const name = logNameOf(identity, reading.place.log);
        return accept(json({ ...reading, log: name, due: reading.due.map((due) => withTexts(due, instrument)) }));
      },
    }),
  ];
}

/** The newest records that begin a matter below an index, newest first; one more than asked for says that there are others. */
function newestOpenings(log: LogReader | undefined, { before, limit }: { readonly before: number; readonly limit: number }) {
  const range = { from: '', to: indexKey(before), limit: limit + 1, order: 'down' } as const;
  const found = [log?.urgent, log?.held].flatMap((view) => view?.openings.rows(range) ?? []);
  return { indices: found.slice(0, limit).map(({ key }) => indexOfKey(key)), isLast: found.length <= limit };
}

function rowOf(reading: MatterReading) {
  const { place: at, records, standing, state, due, alarm } = reading;
  const first = records[0]?.record;
  return {
    index: at.index,
    number: first?.number ?? null,
    basis: first?.basis ?? null,
    originator: first?.originator ?? null,
    status: first?.status ?? null,
    precedence: first?.precedence ?? null,
    filedAt: first?.filedAt ?? null,
    standing,
    state,
    due: due.map(({ centre, worst }) => ({ centre, worst })),
    alarm,
    records: records.length,
    acknowledged: records[0]?.addressees.map(({ centre, acknowledged }) => ({ centre, ...acknowledged })) ?? [],
  };
}

/** Margins with their words, so that a tool that only shows needs no copy of the agreement. */
function withTexts(due: MatterReading['due'][number], instrument: Instrument | undefined) {
  return { ...due, margins: due.margins.map((margin) => ({ ...margin, text: textsOf(margin, instrument) })) };
}

function textsOf(margin: Margin, instrument: Instrument | undefined): unknown {
  if (instrument === undefined) return null;
  const entries = languages.map((language) => [
    language,
    { state: stateText(margin, language), margin: marginText(margin, instrument, language) },
  ]);
  return Object.fromEntries(entries);
}

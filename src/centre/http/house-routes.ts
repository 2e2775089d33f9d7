import { languages } from '#agreement/render.ts';
import { accept, type Result } from '#base/refusal.ts';
import { textOfTime, timeOfText } from '#base/time.ts';
import { concernText } from '#centre/concern/concern.ts';
import { concernsOf } from '#centre/concern/concerns.ts';
import { type KeptPiece, readEvidence } from '#centre/evidence.ts';
import { pageOf, pageSchema } from '#centre/http/page.ts';
import { json, nothing, type Route, route } from '#centre/http/route.ts';
import { logNameOf } from '#centre/people/log-name.ts';
import type { Office } from '#centre/people/office.ts';
import { type Officer, roles } from '#centre/people/officer.ts';
import { inForceFromMs } from '#exchange/standing.ts';
import { timeSchema } from '#record/envelope-schema.ts';

/** The key lists of both sides as the notes that they are, each signed by its offline keys. */
export interface KeyListNotes {
  readonly own: string;
  /** Null until the other side is paired. */
  readonly theirs: string | null;
}

const clock = { type: 'object', properties: { at: timeSchema }, required: ['at'], additionalProperties: false } as const;
const confirmation = {
  type: 'object',
  properties: { reason: { type: 'string', minLength: 1, maxLength: 400 } },
  required: ['reason'],
  additionalProperties: false,
} as const;

/** The house itself: how things stand, what it works by, and what a supervisor decides. */
export function houseRoutes(office: Office, keyLists: () => Promise<KeyListNotes>): readonly Route[] {
  return [...standingRoutes(office), ...referenceRoutes(office, keyLists), ...supervisorRoutes(office)];
}

function standingRoutes(office: Office): readonly Route[] {
  const { desk } = office;
  return [
    route({
      method: 'GET',
      path: '/v1/state',
      roles,
      params: nothing,
      query: nothing,
      body: nothing,
      answer: async ({ officer }) => {
        const times = { now: textOfTime(desk.nowMs()), duty: textOfTime(desk.dutyTimeMs()) };
        const { id, name, roles: held } = officer;
        const me = { id, name, roles: held };
        const needs = await needsOf(office, officer);
        const concerns = await concernsNow(office);
        const link = desk.linkState();
        return accept(json({ identity: desk.identity, link, times, held: desk.register.held(), me, needs, concerns }));
      },
    }),
    route({
      method: 'GET',
      path: '/v1/journal',
      roles: ['auditor', 'supervisor'],
      params: nothing,
      query: pageSchema,
      body: nothing,
      answer: async ({ query }) => {
        const { from, limit } = pageOf(query, { from: 1, limit: 50 });
        const entries = await office.journal.read(from, limit);
        const last = entries.at(-1);
        return accept(json({ entries, next: last === undefined || entries.length < limit ? null : last.number + 1 }));
      },
    }),
  ];
}

function referenceRoutes({ desk }: Office, keyLists: () => Promise<KeyListNotes>): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/agreements',
      roles,
      params: nothing,
      query: nothing,
      body: nothing,
      answer: async () => {
        const agreements = [...desk.instruments.values()].map((instrument) => {
          const { shortName, profile, hash, title, text } = instrument;
          const fromMs = inForceFromMs(desk.register, desk.identity.origin, { agreement: shortName, version: hash });
          return {
            shortName,
            profile,
            hash,
            title: Object.fromEntries(title),
            inForceFrom: fromMs === undefined ? null : textOfTime(fromMs),
            formats: [...instrument.formats.values()].map((format) => ({
              code: format.code,
              class: format.class,
              article: format.article,
              relation: format.relation,
              preAuthorised: format.preAuthorised,
              schema: format.schema,
            })),
            text,
          };
        });
        return accept(json({ agreements }));
      },
    }),
    route({
      method: 'GET',
      path: '/v1/evidence',
      roles,
      params: nothing,
      query: nothing,
      body: nothing,
      answer: async () => {
        const { forks, apart } = await readEvidence(desk.store);
        const piece = ({ keptAtMs, bytes }: KeptPiece) => ({
          keptAt: textOfTime(keptAtMs),
          text: new TextDecoder().decode(bytes),
        });
        return accept(json({ forks: forks.map(piece), apart: apart.map(piece) }));
      },
    }),
    route({
      method: 'GET',
      path: '/v1/key-lists',
      roles,
      params: nothing,
      query: nothing,
      body: nothing,
      answer: async () => accept(json(await keyLists())),
    }),
  ];
}

function supervisorRoutes({ desk, journal }: Office): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/exercise/clock',
      roles: ['supervisor'],
      params: nothing,
      query: nothing,
      body: clock,
      answer: async ({ body, officer }) => {
        const set = chain(timeOfText(body.at), (timeMs) => desk.setScenario(timeMs));
        if (!set.ok) return set;
        const at = textOfTime(set.value);
        await journal.enter({ act: 'clock-set', officer: officer.id, details: { at } }, []);
        return accept(json({ at }));
      },
    }),
    route({
      method: 'POST',
      path: '/v1/store/backup',
      roles: ['supervisor'],
      params: nothing,
      query: nothing,
      body: nothing,
      answer: async ({ officer }) => {
        const path = await desk.backup();
        if (!path.ok) return path;
        await journal.enter({ act: 'backup-made', officer: officer.id, details: { path: path.value } }, []);
        return accept(json({ path: path.value }));
      },
    }),
    route({
      method: 'POST',
      path: '/v1/store/confirm',
      roles: ['supervisor'],
      params: nothing,
      query: nothing,
      body: confirmation,
      answer: async ({ body, officer }) => {
        const confirmed = await desk.confirmStore(body.reason);
        if (!confirmed.ok) return confirmed;
        await journal.enter({ act: 'store-confirmed', officer: officer.id, details: { reason: body.reason } }, []);
        return accept(json({ line: desk.linkState().line }));
      },
    }),
  ];
}

/** What waits for this officer: drafts for a step of theirs, records that nobody on watch has acknowledged, a store to confirm. */
async function needsOf({ desk, drafts, awaiting }: Office, officer: Officer) {
  const awaited = officer.roles.includes('watch-officer') ? await awaiting.list() : { records: [], count: 0 };
  return {
    drafts: drafts.waitingFor(officer).map(({ id, state, hash, record }) => ({ id, state, hash, basis: record.basis })),
    acknowledge: awaited.records.map(({ place, record, reading }) => ({
      log: logNameOf(desk.identity, place.log),
      index: place.index,
      number: record.number,
      precedence: reading.precedence,
      objective: reading.acknowledged,
      alarm: reading.precedence === 'Z' && desk.register.sounds(place),
    })),
    /** With those beyond the first page. */
    acknowledgeCount: awaited.count,
    confirmStore: officer.roles.includes('supervisor') && desk.linkState().line === 'confirm',
  };
}

/** What anyone on watch has to know, in words, so that a tool that only shows needs no texts of its own. */
async function concernsNow({ desk, awaiting }: Office) {
  const { records } = await awaiting.list();
  const flashes = records.filter(({ reading }) => reading.precedence === 'Z');
  const waiting = flashes.map(({ place, record }) => ({ number: record.number, sounds: desk.register.sounds(place) }));
  return (await concernsOf(desk, waiting)).map((concern) => ({
    ...concern,
    text: Object.fromEntries(languages.map((language) => [language, concernText(concern, language)])),
  }));
}

function chain<T, U>(result: Result<T>, then: (value: T) => Result<U>): Result<U> {
  return result.ok ? then(result.value) : result;
}

import { renderCore, renderRecord } from '#agreement/render.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { pageOf, pageSchema } from '#centre/http/page.ts';
import { leafAt, readRecord, recordRow } from '#centre/http/record-reading.ts';
import { type Answer, digits, json, nothing, type Route, route } from '#centre/http/route.ts';
import { acknowledge } from '#centre/people/acknowledgements.ts';
import { logNames, originOf } from '#centre/people/log-name.ts';
import type { Office } from '#centre/people/office.ts';
import { hasRole, type Officer, roles } from '#centre/people/officer.ts';
import { coreAgreement, coreFormats } from '#record/core-formats.ts';
import { parseRecord } from '#record/envelope.ts';

const log = { enum: logNames } as const;
const place = {
  type: 'object',
  properties: { log, index: digits },
  required: ['log', 'index'],
  additionalProperties: false,
} as const;
export const languageSchema = {
  type: 'object',
  properties: { language: { enum: ['en', 'zh', 'ja'] } },
  required: ['language'],
  additionalProperties: false,
} as const;
const logPage = { ...pageSchema, properties: { ...pageSchema.properties, log }, required: ['log'] } as const;
const { rung, outcome, reason } = coreFormats.ACK.schema.properties;
const said = {
  type: 'object',
  properties: { rung, outcome, reason },
  required: ['rung', 'outcome'],
  additionalProperties: false,
} as const;
const leavesBytesMax = 1_048_576;

interface PlaceParams {
  readonly log: string;
  readonly index: string;
}

/** Records of both logs: read, rendered, exported with their proof, acknowledged. */
export function recordRoutes(office: Office): readonly Route[] {
  return [...readingRoutes(office), ...exportRoutes(office), inclusionRoute(office), acknowledgeRoute(office)];
}

function readingRoutes(office: Office): readonly Route[] {
  const { desk } = office;
  return [
    route({
      method: 'GET',
      path: '/v1/records',
      roles,
      params: nothing,
      query: logPage,
      body: nothing,
      answer: async ({ query }) => {
        const origin = originOf(desk.identity, query.log);
        if (!origin.ok) return origin;
        const { from, limit } = pageOf(query, { from: 0, limit: 50 });
        const leaves = await desk.store.leaves(origin.value, from, { count: limit, bytes: leavesBytesMax });
        const records = leaves.map((bytes, at) => recordRow(desk, { log: origin.value, index: from + at }, bytes));
        const next = from + leaves.length;
        const size = desk.store.size(origin.value);
        return accept(json({ log: query.log, origin: origin.value, size, records, next: next < size ? next : null }));
      },
    }),
    route({
      method: 'GET',
      path: '/v1/records/:log/:index',
      roles,
      params: place,
      query: nothing,
      body: nothing,
      answer: async ({ params }) => {
        const leaf = await placed(office, params);
        return leaf.ok ? accept(json(readRecord(desk, leaf.value.place, leaf.value.bytes))) : leaf;
      },
    }),
    route({
      method: 'GET',
      path: '/v1/records/:log/:index/rendering',
      roles,
      params: place,
      query: languageSchema,
      body: nothing,
      answer: async ({ params, query }) => {
        const leaf = await placed(office, params);
        if (!leaf.ok) return leaf;
        const known = parseRecord(leaf.value.bytes);
        if (!known.ok) return known;
        const { record } = known.value;
        if (record.basis.agreement === coreAgreement) return accept({ kind: 'text', text: renderCore(record, query.language) });
        const instrument = desk.register.instruments(record.basis);
        if (instrument !== undefined) {
          return accept({ kind: 'text', text: renderRecord({ record, instrument, language: query.language }) });
        }
        return refuse(
          'agreement.unknown',
          `${record.basis.agreement} of this version is not known here, so its fields have no words`,
        );
      },
    }),
  ];
}

function exportRoutes(office: Office): readonly Route[] {
  const { desk, journal } = office;
  return [
    route({
      method: 'GET',
      path: '/v1/records/:log/:index/bytes',
      roles,
      params: place,
      query: nothing,
      body: nothing,
      answer: async ({ params }) => {
        const leaf = await placed(office, params);
        return leaf.ok ? accept(fileOf(params, { extension: 'json', bytes: leaf.value.bytes })) : leaf;
      },
    }),
    route({
      method: 'GET',
      path: '/v1/records/:log/:index/proof',
      roles,
      params: place,
      query: nothing,
      body: nothing,
      answer: async ({ params, officer }) => {
        const leaf = await placed(office, params);
        if (!leaf.ok) return leaf;
        const allowed = checkExport(leaf.value.bytes, officer);
        if (!allowed.ok) return allowed;
        const { log: origin, index } = leaf.value.place;
        const proof = await desk.proof(origin, index);
        if (!proof.ok) return proof;
        const details = { log: origin, index, releasability: allowed.value };
        await journal.enter({ act: 'proof-exported', officer: officer.id, details }, []);
        return accept(fileOf(params, { extension: 'tlog-proof', bytes: proof.value }));
      },
    }),
  ];
}

/** Where the record stands in the tree that its receipt names, so that the receipt can be shown to be for this record. */
function inclusionRoute(office: Office): Route {
  return route({
    method: 'GET',
    path: '/v1/records/:log/:index/inclusion',
    roles,
    params: place,
    query: { type: 'object', properties: { size: digits }, required: ['size'], additionalProperties: false },
    body: nothing,
    answer: async ({ params, query, officer }) => {
      const leaf = await placed(office, params);
      if (!leaf.ok) return leaf;
      const allowed = checkExport(leaf.value.bytes, officer);
      if (!allowed.ok) return allowed;
      const { log: origin, index } = leaf.value.place;
      const inclusion = office.desk.inclusion(origin, index, Number(query.size));
      return inclusion.ok ? accept(fileOf(params, { extension: 'inclusion', bytes: inclusion.value })) : inclusion;
    },
  });
}

function acknowledgeRoute(office: Office): Route {
  return route({
    method: 'POST',
    path: '/v1/records/:log/:index/acknowledge',
    roles: ['watch-officer', 'releaser'],
    params: place,
    query: nothing,
    body: said,
    answer: async ({ params, body, officer, key }) => {
      const origin = originOf(office.desk.identity, params.log);
      if (!origin.ok) return origin;
      const ask = {
        place: { log: origin.value, index: Number(params.index) },
        rung: body.rung,
        outcome: body.outcome,
        reason: body.reason ?? null,
      };
      const filed = await acknowledge(office, ask, { officer, key });
      return filed.ok ? accept(json({ filed: filed.value })) : filed;
    },
  });
}

/** A proof lets anyone show the record to anyone: what is for the parties alone leaves the house by a releaser's hand. */
function checkExport(bytes: Uint8Array, officer: Officer): Result<'public' | 'parties'> {
  const known = parseRecord(bytes);
  // What cannot be read here may hold anything.
  const releasability = known.ok ? known.value.record.releasability : 'parties';
  if (releasability === 'public' || hasRole(officer, ['releaser'])) return accept(releasability);
  return refuse('people.role', 'the record is for the parties alone: a releaser exports its proof');
}

async function placed(office: Office, params: PlaceParams) {
  const origin = originOf(office.desk.identity, params.log);
  return origin.ok ? await leafAt(office.desk, { log: origin.value, index: Number(params.index) }) : origin;
}

function fileOf(params: PlaceParams, file: { readonly extension: string; readonly bytes: Uint8Array | string }): Answer {
  const type = typeof file.bytes === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream';
  return { kind: 'file', name: `${params.log}-${params.index}.${file.extension}`, type, bytes: file.bytes };
}

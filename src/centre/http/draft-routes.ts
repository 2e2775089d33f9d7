import type { Language } from '#agreement/instrument-schema.ts';
import { renderCore, renderRecord } from '#agreement/render.ts';
import { pageMax } from '#base/limits.ts';
import { accept, type Result } from '#base/refusal.ts';
import { pageOf, pageSchema } from '#centre/http/page.ts';
import { languageSchema } from '#centre/http/record-routes.ts';
import { type Answer, json, nothing, type Route, route } from '#centre/http/route.ts';
import type { Draft } from '#centre/people/draft.ts';
import { type DraftInput, draftInputSchema } from '#centre/people/draft-input.ts';
import { instrumentOf } from '#centre/people/draft-record.ts';
import type { Office } from '#centre/people/office.ts';
import { roles } from '#centre/people/officer.ts';
import { hashSchema } from '#record/envelope-schema.ts';

const oneDraft = {
  type: 'object',
  properties: { id: { type: 'string', pattern: '^[1-9][0-9]{0,8}$', maxLength: 9 } },
  required: ['id'],
  additionalProperties: false,
} as const;
const seen = { type: 'object', properties: { hash: hashSchema }, required: ['hash'], additionalProperties: false } as const;
const because = {
  type: 'object',
  properties: { reason: { type: 'string', minLength: 1, maxLength: 400 } },
  required: ['reason'],
  additionalProperties: false,
} as const;
const writers = ['drafter', 'watch-officer'] as const;

/** Drafts: written, tried, confirmed by hash, released. */
export function draftRoutes(office: Office): readonly Route[] {
  return [...readingRoutes(office), ...writingRoutes(office), ...decidingRoutes(office)];
}

function readingRoutes(office: Office): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/drafts',
      roles,
      params: nothing,
      query: pageSchema,
      body: nothing,
      answer: async ({ query }) => {
        const { from, limit } = pageOf(query, { from: 1, limit: pageMax });
        const drafts = await office.drafts.list(Math.max(from, 1), limit);
        const last = drafts.at(-1);
        return accept(json({ drafts, next: drafts.length < limit || last === undefined ? null : last.id + 1 }));
      },
    }),
    route({
      method: 'GET',
      path: '/v1/drafts/:id',
      roles,
      params: oneDraft,
      query: nothing,
      body: nothing,
      answer: async ({ params }) => shown(office, await office.drafts.get(Number(params.id)), 200),
    }),
    route({
      method: 'GET',
      path: '/v1/drafts/:id/rendering',
      roles,
      params: oneDraft,
      query: languageSchema,
      body: nothing,
      answer: async ({ params, query }) => {
        const draft = await office.drafts.get(Number(params.id));
        return draft.ok ? accept({ kind: 'text', text: rendered(office, draft.value, query.language) }) : draft;
      },
    }),
  ];
}

function writingRoutes(office: Office): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/check',
      roles: writers,
      params: nothing,
      query: nothing,
      body: draftInputSchema,
      answer: async ({ body, officer }) => {
        const tried = await office.drafts.try(inputOf(body), officer);
        return tried.ok ? accept(json(tried.value)) : tried;
      },
    }),
    route({
      method: 'POST',
      path: '/v1/drafts',
      roles: writers,
      params: nothing,
      query: nothing,
      body: draftInputSchema,
      answer: async ({ body, officer }) => shown(office, await office.drafts.create(inputOf(body), officer), 201),
    }),
    route({
      method: 'PUT',
      path: '/v1/drafts/:id',
      roles: writers,
      params: oneDraft,
      query: nothing,
      body: draftInputSchema,
      answer: async ({ params, body, officer }) =>
        shown(office, await office.drafts.edit(Number(params.id), inputOf(body), officer), 200),
    }),
    route({
      method: 'POST',
      path: '/v1/drafts/:id/withdraw',
      roles: writers,
      params: oneDraft,
      query: nothing,
      body: nothing,
      answer: async ({ params, officer }) => shown(office, await office.drafts.withdraw(Number(params.id), officer), 200),
    }),
  ];
}

function decidingRoutes(office: Office): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/drafts/:id/verify',
      roles: ['verifier'],
      params: oneDraft,
      query: nothing,
      body: seen,
      answer: async ({ params, body, officer }) =>
        shown(office, await office.drafts.verify(Number(params.id), body.hash, officer), 200),
    }),
    route({
      method: 'POST',
      path: '/v1/drafts/:id/return',
      roles: ['verifier', 'releaser'],
      params: oneDraft,
      query: nothing,
      body: because,
      answer: async ({ params, body, officer }) =>
        shown(office, await office.drafts.giveBack(Number(params.id), body.reason, officer), 200),
    }),
    route({
      method: 'POST',
      path: '/v1/drafts/:id/release',
      roles: ['releaser', 'watch-officer'],
      params: oneDraft,
      query: nothing,
      body: seen,
      answer: async ({ params, body, officer, key }) => {
        const release = await office.drafts.release(Number(params.id), body.hash, { officer, key });
        return release.ok ? accept(json(release.value)) : release;
      },
    }),
  ];
}

/** A draft with the machine's check of it, as it stands now; what is finished is checked no more. */
function shown(office: Office, draft: Result<Draft>, status: 200 | 201): Result<Answer> {
  if (!draft.ok) return draft;
  const isFinished = draft.value.state === 'released' || draft.value.state === 'withdrawn';
  const check = isFinished ? null : office.drafts.check(draft.value);
  return accept({ kind: 'json', status, value: { draft: draft.value, check } });
}

function rendered(office: Office, { record }: Draft, language: Language): string {
  const instrument = instrumentOf(office.desk, record);
  return instrument === undefined ? renderCore(record, language) : renderRecord({ record, instrument, language });
}

/** The schema accepted `content` as an object, whatever is in it; the record's own rules judge that. */
function inputOf(body: object): DraftInput {
  return body as DraftInput;
}

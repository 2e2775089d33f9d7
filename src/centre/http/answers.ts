import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type Refusal, refuse } from '#base/refusal.ts';
import type { RefusalCode } from '#base/refusal-codes.ts';
import { type Problem, problemOf } from '#centre/http/problem.ts';
import type { Answer } from '#centre/http/route.ts';
import type { Journal } from '#centre/people/journal.ts';
import type { Officer } from '#centre/people/officer.ts';
import { StoreRefusal } from '#centre/store/store.ts';
import type { SchemaFault } from '#record/schema.ts';

/** A request that its route's schemas do not accept, field by field. */
export class FormFault extends Error {
  readonly faults: readonly SchemaFault[];

  constructor(faults: readonly SchemaFault[]) {
    super('the request is not as its route asks');
    this.faults = faults;
  }
}

/** What an officer is refused, with the fields at fault where there are such. */
export interface Refused {
  readonly refusal: Refusal;
  readonly faults: readonly SchemaFault[];
}

/** Who asks, as far as it is known when an answer is given. */
export interface Asker {
  readonly journal: Journal;
  readonly officer: Officer | undefined;
}

export async function giveAnswer(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  switch (answer.kind) {
    case 'json':
      return await reply.code(answer.status).type('application/json; charset=utf-8').send(JSON.stringify(answer.value));
    case 'text':
      return await reply.type('text/plain; charset=utf-8').send(answer.text);
    case 'file': {
      const { name, type, bytes } = answer;
      const body = typeof bytes === 'string' ? bytes : Buffer.from(bytes);
      return await reply.type(type).header('content-disposition', `attachment; filename="${name}"`).send(body);
    }
  }
}

/**
 * Answers with problem details, and writes down what the journal is to have: each failed sign-in, each right that an officer
 * lacked, each act that was refused. What was merely read and is not there is not an act.
 */
export async function giveRefusal(reply: FastifyReply, refused: Refused, asker: Asker): Promise<FastifyReply> {
  const { request } = reply;
  const instance = pathOf(request);
  const problem: Problem = problemOf(refused.refusal, instance, refused.faults);
  const { officer, journal } = asker;
  const { code, detail } = refused.refusal;
  const details = { code, detail, method: request.method, path: instance };
  if (problem.status === 401) {
    reply.header('www-authenticate', 'Bearer realm="anshin"');
    await ifStored(journal.enterFailedSignIn({ ...details, from: request.ip }));
  } else if (officer !== undefined && (request.method !== 'GET' || problem.status === 403)) {
    await ifStored(journal.enter({ act: 'refused', officer: officer.id, details }, []));
  }
  return await reply.code(problem.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(problem));
}

/** A store that takes nothing, the most likely reason for a refusal, keeps no note of it; the officer is told all the same. */
async function ifStored(entry: Promise<unknown>): Promise<void> {
  try {
    await entry;
  } catch (error) {
    if (!(error instanceof StoreRefusal)) throw error;
  }
}

/** The refusal that an error stands for; undefined for a fault of our own. */
export function refusalOfError(error: FastifyError | Error): Refused | undefined {
  if (error instanceof FormFault) {
    const [first] = error.faults;
    const detail = `${first?.path ?? '/'} ${first?.reason ?? 'is not as its route asks'}`;
    return { refusal: refuse('request.form', detail, { faults: error.faults.length }).refusal, faults: error.faults };
  }
  if (error instanceof StoreRefusal) return { refusal: error.refusal, faults: [] };
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status === undefined || status < 400 || status > 499) return undefined;
  if (status === 413) return bare('request.size', 'the request is larger than any that is answered here');
  if (status === 415) return bare('request.media', 'requests are in JSON: Content-Type application/json');
  return bare('request.form', error.message);
}

/** A refusal without evidence or faults. */
export function bare(code: RefusalCode, detail: string): Refused {
  return { refusal: refuse(code, detail).refusal, faults: [] };
}

/** Without the query, which is no part of what the problem is about. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '/';
}

import type { Result } from '#base/refusal.ts';
import type { Officer, Role } from '#centre/people/officer.ts';
import type { ObjectSchema, Static } from '#record/schema.ts';

/** A request that was checked against its route's schemas, from an officer who has one of its roles. */
export interface Asked<P, Q, B> {
  readonly officer: Officer;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The `Idempotency-Key`; null if there is none. */
  readonly key: string | null;
}

export type Answer =
  | { readonly kind: 'json'; readonly status: 200 | 201; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string }
  /** A file to be kept as it is. */
  | { readonly kind: 'file'; readonly name: string; readonly type: string; readonly bytes: Uint8Array | string };

/** One thing that officers' tools may ask. Every part of a request has a closed schema; what it does not list is refused. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly roles: readonly Role[];
  readonly params: ObjectSchema;
  readonly query: ObjectSchema;
  readonly body: ObjectSchema;
  readonly answer: (asked: Asked<unknown, unknown, unknown>) => Promise<Result<Answer>>;
}

export const nothing = { type: 'object', properties: {}, required: [], additionalProperties: false } as const;
/** A whole number in a path or query, where everything is text. */
export const digits = { type: 'string', pattern: '^(?:0|[1-9][0-9]{0,14})$', maxLength: 15 } as const;

interface Shapes<P extends ObjectSchema, Q extends ObjectSchema, B extends ObjectSchema> {
  readonly method: Route['method'];
  readonly path: string;
  readonly roles: readonly Role[];
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly answer: (asked: Asked<Static<P>, Static<Q>, Static<B>>) => Promise<Result<Answer>>;
}

/** Makes a route. The server calls `answer` with what its schemas accepted, and with nothing else. */
export function route<P extends ObjectSchema, Q extends ObjectSchema, B extends ObjectSchema>(shapes: Shapes<P, Q, B>): Route {
  return { ...shapes, answer: shapes.answer as unknown as Route['answer'] };
}

export function json(value: unknown): Answer {
  return { kind: 'json', status: 200, value };
}

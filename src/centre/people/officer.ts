import { officersMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { faultsOf, type Static } from '#record/schema.ts';

export const roles = ['drafter', 'verifier', 'releaser', 'watch-officer', 'supervisor', 'auditor'] as const;
export type Role = (typeof roles)[number];

const officerIdSchema = { type: 'string', pattern: '^[a-z][a-z0-9.-]{0,31}$', maxLength: 32 } as const;

const officer = {
  type: 'object',
  properties: {
    id: officerIdSchema,
    name: { type: 'string', minLength: 1, maxLength: 80 },
    roles: { type: 'array', items: { enum: roles }, minItems: 1, maxItems: roles.length },
    tokenHash: { type: 'string', pattern: '^[0-9a-f]{64}$', maxLength: 64 },
  },
  required: ['id', 'name', 'roles'],
  additionalProperties: false,
} as const;

/** The file `people.json` of a centre (`spec/officers.md` 1). */
export const peopleSchema = {
  type: 'object',
  properties: {
    schema: { const: 'anshin.people/1' },
    officers: { type: 'array', items: officer, maxItems: officersMax },
  },
  required: ['schema', 'officers'],
  additionalProperties: false,
} as const;

/** Someone who works at this centre. Without `tokenHash` no token of theirs is valid; the entry stays, so that an id is never reused. */
export type Officer = Static<typeof officer>;
export type PeopleList = Static<typeof peopleSchema>;

/** Who an officer is to be, before a token is issued. */
export type OfficerEntry = Pick<Officer, 'id' | 'name' | 'roles'>;

/** Checks what was read from `people.json`, or is about to be written there. */
export function checkPeople(value: unknown): Result<PeopleList> {
  const [fault] = faultsOf(peopleSchema, value);
  if (fault !== undefined) return refuse('people.file', `people.json: ${fault.path} ${fault.reason}`, { path: fault.path });
  const list = value as PeopleList;
  const ids = list.officers.map(({ id }) => id);
  const twice = ids.find((id, position) => ids.indexOf(id) !== position);
  if (twice !== undefined) return refuse('people.file', `people.json: officer ${twice} is there twice`);
  const judge = list.officers.find((each) => each.roles.includes('auditor') && each.roles.length > 1);
  if (judge === undefined) return accept(list);
  return refuse('people.officer', `${judge.id}: an auditor reads all and changes nothing, so has no other role`);
}

export function hasRole(officer: Officer, allowed: readonly Role[]): boolean {
  return officer.roles.some((role) => allowed.includes(role));
}

import { join } from 'node:path';
import { refuse } from '#base/refusal.ts';
import { timeOfText } from '#base/time.ts';
import { readInput } from '#cli/terminal/input.ts';
import { Refused, taken } from '#cli/terminal/report.ts';
import { timeSchema } from '#record/envelope-schema.ts';
import { faultsOf, type Static } from '#record/schema.ts';

export const scenarioFolder: string = join(import.meta.dirname, '../../../exercises/2024-icbm-tests');

const centre = { type: 'string', pattern: '^[A-Z]{2,8}$', maxLength: 8 } as const;
const name = { type: 'string', minLength: 1, maxLength: 40 } as const;
const sentences = { type: 'array', items: { type: 'string', minLength: 1, maxLength: 200 }, maxItems: 16 } as const;
const content = { type: 'object', properties: {}, required: [], additionalProperties: true } as const;

const steps = {
  oneOf: [
    stepOf('adopt', { by: centre, inForceFrom: timeSchema }),
    stepOf('notify', { by: centre, matter: name, format: name, content }),
    stepOf('report', { by: centre, matter: name, format: name, content }),
    stepOf('acknowledge', { by: centre, matter: name, of: name }),
    stepOf('launch', { by: centre, matter: name }),
    stepOf('intrude', { matter: name, of: name }),
  ],
} as const;

const scenarioSchema = {
  type: 'object',
  properties: {
    schema: { const: 'anshin.scenario/1' },
    exercise: name,
    circle: name,
    agreement: name,
    source: name,
    given: sentences,
    invented: sentences,
    parties: {
      type: 'array',
      items: {
        type: 'object',
        properties: { centre, host: { type: 'string', minLength: 1, maxLength: 100 } },
        required: ['centre', 'host'],
        additionalProperties: false,
      },
      minItems: 2,
      maxItems: 2,
    },
    steps: { type: 'array', items: steps, maxItems: 100 },
  },
  required: ['schema', 'exercise', 'circle', 'agreement', 'source', 'given', 'invented', 'parties', 'steps'],
  additionalProperties: false,
} as const;

export type Scenario = Static<typeof scenarioSchema>;
export type Step = Scenario['steps'][number];
export type StepOf<K extends Step['do']> = Extract<Step, { readonly do: K }>;

/** Reads a scenario: who does what at which scenario time. Times never go back. */
export async function readScenario(folder: string): Promise<Scenario> {
  const path = join(folder, 'scenario.json');
  const value: unknown = JSON.parse((await readInput(path)).toString('utf8'));
  const [fault] = faultsOf(scenarioSchema, value);
  if (fault !== undefined) throw new Refused(refuse('config.form', `${path}: ${fault.path} ${fault.reason}`));
  const scenario = value as Scenario;
  const times = scenario.steps.map(({ at }) => taken(timeOfText(at)));
  if (times.every((time, position) => time >= (times[position - 1] ?? 0))) return scenario;
  throw new Refused(refuse('config.form', `${path}: the steps are not in the order of their times`));
}

function stepOf<K extends string, P extends Readonly<Record<string, unknown>>>(kind: K, properties: P) {
  return {
    type: 'object',
    properties: { do: { const: kind }, at: timeSchema, ...properties },
    required: ['do', 'at', ...(Object.keys(properties) as (keyof P & string)[])] as const,
    additionalProperties: false,
  } as const;
}

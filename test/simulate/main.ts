// `npm run simulate`: the real centres in simulated worlds, one seed after another. A failure is a seed.
//   npm run simulate -- --seed 1234     plays one seed again and prints all that happened
//   npm run simulate -- --count 500     so many seeds
//   npm run simulate -- --for 10m       as many as the time allows (s, m or h)
import { parseArgs } from 'node:util';
import { honestRun } from './honest-run.ts';
import { rivalRun } from './rival-run.ts';
import type { Simulation } from './simulation.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, from: { type: 'string' }, count: { type: 'string' }, for: { type: 'string' } },
});
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const tailLines = 40;
/** Each seed is two worlds. */
const runs = [honestRun, rivalRun] as const;
const progressMs = 5_000;

process.exitCode = values.seed === undefined ? await playMany() : await playOne(Number(values.seed));

async function playOne(seed: number): Promise<number> {
  const violations: string[] = [];
  for (const run of runs) {
    const simulation = await run({ seed });
    print(`${simulation.trace.join('\n')}\n`);
    violations.push(...simulation.violations);
  }
  print(`seed ${seed}: ${violations.length === 0 ? 'all holds' : violations.join('\n')}`);
  return violations.length === 0 ? 0 : 1;
}

async function playMany(): Promise<number> {
  const from = values.from === undefined ? Date.now() % 1_000_000_007 : Number(values.from);
  const forMs = durationMs(values.for);
  const count = values.count === undefined ? (forMs === undefined ? 100 : Number.POSITIVE_INFINITY) : Number(values.count);
  const beganAt = performance.now();
  let [shownAt, records] = [beganAt, 0];
  for (let seed = from; seed < from + count; seed += 1) {
    for (const run of runs) {
      const simulation = await run({ seed });
      if (simulation.violations.length > 0) return fail(seed, simulation);
      records += simulation.answered.length;
    }
    const at = performance.now();
    const isLast = seed + 1 === from + count || (forMs !== undefined && at - beganAt >= forMs);
    if (isLast || at - shownAt >= progressMs) {
      print(`${seed + 1 - from} seeds from ${from} on, ${records} records, ${Math.round((at - beganAt) / 1000)} s: all holds`);
      shownAt = at;
    }
    if (isLast) break;
  }
  return 0;
}

function fail(seed: number, simulation: Simulation): number {
  print([...simulation.trace.slice(-tailLines), '', ...simulation.violations].join('\n'));
  print(`\nThis is seed ${seed}. All of it, again: npm run simulate -- --seed ${seed}`);
  return 1;
}

function durationMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parts = /^(\d+)([smh])$/.exec(text);
  if (parts === null) throw new Error(`--for takes a time such as 30s, 10m or 2h, not ${text}`);
  return Number(parts[1]) * (unitMs[parts[2] ?? ''] ?? 0);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

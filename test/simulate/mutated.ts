// Runs the simulator on shipped code that has one of `mutations.ts` put into it; exits with 0 if that is found within a few seeds.
//   node test/simulate/mutated.ts POSITION
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mutations } from './mutations.ts';

const seedsMax = 30;
const mutation = mutations[Number(process.argv[2])];
if (mutation === undefined) throw new Error('there is no such mutation');
const { file, from, to, world, shows } = mutation;
const url = pathToFileURL(join(import.meta.dirname, '..', '..', file)).href;
let isMade = false;

registerHooks({
  load: (loaded, context, nextLoad) => {
    const result = nextLoad(loaded, context);
    if (loaded !== url || result.source === undefined || result.source === null) return result;
    const text = typeof result.source === 'string' ? result.source : new TextDecoder().decode(result.source);
    if (!text.includes(from)) throw new Error(`${file} no longer has: ${from}`);
    isMade = true;
    return { ...result, source: text.replaceAll(from, to) };
  },
});

const { honestRun } = await import('./honest-run.ts');
const { rivalRun } = await import('./rival-run.ts');
if (!isMade) throw new Error(`${file} was not loaded`);
process.exitCode = 1;
for (let seed = 1; seed <= seedsMax; seed += 1) {
  const run = 'faults' in world ? honestRun({ seed, ...world }) : rivalRun({ seed, ...world });
  const { violations } = await run;
  const found = violations.find((violation) => shows.test(violation));
  if (violations.length > 0) process.stdout.write(`seed ${seed}: ${violations.join('\n')}\n`);
  if (found === undefined) continue;
  process.exitCode = 0;
  break;
}

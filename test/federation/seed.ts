import { SeededChance } from '#base/chance.ts';

/**
 * The seed of a run: `ANSHIN_SEED` if it is set, so that a failure can be played again, else one of its own. Printed either way.
 */
export function seedOf(what: string): number {
  const wanted = process.env['ANSHIN_SEED'];
  const seed = wanted === undefined ? Date.now() % 1_000_000_007 : Number(wanted);
  process.stdout.write(`${what}: ANSHIN_SEED=${seed}\n`);
  return seed;
}

/** Chance for one part of a run, of the run's seed. */
export function chanceOf(seed: number, part: number): SeededChance {
  return new SeededChance(Math.imul(seed, 31) + part * 7919);
}

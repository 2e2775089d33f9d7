import { hourMs, minuteMs } from '#base/time.ts';
import type { Precedence } from '#record/envelope-schema.ts';
import { isReceipted } from '#test/federation/concord.ts';
import { Agreement } from './agreement.ts';
import { type FaultName, faults, heal, restoring } from './faults.ts';
import { Operator } from './operator.ts';
import { parties, Simulation, type SimulationOptions } from './simulation.ts';

export interface HonestRun extends SimulationOptions {
  /** What may go wrong; chosen by the seed where nothing is said. */
  readonly faults?: readonly FaultName[];
  readonly faultsForMs?: number;
}

/** How long two mended centres may take to have exchanged everything. */
const settleMs = 20 * minuteMs;
/** One whose clock is hours ahead may ask the other to wait until then, before the other knows that it is. */
const settleClocksMs = 6 * hourMs;

/** Two honest centres under load while things go wrong; then all is mended, and what must hold is checked. */
export async function honestRun(run: HonestRun): Promise<Simulation> {
  const simulation = await Simulation.make({ heartbeatSeconds: 30, ...run });
  const { chance } = simulation;
  const names = run.faults ?? chosen(simulation);
  simulation.say(`two honest centres; faults: ${names.join(' ')}`);
  await simulation.begin();
  new Operator(
    simulation,
    names.some((name) => restoring.includes(name)),
  );
  const forMs = run.faultsForMs ?? minuteMs / 2 + chance.below(2 * minuteMs);
  const endMs = simulation.time.nowMs + forMs;
  load(simulation, endMs);
  misfortune(simulation, names, endMs);
  await simulation.pass(forMs);
  heal(simulation);
  await settle(simulation, names);
  return simulation;
}

function chosen({ chance }: Simulation): readonly FaultName[] {
  const all = Object.keys(faults) as FaultName[];
  return all.filter(() => chance.below(3) === 0);
}

function load(simulation: Simulation, endMs: number): void {
  const { time, chance } = simulation;
  const paceMs = [1_000, 3_000, 10_000][chance.below(3)] ?? 3_000;
  for (const party of parties) {
    const again = (): void => {
      time.after(chance.below(2 * paceMs), () => {
        if (time.nowMs > endMs) return;
        simulation.file(party, precedenceOf(chance.below(10)));
        again();
      });
    };
    again();
  }
}

function precedenceOf(drawn: number): Precedence {
  if (drawn < 2) return 'Z';
  return drawn < 4 ? 'O' : 'R';
}

function misfortune(simulation: Simulation, names: readonly FaultName[], endMs: number): void {
  const { time, chance } = simulation;
  const again = (): void => {
    time.after(chance.below(20_000), () => {
      const name = names[chance.below(names.length)];
      if (time.nowMs > endMs || name === undefined) return;
      const party = parties[chance.below(2)] ?? 'CN';
      simulation.say(`${party} fault: ${name}`);
      faults[name](simulation, party);
      again();
    });
  };
  again();
}

async function settle(simulation: Simulation, names: readonly FaultName[]): Promise<void> {
  const agreement = new Agreement(simulation);
  const withinMs = names.includes('clock') && names.includes('short') ? settleClocksMs : settleMs;
  const quiet = await simulation.pass(withinMs, () => agreement.isQuiet(30_000));
  if (simulation.violations.length > 0) return;
  if (!quiet) return simulation.violated(`they had not exchanged everything ${withinMs / minuteMs} minutes after all was mended`);
  await agreement.check(names);
  if (simulation.violations.length > 0) return;
  // And they go on: a flash each way is receipted and cosigned.
  const before = simulation.answered.length;
  for (const party of parties) simulation.file(party, 'Z');
  const isDone = (): boolean => {
    const last = simulation.answered.slice(before);
    return last.length === 2 && last.every((filed) => isReceipted(simulation.centre(filed.party), filed));
  };
  if (!(await simulation.pass(30_000, isDone))) return simulation.violated('a flash after all was mended is not receipted');
  await simulation.pass(minuteMs, () => agreement.isQuiet(30_000));
  await agreement.check(names);
}

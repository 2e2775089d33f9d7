import type { Simulation } from './simulation.ts';
import { parties } from './simulation.ts';

/**
 * Who does at each side what `docs/operate` asks where a store went back: stops the centre, runs `anshin recover`, starts it
 * again. Whatever else needs a person is found here.
 */
export class Operator {
  readonly #simulation: Simulation;
  readonly #mayRecover: boolean;

  constructor(simulation: Simulation, mayRecover: boolean) {
    this.#simulation = simulation;
    this.#mayRecover = mayRecover;
    this.#attend();
  }

  #attend(): void {
    this.#simulation.time.after(1_000, () => {
      for (const party of parties) this.#look(party);
      this.#attend();
    });
  }

  #look(party: (typeof parties)[number]): void {
    const station = this.#simulation.stations[party];
    const { standing, refusal } = station;
    if (refusal === undefined || standing === 'recovering' || standing === 'starting') return;
    if (!this.#mayRecover || !['signer.went-back', 'link.peer', 'store.missing', 'store.full'].includes(refusal.code))
      return this.#simulation.violated(`${party} needs an operator: ${refusal.code} ${refusal.detail}`);
    if (standing === 'running') return station.crash('killed');
    station.recover();
  }
}

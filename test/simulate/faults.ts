import { hourMs, minuteMs } from '#base/time.ts';
import { otherOf, type Party } from './network.ts';
import type { Simulation } from './simulation.ts';

/** What happens to two honest centres, by name. Each fault heals by itself after a while. */
export type FaultName =
  | 'cut'
  | 'partition'
  | 'one-way'
  | 'slow'
  | 'killed'
  | 'power'
  | 'full'
  | 'short'
  | 'clock'
  | 'store'
  | 'machine';

/** What needs an operator: a store, or a machine as a whole, that comes back from an older copy. */
export const restoring: readonly FaultName[] = ['store', 'machine'];

type Fault = (simulation: Simulation, party: Party) => void;

export const faults: Readonly<Record<FaultName, Fault>> = {
  cut: (simulation) => {
    const fate = simulation.chance.below(3);
    if (fate !== 0) simulation.network.cut('next');
    if (fate !== 1) simulation.network.cut('urgent');
  },
  partition: (simulation) => block(simulation, ['CN', 'US']),
  'one-way': (simulation, party) => block(simulation, [party]),
  slow: (simulation) => {
    simulation.network.latencyMs = 500 + simulation.chance.below(20_000);
    simulation.time.after(someTime(simulation), () => {
      simulation.network.latencyMs = 40;
    });
  },
  killed: (simulation, party) => crash(simulation, party, 'killed'),
  power: (simulation, party) => {
    if (simulation.chance.below(2) === 0) return crash(simulation, party, 'power');
    const { disk } = simulation.stations[party];
    disk.cutPowerAfter(1 + simulation.chance.below(12), () => crash(simulation, party, 'power'));
  },
  full: (simulation, party) => {
    simulation.stations[party].disk.isFull = true;
    simulation.time.after(someTime(simulation), () => {
      simulation.stations[party].disk.isFull = false;
    });
  },
  short: (simulation, party) => {
    simulation.stations[party].reserveIsShort = true;
    simulation.time.after(someTime(simulation), () => {
      simulation.stations[party].reserveIsShort = false;
    });
  },
  clock: (simulation, party) => {
    const { chance, stations } = simulation;
    const size = [minuteMs, 10 * minuteMs, 5 * hourMs][chance.below(3)] ?? minuteMs;
    stations[party].clockWrongByMs = chance.below(2 * size) - size;
    simulation.say(`${party} clock is wrong by ${stations[party].clockWrongByMs} ms`);
  },
  store: (simulation, party) => restore(simulation, party, 'store'),
  machine: (simulation, party) => restore(simulation, party, 'machine'),
};

/** Ends whatever is still wrong; what is down is started. */
export function heal(simulation: Simulation): void {
  const { network, stations } = simulation;
  simulation.isMended = true;
  simulation.say('all is mended');
  network.latencyMs = 40;
  network.carries.CN = true;
  network.carries.US = true;
  network.resume();
  for (const station of Object.values(stations)) {
    station.disk.keepPower();
    station.disk.isFull = false;
    station.reserveIsShort = false;
    station.clockWrongByMs = 0;
    if (station.standing === 'down') station.start();
  }
}

function block(simulation: Simulation, blocked: readonly Party[]): void {
  const { network, time, chance } = simulation;
  for (const party of blocked) network.carries[party] = false;
  simulation.say(`nothing comes from ${blocked.join(' or ')}`);
  time.after(someTime(simulation), () => {
    for (const party of blocked) network.carries[party] = true;
    // A connection that was silent for long is often lost by then.
    if (chance.below(2) === 0) network.cut(chance.below(2) === 0 ? 'next' : 'urgent');
    network.resume();
  });
}

function crash(simulation: Simulation, party: Party, how: 'killed' | 'power'): void {
  const station = simulation.stations[party];
  if (station.standing === 'down' || station.standing === 'recovering') return;
  station.crash(how);
  simulation.time.after(100 + simulation.chance.below(20_000), () => {
    if (station.standing === 'down') station.start();
  });
}

/** Takes a copy now, and puts it in place of the disk some time later, if nothing is lost by it that the other side has not. */
function restore(simulation: Simulation, party: Party, what: 'store' | 'machine'): void {
  const { stations, chance, time } = simulation;
  const [station, other] = [stations[party], stations[otherOf[party]]];
  const copy = station.disk.copy();
  time.after(5_000 + chance.below(minuteMs), () => {
    const signed = station.disk.anchored.own[0]?.size ?? 0;
    const mayRecover = other.flushed(station.origin) >= Math.max(signed, station.flushed(station.origin));
    if (simulation.isMended || !mayRecover || station.standing !== 'running' || other.standing !== 'running') return;
    if (other.refusal !== undefined || station.refusal !== undefined) return;
    station.crash('killed');
    station.disk.restore(copy, what);
    if (what === 'machine') simulation.book.machineRestored(party);
    simulation.say(`${party} ${what} is restored from a copy with ${station.flushed(station.origin)} leaves`);
    station.start();
  });
}

function someTime({ chance }: Simulation): number {
  return 1_000 + chance.below(chance.below(8) === 0 ? 10 * minuteMs : minuteMs);
}

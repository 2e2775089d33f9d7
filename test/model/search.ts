import { Calm } from '#test/model/calm.ts';
import type { Design } from '#test/model/centre.ts';
import { type Known, StateTable } from '#test/model/state-table.ts';
import { Universe } from '#test/model/universe.ts';
import { type Bound, type Move, Moves, type World } from '#test/model/world.ts';

export interface Progress {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
}

export interface Found extends Progress {
  /** The broken invariant and the shortest way to it; nothing if all of the bound was searched and none is broken. */
  readonly broken: Broken | undefined;
}

export interface Broken {
  readonly invariant: string;
  readonly trace: readonly string[];
}

export interface Search {
  readonly design: Design;
  readonly bound: Bound;
  /** Whether it is also asked, of each state, if everything logged can still be delivered. */
  readonly waiting: boolean;
  /** Called now and then. */
  readonly onProgress: (progress: Progress) => void;
}

const progressEvery = 65_536;

/** Visits every state within the bound, the nearest first. */
export function search({ design, bound, waiting, onProgress }: Search): Found {
  const moves = new Moves(new Universe(design), bound);
  const calm = new Calm(moves);
  const symmetric = bound.files[0].join() === bound.files[1].join();
  const table = new StateTable(symmetric);
  table.add(moves.first, { parent: 0, move: 0 });
  let transitions = 0;
  let depth = 0;
  let levelEnd = 1;
  for (let state = 0; state < table.size; state += 1) {
    if (state === levelEnd) {
      depth += 1;
      levelEnd = table.size;
    }
    const world = table.world(state);
    const stuck = waiting ? calm.stuckAfter(world) : undefined;
    if (stuck !== undefined) return { states: table.size, transitions, depth, broken: stuckAt(moves, table, { state, stuck }) };
    for (const [ordinal, move] of moves.of(world).entries()) {
      transitions += 1;
      if (move.breach !== undefined)
        return {
          states: table.size,
          transitions,
          depth,
          broken: { invariant: move.breach, trace: traceTo(moves, table, { state, ordinal }) },
        };
      table.add(move.world, { parent: state, move: ordinal });
    }
    if (state % progressEvery === 0) onProgress({ states: table.size, transitions, depth });
  }
  return { states: table.size, transitions, depth, broken: undefined };
}

function stuckAt(
  moves: Moves,
  table: StateTable,
  { state, stuck }: { readonly state: number; readonly stuck: readonly Move[] },
): Broken {
  const { lines, names } = wayTo(moves, table, state);
  const rest = stuck.slice(0, 12).map((move) => `  then ${moves.describe(move, names)}`);
  const wrong = stuck.at(-1)?.breach ?? 'what was logged waits for ever: without another fault it is not delivered';
  return { invariant: wrong, trace: [...lines, 'from here on there are no faults:', ...rest] };
}

function traceTo(moves: Moves, table: StateTable, last: { readonly state: number; readonly ordinal: number }): readonly string[] {
  const { lines, names, world } = wayTo(moves, table, last.state);
  const move = moves.of(world)[last.ordinal];
  return move === undefined ? lines : [...lines, moves.describe(move, names)];
}

/** The moves that led to a state. Where two centres are alike the table has one of two mirrored states; the names follow. */
function wayTo(
  moves: Moves,
  table: StateTable,
  state: number,
): { readonly lines: readonly string[]; readonly names: readonly [string, string]; readonly world: World } {
  const path: Known[] = [];
  for (let at = state; at !== 0; at = table.known(at).parent) path.unshift(table.known(at));
  let names: readonly [string, string] = ['A', 'B'];
  let world = table.world(0);
  const lines: string[] = [];
  for (const { move } of path) {
    const made = moves.of(world)[move];
    if (made === undefined) throw new Error('a state was reached by a move that its parent does not have');
    lines.push(moves.describe(made, names));
    const settled = table.settled(made.world);
    if (settled.mirrored) names = [names[1], names[0]];
    world = settled.world;
  }
  return { lines, names, world };
}

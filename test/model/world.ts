import type { Lane } from '#exchange/delivery.ts';
import { type Centre, type Input, mayStart, type Process } from '#test/model/centre.ts';
import { type Filing, receiptsIn } from '#test/model/leaf.ts';
import { describe } from '#test/model/message.ts';
import type { KnownReaction, Universe } from '#test/model/universe.ts';

/** How far a search goes. */
export interface Bound {
  /** What each centre files, in order. */
  readonly files: readonly [readonly Filing[], readonly Filing[]];
  /** Messages that a channel holds; beyond it the newest is lost. */
  readonly inFlight: number;
  /** Faults in all, of any kind. */
  readonly faults: number;
  /** Restored backups a side. */
  readonly restores: number;
  /** Whether a delivery may have fewer leaves than there are. */
  readonly splits: boolean;
  /**
   * What may come between two moves. `fine`: anything. `coarse`: leaves are read to be sent, and all that is not connected connects
   * and greets, in one move. `coarsest`: what arrives is durable in the same move too.
   */
  readonly grain: 'fine' | 'coarse' | 'coarsest';
}

/** Two centres, the channels to the first and to the second (next, urgent), and the faults that are left. */
export type World = readonly [
  a: number,
  b: number,
  aNext: number,
  aUrgent: number,
  bNext: number,
  bUrgent: number,
  faults: number,
];

export interface Move {
  readonly world: World;
  readonly side: 0 | 1;
  readonly input: Input;
  /** `connect` is both sides'; `drop` nobody's. */
  readonly how: 'turn' | 'connect' | 'drop' | 'repeat';
  readonly breach: string | undefined;
}

const lanes: readonly Lane[] = ['next', 'urgent'];

/** Everything that can happen in a state of the two centres and the network between them. */
export class Moves {
  readonly universe: Universe;
  readonly #bound: Bound;

  constructor(universe: Universe, bound: Bound) {
    this.universe = universe;
    this.#bound = bound;
  }

  get first(): World {
    return [0, 0, 0, 0, 0, 0, this.#bound.faults];
  }

  of(world: World): readonly Move[] {
    const moves: Move[] = [];
    for (const side of [0, 1] as const) {
      if (this.centre(world, side).process === null) this.#addIdle(moves, world, side);
      else this.#addRunning(moves, world, side);
    }
    if (this.#bound.grain !== 'fine') this.#addMeeting(moves, world);
    else for (const lane of lanes) if (this.#mayConnect(world, lane)) moves.push(this.connect(world, lane));
    return moves;
  }

  centre(world: World, side: 0 | 1): Centre {
    return this.universe.centre(world[side]);
  }

  messages(world: World, side: 0 | 1, lane: Lane): readonly number[] {
    return this.universe.channel(world[placeOf(side, lane)]);
  }

  #addIdle(moves: Move[], world: World, side: 0 | 1): void {
    const centre = this.centre(world, side);
    if (mayStart(centre, this.universe.design)) moves.push(this.turn(world, side, { kind: 'start' }));
    this.#addRestores(moves, world, side);
    const from = this.recoverable(world, side);
    if (from !== undefined) moves.push(this.turn(world, side, { kind: 'recover', from }));
  }

  /** Leaves of its own that a centre can take back from the other, which must run. */
  recoverable(world: World, side: 0 | 1): string | undefined {
    const { disk, receipted } = this.centre(world, side);
    const other = this.centre(world, side === 0 ? 1 : 0);
    const longer = other.process !== null && other.disk.held.length > disk.own.length && other.disk.held.startsWith(disk.own);
    if (longer) return other.disk.held;
    return disk.receipts === receipted ? undefined : disk.own;
  }

  #addRunning(moves: Move[], world: World, side: 0 | 1): void {
    const { filed, process, disk, signed } = this.centre(world, side);
    if (process === null) return;
    const { delivery, line } = process;
    const filing = this.#bound.files[side][filed];
    const add = (input: Input): void => void moves.push(this.turn(world, side, input));
    if (line === 'open' && filing !== undefined) add({ kind: 'file', filing });
    if (line === 'opening' && disk.own === signed) add({ kind: 'confirm' });
    const from = line === 'behind' ? this.recoverable(world, side) : undefined;
    if (from !== undefined) add({ kind: 'recover', from });
    if (process.storing !== null) add({ kind: 'stored' });
    for (const { index } of process.storingUrgent) add({ kind: 'stored-urgent', index });
    if (process.reading !== null) {
      add({ kind: 'read', to: disk.own.length });
      if (this.#bound.splits && process.reading + 1 < disk.own.length) add({ kind: 'read', to: process.reading + 1 });
    }
    if (delivery.outbound.deferred) add({ kind: 'resume' });
    this.#addFaults(moves, world, side);
    this.#addNetwork(moves, world, side);
  }

  #addFaults(moves: Move[], world: World, side: 0 | 1): void {
    const { filed, process } = this.centre(world, side);
    if (process === null) return;
    const left = spent(world);
    const add = (input: Input): void => void (left === undefined ? undefined : moves.push(this.turn(left, side, input)));
    if (process.storing !== null) add({ kind: 'failed' });
    for (const { index } of process.storingUrgent) add({ kind: 'failed-urgent', index });
    const filing = process.line === 'open' ? this.#bound.files[side][filed] : undefined;
    for (const stored of process.storing === null ? [false] : [false, true]) {
      for (const urgent of process.storingUrgent.length === 0 ? [false] : [false, true]) {
        add({ kind: 'kill', stored, urgent, filing: null });
        if (filing !== undefined) add({ kind: 'kill', stored, urgent, filing });
      }
    }
    this.#addRestores(moves, world, side);
    for (const lane of lanes) if (process.lanes[lane] > 0) add({ kind: 'lose', lane });
    const { inFlight, urgentSent } = process.delivery.outbound;
    if (inFlight.length + urgentSent.length > 0) {
      if (this.#nothingOnTheWay(world)) moves.push(this.turn(world, side, { kind: 'overdue' }));
      else add({ kind: 'overdue' });
    }
  }

  #nothingOnTheWay(world: World): boolean {
    return world.slice(2, 6).every((channel) => channel === 0);
  }

  /**
   * A backup is taken while anything may be under way, and put in place once the machine is lost. The anchor is restored with it
   * only where the other side has seen everything that it covers: what nobody else has seen, nobody can miss.
   */
  #addRestores(moves: Move[], world: World, side: 0 | 1): void {
    const { backup, life, disk, signed, anchor } = this.centre(world, side);
    if (life >= this.#bound.restores) return;
    if (backup === null) {
      if (disk.own !== '' || disk.held !== '') moves.push(this.turn(world, side, { kind: 'backup' }));
      return;
    }
    const other = this.centre(world, side === 0 ? 1 : 0);
    // While the other still has to learn from this one how far it signed, losing it too is beyond any remedy.
    if (!other.signed.startsWith(other.anchor) || other.anchor.length < other.signed.length) return;
    moves.push(this.turn(world, side, { kind: 'restore', anchorToo: false }));
    if (other.disk.held === signed && anchor !== backup.anchor)
      moves.push(this.turn(world, side, { kind: 'restore', anchorToo: true }));
  }

  #addNetwork(moves: Move[], world: World, side: 0 | 1): void {
    const { process } = this.centre(world, side);
    const other = this.centre(world, side === 0 ? 1 : 0).process;
    if (process === null) return;
    for (const lane of lanes) {
      // The end of a connection is noticed sooner or later.
      if (process.lanes[lane] > 0 && (other?.lanes[lane] ?? 0) === 0) moves.push(this.turn(world, side, { kind: 'lose', lane }));
      for (const message of this.deliverable(world, side, lane)) this.#addMessage(moves, world, { side, lane, message });
    }
  }

  /** A greeting comes first on its connection. */
  deliverable(world: World, side: 0 | 1, lane: Lane): readonly number[] {
    const state = this.centre(world, side).process?.lanes[lane] ?? 0;
    if (state === 0) return [];
    return this.messages(world, side, lane).filter(
      (message) => (this.universe.message(message).kind === 'hello') === (state === 1),
    );
  }

  #addMessage(moves: Move[], world: World, way: { readonly side: 0 | 1; readonly lane: Lane; readonly message: number }): void {
    const { side, lane, message } = way;
    const content = this.universe.message(message);
    const input: Input = { kind: 'deliver', lane, message: content };
    const without = this.#without(world, way);
    moves.push(this.turn(without, side, input));
    if (content.kind === 'hello') return;
    const repeated = spent(world);
    if (repeated !== undefined) moves.push({ ...this.turn(repeated, side, input), how: 'repeat' });
    const lost = spent(without);
    if (lost !== undefined) moves.push({ world: lost, side, input, how: 'drop', breach: undefined });
    if (lost !== undefined && content.kind === 'next' && this.centre(world, side).process?.line === 'open')
      moves.push(this.turn(lost, side, { kind: 'defer' }));
  }

  #without(
    world: World,
    { side, lane, message }: { readonly side: 0 | 1; readonly lane: Lane; readonly message: number },
  ): World {
    const rest = this.messages(world, side, lane).filter((other) => other !== message);
    return withPart(world, placeOf(side, lane), this.universe.numberOfChannel(rest));
  }

  #mayConnect(world: World, lane: Lane): boolean {
    const [a, b] = [this.centre(world, 0).process, this.centre(world, 1).process];
    return a !== null && b !== null && (a.lanes[lane] === 0 || b.lanes[lane] === 0);
  }

  /** Connects what is not connected, and greets, all in one. */
  #addMeeting(moves: Move[], world: World): void {
    const missing = lanes.filter((lane) => this.#mayConnect(world, lane));
    let met = world;
    let last: Move | undefined;
    for (const lane of missing) {
      last = this.connect(met, lane);
      met = last.world;
      for (const side of [0, 1] as const) {
        const [hello] = this.deliverable(met, side, lane);
        if (hello === undefined) continue;
        const message = this.universe.message(hello);
        const turn = this.turn(this.#without(met, { side, lane, message: hello }), side, { kind: 'deliver', lane, message });
        last = { ...last, world: turn.world, breach: last.breach ?? turn.breach };
        met = turn.world;
      }
    }
    if (last !== undefined) moves.push(last);
  }

  /** A new connection on a lane, which takes the place of the old one at whoever still had it. */
  connect(world: World, lane: Lane): Move {
    const input: Input = { kind: 'connect', lane };
    const first = this.universe.react(world[0], input);
    const second = this.universe.react(world[1], input);
    let joined = withPart(withPart(world, 0, first.centre), 1, second.centre);
    for (const side of [0, 1] as const) joined = withPart(joined, placeOf(side, lane), 0);
    joined = this.#sendAll(this.#sendAll(joined, 0, first), 1, second);
    return { world: joined, side: 0, input, how: 'connect', breach: first.breach ?? second.breach ?? this.#wrong(joined) };
  }

  turn(world: World, side: 0 | 1, input: Input): Move {
    const reaction = this.universe.react(world[side], input);
    let after = withPart(world, side, reaction.centre);
    const { process } = this.universe.centre(reaction.centre);
    for (const lane of lanes) if ((process?.lanes[lane] ?? 0) === 0) after = withPart(after, placeOf(side, lane), 0);
    after = this.#sendAll(after, side, reaction);
    const move: Move = { world: after, side, input, how: 'turn', breach: reaction.breach ?? this.#wrong(after) };
    const next = move.breach === undefined ? this.#atOnce(process) : undefined;
    return next === undefined ? move : { ...this.turn(after, side, next), side, input };
  }

  /** What follows in the same move, by the grain of the search. */
  #atOnce(process: Process | null): Input | undefined {
    if (process === null || this.#bound.grain === 'fine') return undefined;
    if (process.reading !== null) return { kind: 'read', to: process.delivery.outbound.logged };
    if (this.#bound.grain === 'coarse') return undefined;
    const [urgent] = process.storingUrgent;
    if (urgent !== undefined) return { kind: 'stored-urgent', index: urgent.index };
    return process.storing === null ? undefined : { kind: 'stored' };
  }

  #sendAll(world: World, side: 0 | 1, { sends }: KnownReaction): World {
    let after = world;
    const to = side === 0 ? 1 : 0;
    const listening = this.centre(world, to).process?.lanes;
    for (const { lane, message } of sends) {
      if ((listening?.[lane] ?? 0) === 0) continue;
      const waiting = this.messages(after, to, lane);
      if (waiting.includes(message) || waiting.length >= this.#bound.inFlight) continue;
      const channel = [...waiting, message].toSorted((a, b) => a - b);
      after = withPart(after, placeOf(to, lane), this.universe.numberOfChannel(channel));
    }
    return after;
  }

  /** The invariants between the two. */
  #wrong(world: World): string | undefined {
    const [a, b] = [this.centre(world, 0), this.centre(world, 1)];
    return wrongCopy(a, b) ?? wrongCopy(b, a);
  }

  describe({ side, input, how }: Move, names: readonly [string, string]): string {
    const name = names[side];
    if (how === 'connect') return `${names[0]} and ${names[1]} connect the lane ${input.kind === 'connect' ? input.lane : ''}`;
    if (input.kind !== 'deliver') return `${name}: ${describeInput(input)}`;
    const message = describe(input.message);
    if (how === 'drop') return `the network loses, on the way to ${name}: ${message}`;
    return `${name} receives${how === 'repeat' ? ' (and the network keeps a copy)' : ''}: ${message}`;
  }
}

/** What one side has of the other's log is what the other signed, and so is what it says that it received. */
function wrongCopy(holder: Centre, owner: Centre): string | undefined {
  if (!owner.signed.startsWith(holder.disk.held)) return 'leaves are held that their owner did not sign';
  for (const { index, leaf } of holder.disk.urgentHeld)
    if (owner.signed.charAt(index) !== leaf) return `urgent leaf ${index} is held, and its owner did not sign it`;
  const receipts = receiptsIn(holder.disk.own + holder.disk.receipts);
  if (Math.max(receipts.to, ...receipts.urgent.map((index) => index + 1)) > owner.signed.length)
    return 'a receipt for what the other side did not log';
  return undefined;
}

function describeInput(input: Exclude<Input, { readonly kind: 'deliver' }>): string {
  switch (input.kind) {
    case 'file':
      return `files a record (${input.filing})`;
    case 'connect':
    case 'lose':
      return `${input.kind}s the lane ${input.lane}`;
    case 'defer':
      return 'defers a delivery';
    case 'read':
      return `has read its leaves up to ${input.to} and sends them`;
    case 'stored':
      return 'what came in order is durable';
    case 'stored-urgent':
      return `urgent leaf ${input.index} is durable`;
    case 'failed':
      return 'the store of what came in order fails';
    case 'failed-urgent':
      return `the store of urgent leaf ${input.index} fails`;
    case 'overdue':
      return 'has waited too long for an answer';
    case 'resume':
      return 'has rested, and sends again';
    case 'confirm':
      return 'a supervisor confirms, truly, that the store is the newest';
    case 'backup':
      return 'a backup is taken';
    case 'kill':
      return `is killed${input.stored ? '; the stretch is durable' : ''}${input.urgent ? '; the urgent leaf is durable' : ''}${input.filing === null ? '' : `; a record (${input.filing}) is durable and unsigned`}`;
    case 'restore':
      return `is lost; its backup is put in place${input.anchorToo ? ', anchor and all' : ''}`;
    case 'start':
      return 'starts';
    case 'recover':
      return 'takes its own leaves back from the other side';
  }
}

function placeOf(side: 0 | 1, lane: Lane): 2 | 3 | 4 | 5 {
  if (side === 0) return lane === 'next' ? 2 : 3;
  return lane === 'next' ? 4 : 5;
}

function withPart(world: World, place: number, part: number): World {
  return world[place] === part ? world : (world.with(place, part) as unknown as World);
}

/** The world with one fault less to come; nothing if there is none left. */
function spent(world: World): World | undefined {
  return world[6] === 0 ? undefined : withPart(world, 6, world[6] - 1);
}

import { bytesOfHex, equalBytes, hexOf } from '#base/bytes.ts';
import { accept, mustAccept, type Result, refuse } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import type { Connection } from '#centre/link/connection.ts';
import type { World } from '#centre/world.ts';
import type { Lane } from '#exchange/delivery.ts';
import { beginWatch, hear, type PathWatch, summarise } from '#exchange/path-watch.ts';
import { nonceBytes, parseHeartbeatText, verifyHeartbeat } from '#log/heartbeat.ts';
import { parseNote } from '#log/note.ts';
import type { LogKeys } from '#log/policy.ts';

interface Beat {
  readonly connection: Connection;
  readonly callOff: () => void;
  /** When anything was last heard here, by a clock that nobody sets. */
  heardAt: number;
  /** The heartbeat under way. */
  last: Promise<void>;
  /** The bytes that we sent last, the newest first. */
  sent: readonly Uint8Array[];
  /** The bytes that came last: our next heartbeat answers them. Nothing came yet: 32 zeros. */
  received: Uint8Array;
  /** Whether a heartbeat on this connection has answered ours: from then on 32 zero bytes are a repetition. */
  isAnswered: boolean;
}

export interface HeartOptions {
  readonly peer: LogKeys;
  readonly intervalMs: number;
  readonly nowMs: () => TimeMs;
  readonly world: World;
  sign(path: string, nonce: Uint8Array): Promise<Result<Uint8Array>>;
}

const lanes: readonly Lane[] = ['next', 'urgent'];
/** Silence after which a connection is given up: so many of our intervals, and never less than three of the usual ones of a peer. */
const deadAfterIntervals = 4;
const deadAfterMs = 180_000;
/** Heartbeats cross on the way, so a good one answers the last bytes sent or those before. */
const answeredMax = 2;
/** One that answers older ones is late: it counts for nothing, and alarms nobody. */
const sentKept = 8;
const noNonce = new Uint8Array(nonceBytes);

/** The heartbeats of both paths: ours on a timer, theirs checked against the bytes that we sent last (`spec/link.md` 7). */
export class Heart {
  readonly #options: HeartOptions;
  readonly #beats = new Map<Lane, Beat>();
  #watches: ReadonlyMap<Lane, PathWatch>;

  constructor(options: HeartOptions) {
    this.#options = options;
    this.#watches = new Map(lanes.map((lane) => [lane, beginWatch(lane, options.nowMs())]));
  }

  get watches(): ReadonlyMap<Lane, PathWatch> {
    return this.#watches;
  }

  /** The other side's clock less ours, as the last heartbeat of a lane showed it; 0 before one came. */
  clockOffsetMs(lane: Lane): number {
    return this.#watches.get(lane)?.clockOffsetMs ?? 0;
  }

  opened(lane: Lane, connection: Connection): void {
    this.closed(lane);
    const { world, intervalMs } = this.#options;
    const callOff = world.every(intervalMs, () => this.#tick(lane));
    this.#beats.set(lane, {
      connection,
      callOff,
      heardAt: world.steadyMs(),
      last: Promise.resolve(),
      sent: [],
      received: noNonce,
      isAnswered: false,
    });
    this.#beat(lane);
  }

  closed(lane: Lane): void {
    this.#beats.get(lane)?.callOff();
    this.#beats.delete(lane);
  }

  stop(): void {
    for (const lane of lanes) this.closed(lane);
  }

  /** Anything came on a lane. */
  stirred(lane: Lane): void {
    const beat = this.#beats.get(lane);
    if (beat !== undefined) beat.heardAt = this.#options.world.steadyMs();
  }

  /** Takes what came as a heartbeat. The first on a connection answers nothing: it only brings the bytes to be answered. */
  heard(lane: Lane, nonceHex: string, note: Uint8Array | undefined): Result<void> {
    const beat = this.#beats.get(lane);
    if (beat === undefined || note === undefined) return refuse('link.heartbeat', 'a heartbeat without its note');
    const nonce = nonceOf(note);
    if (!nonce.ok) return nonce;
    const first = beat.received === noNonce;
    // Compared before anything is verified: a flood of heartbeats that answer nothing costs next to nothing.
    const answered = beat.sent.findIndex((sent) => equalBytes(sent, nonce.value));
    if (answered === -1 && (beat.isAnswered || !equalBytes(nonce.value, noNonce))) {
      return refuse('link.heartbeat', 'the heartbeat does not answer the bytes that we sent last');
    }
    const verified = verifyHeartbeat({ note, log: this.#options.peer, path: lane, nonce: nonce.value });
    if (!verified.ok) return verified;
    beat.received = mustAccept(bytesOfHex(nonceHex, nonceBytes));
    if (answered !== -1) beat.isAnswered = true;
    if (first) this.#beat(lane);
    if (answered === -1 || answered >= answeredMax) return accept(undefined);
    const watch = this.#watches.get(lane) ?? beginWatch(lane, this.#options.nowMs());
    const heard = hear(watch, { nowMs: this.#options.nowMs(), statedMs: verified.value.timeS * 1000 });
    this.#watches = new Map(this.#watches).set(lane, heard);
    return accept(undefined);
  }

  /** The entries of the hourly record; the watches begin anew. */
  summary(): readonly ReturnType<typeof summarise>['entry'][] {
    const at = { nowMs: this.#options.nowMs(), intervalMs: this.#options.intervalMs };
    const summaries = [...this.#watches].map(([lane, watch]) => ({ lane, ...summarise(watch, at) }));
    this.#watches = new Map(summaries.map(({ lane, next }) => [lane, next]));
    return summaries.map(({ entry }) => entry);
  }

  /** A connection on which nothing comes is dead, whatever the network says of it: whoever called calls again. */
  #tick(lane: Lane): void {
    const beat = this.#beats.get(lane);
    if (beat === undefined) return;
    const silentMs = this.#options.world.steadyMs() - beat.heardAt;
    if (silentMs < Math.max(deadAfterMs, deadAfterIntervals * this.#options.intervalMs)) return this.#beat(lane);
    beat.connection.close(
      refuse('link.heartbeat', `nothing came by the lane ${lane} for ${Math.floor(silentMs / 1000)} s`).refusal,
    );
  }

  /** Heartbeats of a lane leave one after another: one that overtook would answer bytes that were already answered. */
  #beat(lane: Lane): void {
    const beat = this.#beats.get(lane);
    if (beat === undefined) return;
    beat.last = beat.last.then(() => this.#send(lane, beat)).catch(() => beat.connection.close(undefined));
  }

  async #send(lane: Lane, beat: Beat): Promise<void> {
    const nonce = this.#options.world.randomBytes(nonceBytes);
    const note = await this.#options.sign(lane, beat.received);
    if (!note.ok || this.#beats.get(lane) !== beat) return;
    beat.sent = [nonce, ...beat.sent].slice(0, sentKept);
    beat.connection.send({ header: { kind: 'heartbeat', nonce: hexOf(nonce) }, attachments: [note.value] });
  }
}

/** The bytes that a heartbeat says it answers. Nothing of it is verified yet. */
function nonceOf(note: Uint8Array): Result<Uint8Array> {
  const parsed = parseNote(note);
  const stated = parsed.ok ? parseHeartbeatText(parsed.value.text) : parsed;
  return stated.ok ? accept(stated.value.nonce) : stated;
}

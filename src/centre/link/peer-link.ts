import { deliveriesWaitingBytesMax, peerNoteBytesMax } from '#base/limits.ts';
import { mustAccept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { type TimeMs, timeOfText } from '#base/time.ts';
import { Connection, type LinkSocket } from '#centre/link/connection.ts';
import type { FollowedLog } from '#centre/link/followed-log.ts';
import type { Heart } from '#centre/link/heart.ts';
import type { Intake } from '#centre/link/intake.ts';
import type { LinkOwner } from '#centre/link/link-owner.ts';
import { nextOf, urgentOf } from '#centre/link/message-parts.ts';
import type { OwnLog } from '#centre/link/own-log.ts';
import { Patience } from '#centre/link/patience.ts';
import { Rest } from '#centre/link/rest.ts';
import type { World } from '#centre/world.ts';
import {
  type DeliveryEffect,
  type DeliveryEvent,
  type DeliveryState,
  initialDelivery,
  type Lane,
  step,
  type UrgentLeaves,
} from '#exchange/delivery.ts';
import type { Message, MessageHeader } from '#exchange/message.ts';
import { Pace } from '#exchange/pace.ts';

/** Without an answer for so long, what is in flight counts as lost. */
const overdueMs = 15_000;
/** How long the other side may take for its greeting. Before it there are no heartbeats, by whose silence a lost connection is seen. */
const greetingMs = 60_000;
const lanes: readonly Lane[] = ['next', 'urgent'];

type StoreUnderWay = { readonly lane: 'next' } | { readonly lane: 'urgent'; readonly index: number };

type Header<K extends MessageHeader['kind']> = Extract<MessageHeader, { readonly kind: K }>;

/** Carries out the delivery reducer over two pinned connections to one other centre. Owner of the reducer's state. */
export class PeerLink {
  readonly heart: Heart;
  readonly #owner: LinkOwner;
  readonly #own: OwnLog;
  readonly #followed: FollowedLog;
  readonly #intake: Intake;
  readonly #connections = new Map<Lane, Connection>();
  readonly #greeted = new Set<Lane>();
  readonly #world: World;
  readonly #callOff: () => void;
  #pace = new Pace();
  #state: DeliveryState;
  /** Leaves of our log that are durable and signed; the reducer may not have heard of the newest. */
  #logged: number;
  /** Since each lane had an answer, or nothing to be answered. */
  readonly #answers: Patience;
  readonly #greetings: Patience;
  readonly rest = new Rest();
  /** Whether an urgent leaf came before the line was open. */
  #urgentMissed = false;
  #closedForGood = false;
  #givingBack = false;

  constructor(parts: {
    owner: LinkOwner;
    own: OwnLog;
    followed: FollowedLog;
    intake: Intake;
    heart: Heart;
    world: World;
    urgent: UrgentLeaves;
  }) {
    this.#owner = parts.owner;
    this.#own = parts.own;
    this.#followed = parts.followed;
    this.#intake = parts.intake;
    this.heart = parts.heart;
    this.#world = parts.world;
    this.#answers = new Patience(parts.world.steadyMs);
    this.#greetings = new Patience(parts.world.steadyMs);
    const { held, urgentHeld } = parts.followed;
    this.#logged = parts.own.newest.size;
    this.#state = initialDelivery({ logged: this.#logged, ...parts.urgent, held, urgentHeld });
    this.#callOff = parts.world.every(overdueMs / 3, () => this.#watch());
  }

  /** What the other side says that it holds of our log. */
  get peerHeld(): number | null {
    return this.#state.outbound.peerHeld;
  }

  /** The newest checkpoint of their log of which every leaf is held here. */
  get newestTheirs(): Uint8Array | undefined {
    return this.#intake.complete;
  }

  isConnected(lane: Lane): boolean {
    return this.#greeted.has(lane);
  }

  /** A connection whose key is the pinned one. A newer connection takes the place of an older one on its lane. */
  connected(socket: LinkSocket, lane: Lane): void {
    if (this.#closedForGood) return void socket.destroy();
    this.#connections.get(lane)?.close(undefined);
    const connection = new Connection(
      socket,
      {
        message: (message) => this.#receive(connection, lane, message),
        closed: (refusal) => this.#closed(connection, lane, refusal),
      },
      this.#world.turn,
    );
    this.#connections.set(lane, connection);
    const { held, urgentHeld } = this.#followed;
    const { origin } = this.#own;
    const header = { kind: 'hello', protocol: 1, centre: this.#owner.centre, origin, lane, held, urgentHeld } as const;
    if (lane === 'next') this.#pace = new Pace();
    const shown = this.#intake.newest;
    connection.send({ header, attachments: shown === undefined ? [] : [shown] });
    this.#greetings.begin(lane);
  }

  /** Our log has grown: durable, signed, and with these urgent leaves. */
  logged(size: number, urgent: UrgentLeaves): void {
    this.#logged = size;
    if (urgent.urgent.length === 0) return this.#offer();
    this.#take({ kind: 'logged', size, ...urgent });
  }

  /** Called when the line opens: what was held back until then is asked for again. */
  opened(): void {
    this.#answer({ kind: 'answer-next', held: this.#followed.held, again: true });
    // The greeting of a new connection says which urgent leaves are here, so that the others are sent at once.
    if (this.#urgentMissed) this.#connections.get('urgent')?.close(undefined);
    this.#urgentMissed = false;
  }

  close(): void {
    this.#closedForGood = true;
    this.#callOff();
    this.heart.stop();
    for (const connection of this.#connections.values()) connection.close(undefined);
  }

  #closed(connection: Connection, lane: Lane, refusal: Refusal | undefined): void {
    if (refusal !== undefined) this.#owner.alarm(refusal);
    if (this.#connections.get(lane) !== connection) return;
    this.#connections.delete(lane);
    this.heart.closed(lane);
    if (lane === 'next') this.#followed.reset(this.#state.inbound.storing ?? this.#followed.held);
    this.#take({ kind: 'closed', lane });
    if (this.#greeted.delete(lane)) this.#owner.connection(lane, false);
  }

  #receive(connection: Connection, lane: Lane, message: Message): void {
    if (this.#connections.get(lane) !== connection) return;
    this.heart.stirred(lane);
    const { header } = message;
    if (header.kind === 'hello') return this.#greet(connection, lane, { header, attachments: message.attachments });
    if (!this.#greeted.has(lane)) return connection.close(refuse('link.message', 'a message before the greeting').refusal);
    switch (header.kind) {
      case 'next':
        return this.#arriveNext(header, message.attachments);
      case 'urgent':
        return this.#arriveUrgent(header, message.attachments);
      case 'held':
        this.#answers.begin('next');
        this.#pace.answered(header.held, this.#world.steadyMs());
        return this.#take({ kind: 'answered-next', held: header.held, again: header.again });
      case 'held-urgent':
        this.#answers.begin('urgent');
        return this.#take({ kind: 'answered-urgent', index: header.index });
      case 'cosigned':
        return this.#cosigned(header.size, message.attachments[0] ?? new Uint8Array());
      case 'deferred':
        return this.#deferred(mustAccept(timeOfText(header.until)), header.reason);
      case 'refusal':
        this.#owner.alarm(refuse('link.refused', `the other side refused a delivery (${header.code}): ${header.detail}`).refusal);
        this.rest.refused(this.#owner.nowMs());
        return this.#take({ kind: 'deferred' });
      case 'heartbeat':
        return this.#shown(this.heart.heard(lane, header.nonce, message.attachments[0]));
      case 'ask':
        return this.#giveBack(header.from);
      case 'give':
        return connection.close(refuse('link.message', 'leaves given back that nobody asked for').refusal);
      case 'evidence':
        return this.#owner.accused(message.attachments[0] ?? new Uint8Array());
    }
  }

  #deferred(until: TimeMs, reason: string): void {
    this.rest.deferredByThem({ untilMs: until - this.heart.clockOffsetMs('next'), reason }, this.#owner.nowMs());
    this.#take({ kind: 'deferred' });
  }

  #cosigned(size: number, lines: Uint8Array): void {
    if (lines.length > peerNoteBytesMax)
      return this.#refused(refuse('link.message', `cosignature lines of ${lines.length} bytes`).refusal);
    this.#shown(this.#owner.cosigned(size, lines));
  }

  #greet(
    connection: Connection,
    lane: Lane,
    hello: { readonly header: Header<'hello'>; readonly attachments: readonly Uint8Array[] },
  ): void {
    const { centre, origin, held, urgentHeld } = hello.header;
    if (this.#greeted.has(lane)) return connection.close(refuse('link.message', 'a second greeting').refusal);
    if (centre !== this.#owner.peerCentre || origin !== this.#followed.origin || hello.header.lane !== lane) {
      return connection.close(refuse('link.peer', `the greeting names ${centre} and ${origin}, not the pairing's`).refusal);
    }
    this.#greeted.add(lane);
    this.#answers.begin(lane);
    if (lane === 'next') this.rest.end();
    this.#owner.connection(lane, true);
    this.heart.opened(lane, connection);
    this.#owner.greeted(hello.attachments[0]);
    if (lane === 'next') this.#accuse(this.#intake.accusation);
    this.#take({ kind: 'opened', lane, held, urgentHeld });
  }

  #arriveNext(header: Header<'next'>, attachments: readonly Uint8Array[]): void {
    if (!this.#owner.lineOpen()) return;
    const delivery = nextOf(header.from, attachments);
    if (!delivery.ok) return this.#refused(delivery.refusal);
    const { leaves } = delivery.value;
    const to = header.from + leaves.length;
    if (header.from > this.#followed.arrivedTo || to <= this.#followed.arrivedTo)
      return this.#take({ kind: 'arrived-next', from: header.from, to });
    if (this.#followed.waitingBytes >= deliveriesWaitingBytesMax) {
      this.#connections.get('next')?.close(refuse('link.budget', 'more deliveries at once than the link allows').refusal);
      return;
    }
    const { deferral } = this.#intake;
    if (deferral !== undefined) return this.#send('next', { header: this.rest.deferredByUs(deferral), attachments: [] });
    const arrived = this.#followed.arrive(delivery.value);
    if (arrived.ok) return this.#take({ kind: 'arrived-next', from: header.from, to });
    this.#refused(arrived.refusal);
    this.#accuse(
      this.#followed.evidenceAgainst(delivery.value) ??
        this.#followed.evidenceIn(delivery.value.checkpoint, this.#intake.complete),
    );
  }

  #arriveUrgent(header: Header<'urgent'>, attachments: readonly Uint8Array[]): void {
    if (!this.#owner.lineOpen()) {
      this.#urgentMissed = true;
      return;
    }
    const delivery = urgentOf(header, attachments);
    if (!delivery.ok) return this.#refused(delivery.refusal);
    const { inbound } = this.#state;
    const known =
      header.index < inbound.held || inbound.urgentHeld.includes(header.index) || inbound.urgentStoring.includes(header.index);
    if (known) return this.#take({ kind: 'arrived-urgent', index: header.index });
    const arrived = this.#followed.arriveUrgent(delivery.value);
    if (arrived.ok) return this.#take({ kind: 'arrived-urgent', index: header.index });
    this.#refused(arrived.refusal);
    if (this.#followed.isApart(delivery.value, arrived.refusal)) this.#intake.keepApart(delivery.value);
    this.#accuse(this.#followed.evidenceIn(delivery.value.checkpoint, this.#intake.complete));
  }

  /** Keeps evidence against the other side, and shows it to those who must know first. */
  #accuse(evidence: Uint8Array | undefined): void {
    if (evidence === undefined) return;
    this.#intake.keepEvidence(evidence);
    this.#send('next', { header: { kind: 'evidence' }, attachments: [evidence] });
  }

  /** The other side lost leaves of its own log: any member can give them back, under its own signature. */
  #giveBack(from: number): void {
    const note = this.#intake.complete;
    if (note === undefined || this.#givingBack) return;
    this.#inBackground('next', async (connection) => {
      this.#givingBack = true;
      const message = await this.#followed.giveBack(from, note).finally(() => {
        this.#givingBack = false;
      });
      if (message !== undefined) connection.send({ ...message, header: { kind: 'give', from } });
    });
  }

  #take(event: DeliveryEvent): void {
    const [state, effects] = step(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    this.#offer();
  }

  /** Leaves that are not worth a delivery yet are not spoken of: every event may make them so. */
  #offer(): void {
    const [size, { outbound }] = [this.#logged, this.#state];
    if (size > outbound.logged && this.#pace.offers(outbound, size)) this.#take({ kind: 'logged', size, urgent: [], flash: [] });
  }

  #perform(effect: DeliveryEffect): void {
    switch (effect.kind) {
      case 'send-next':
        return this.#inBackground('next', async (connection) => {
          const { message, to, bytes } = await this.#own.next(effect.from, this.#pace.bytesMax);
          if (this.#connections.get('next') !== connection) return;
          connection.send(message);
          this.#pace.sent({ to, bytes, atMs: this.#world.steadyMs() });
          this.#take({ kind: 'sent-next', to });
        });
      case 'send-urgent':
        return this.#inBackground('urgent', async (connection) => {
          connection.send(await this.#own.urgent(effect.index, this.#state.outbound.peerHeld ?? 0));
        });
      case 'store-next':
        return this.#storing({ lane: 'next' }, this.#storeNext(effect.to));
      case 'store-urgent':
        return this.#storing({ lane: 'urgent', index: effect.index }, this.#storeUrgent(effect.index));
      case 'answer-next':
      case 'answer-urgent':
        return this.#answer(effect);
    }
  }

  /** A fault of our own ends the connection, not the centre: what was not stored comes again. */
  #storing(what: StoreUnderWay, work: Promise<void>): void {
    work.catch((error: unknown) =>
      this.#storeFailed(what, refuse('store.damaged', `a store failed: ${String(error).slice(0, 200)}`).refusal),
    );
  }

  #storeFailed(what: StoreUnderWay, refusal: Refusal): void {
    this.#owner.alarm(refusal);
    if (what.lane === 'next') {
      this.#followed.stored();
      this.#followed.reset(this.#followed.held);
    } else this.#followed.urgentFailed(what.index);
    this.#take({ kind: 'store-failed', ...what });
    this.#connections.get(what.lane)?.close(undefined);
  }

  async #storeNext(to: number): Promise<void> {
    const stored = await this.#intake.store(this.#followed.stretch(to));
    this.#followed.stored();
    if (!stored.ok) return this.#storeFailed({ lane: 'next' }, stored.refusal);
    this.#sayCosigned(stored.value);
    this.#take({ kind: 'stored-next', held: to });
  }

  async #storeUrgent(index: number): Promise<void> {
    const stored = await this.#intake.storeUrgent(this.#followed.urgentBatch(index));
    if (!stored.ok) return this.#storeFailed({ lane: 'urgent', index }, stored.refusal);
    this.#followed.urgentStored(index);
    this.#take({ kind: 'stored-urgent', index });
  }

  #answer(effect: Extract<DeliveryEffect, { readonly kind: 'answer-next' | 'answer-urgent' }>): void {
    if (effect.kind === 'answer-urgent')
      return this.#send('urgent', { header: { kind: 'held-urgent', index: effect.index }, attachments: [] });
    this.#send('next', { header: { kind: 'held', held: effect.held, again: effect.again }, attachments: [] });
  }

  #sayCosigned(cosigned: { readonly size: number; readonly lines: Uint8Array } | undefined): void {
    if (cosigned === undefined) return;
    const lane = this.#greeted.has('next') ? 'next' : 'urgent';
    this.#send(lane, { header: { kind: 'cosigned', size: cosigned.size }, attachments: [cosigned.lines] });
  }

  /** What is not authentic changes nothing; both sides are told. */
  #refused(refusal: Refusal): void {
    this.#owner.alarm(refusal);
    const { code, clause, detail } = refusal;
    this.#send('next', { header: { kind: 'refusal', code, clause, detail: detail.slice(0, 600) }, attachments: [] });
  }

  #shown(result: Result<unknown>): void {
    if (!result.ok) this.#owner.alarm(result.refusal);
  }

  #watch(): void {
    const { outbound } = this.#state;
    if (outbound.inFlight.length === 0) this.#answers.begin('next');
    if (outbound.urgentSent.length === 0) this.#answers.begin('urgent');
    if (lanes.some((lane) => this.#answers.isOver(lane, overdueMs))) {
      for (const lane of lanes) this.#answers.begin(lane);
      this.#take({ kind: 'overdue' });
    }
    for (const lane of lanes) {
      if (this.#greeted.has(lane) || !this.#greetings.isOver(lane, greetingMs)) continue;
      const silence = refuse('link.heartbeat', `no greeting came by the lane ${lane} for ${greetingMs / 1000} s`);
      this.#connections.get(lane)?.close(silence.refusal);
    }
    if (this.rest.isOver(this.#owner.nowMs())) this.#take({ kind: 'resumed' });
  }

  #send(lane: Lane, message: Message): void {
    if (this.#greeted.has(lane)) this.#connections.get(lane)?.send(message);
  }

  #inBackground(lane: Lane, work: (connection: Connection) => Promise<void>): void {
    const connection = this.#connections.get(lane);
    if (connection === undefined) return;
    work(connection).catch((error: unknown) => {
      this.#owner.alarm(refuse('link.message', `a delivery could not be sent: ${String(error).slice(0, 200)}`).refusal);
      connection.close(undefined);
    });
  }
}

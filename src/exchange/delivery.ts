import { deliveriesInFlightMax, deliveriesTogetherMax, flashPlaces, urgentAheadMax } from '#base/limits.ts';

/**
 * The delivery between two centres as a pure reducer, one instance for each peer: what to send, what to store, what to answer.
 * It knows sizes and indices only; bytes, proofs and signatures are checked before an event reaches it (`spec/link.md` 4 to 6).
 */
export interface DeliveryState {
  readonly outbound: Outbound;
  readonly inbound: Inbound;
}

export type Lane = 'next' | 'urgent';

/** Our own log on its way to the other side. */
export interface Outbound {
  /** Leaves of our log that are durable and under a signed checkpoint. */
  readonly logged: number;
  /** Leaves that the other side says it holds; a receipt proves it, this only paces us. Null until its greeting. */
  readonly peerHeld: number | null;
  /** The first leaf not yet sent on this connection. */
  readonly sent: number;
  /** Ends of the deliveries sent and not yet answered, ascending. */
  readonly inFlight: readonly number[];
  readonly reading: boolean;
  readonly deferred: boolean;
  readonly urgentOpen: boolean;
  /** Urgent leaves that the other side has not yet said it holds, ascending; those in `urgentSent` are on their way. */
  readonly urgent: readonly number[];
  /** Those of them that are FLASH, for which places are kept. */
  readonly flash: readonly number[];
  readonly urgentSent: readonly number[];
  /** Urgent leaves that the other side holds ahead of what it holds in order; it takes no more than a certain number. */
  readonly urgentAhead: readonly number[];
}

/** Leaves that go by the urgent lane, FLASH and IMMEDIATE, by index; and those of them that are FLASH. */
export interface UrgentLeaves {
  readonly urgent: readonly number[];
  readonly flash: readonly number[];
}

/** The other side's log on its way to us. */
export interface Inbound {
  readonly held: number;
  /** Ends of authentic deliveries that wait to be stored, ascending and adjoining; the first begins at `held`. */
  readonly arrived: readonly number[];
  /** The end up to which a store is under way, or null. */
  readonly storing: number | null;
  /** Leaves beyond `held` that came by the urgent lane and are durable. */
  readonly urgentHeld: readonly number[];
  readonly urgentStoring: readonly number[];
}

export type DeliveryEvent =
  | { readonly kind: 'opened'; readonly lane: Lane; readonly held: number; readonly urgentHeld: readonly number[] }
  | { readonly kind: 'closed'; readonly lane: Lane }
  | ({ readonly kind: 'logged'; readonly size: number } & UrgentLeaves)
  | { readonly kind: 'sent-next'; readonly to: number }
  | { readonly kind: 'answered-next'; readonly held: number; readonly again: boolean }
  | { readonly kind: 'answered-urgent'; readonly index: number }
  | { readonly kind: 'deferred' }
  | { readonly kind: 'resumed' }
  /** Too long without an answer: what is in flight counts as lost. */
  | { readonly kind: 'overdue' }
  | { readonly kind: 'arrived-next'; readonly from: number; readonly to: number }
  | { readonly kind: 'arrived-urgent'; readonly index: number }
  | { readonly kind: 'stored-next'; readonly held: number }
  | { readonly kind: 'stored-urgent'; readonly index: number }
  | { readonly kind: 'store-failed'; readonly lane: 'next' }
  | { readonly kind: 'store-failed'; readonly lane: 'urgent'; readonly index: number };

export type DeliveryEffect =
  /** Read leaves from `from` on, send them with their checkpoint, then report `sent-next`. */
  | { readonly kind: 'send-next'; readonly from: number }
  | { readonly kind: 'send-urgent'; readonly index: number }
  /** Store what arrived below `to`, with the receipt, in one transaction; then report `stored-next` or `store-failed`. */
  | { readonly kind: 'store-next'; readonly to: number }
  | { readonly kind: 'store-urgent'; readonly index: number }
  | { readonly kind: 'answer-next'; readonly held: number; readonly again: boolean }
  | { readonly kind: 'answer-urgent'; readonly index: number };

export type Step = readonly [DeliveryState, readonly DeliveryEffect[]];

/** The state of a start: nothing is known of the other side, and what the stores hold is all that counts. */
export function initialDelivery(
  stored: { readonly logged: number; readonly held: number; readonly urgentHeld: readonly number[] } & UrgentLeaves,
): DeliveryState {
  return {
    outbound: {
      logged: stored.logged,
      peerHeld: null,
      sent: 0,
      inFlight: [],
      reading: false,
      deferred: false,
      urgentOpen: false,
      urgent: stored.urgent,
      flash: stored.flash,
      urgentSent: [],
      urgentAhead: [],
    },
    inbound: { held: stored.held, arrived: [], storing: null, urgentHeld: stored.urgentHeld, urgentStoring: [] },
  };
}

/** The end up to which everything is either held or has arrived authentic. */
function arrivedTo(inbound: Inbound): number {
  return inbound.arrived.at(-1) ?? inbound.storing ?? inbound.held;
}

export function step(state: DeliveryState, event: DeliveryEvent): Step {
  switch (event.kind) {
    case 'opened':
      return event.lane === 'next' ? openNext(state, event) : openUrgent(state, event);
    case 'closed':
      return close(state, event.lane);
    case 'logged':
      return logged(state, event);
    case 'sent-next':
      return send(state, { reading: false, sent: event.to, inFlight: [...state.outbound.inFlight, event.to] });
    case 'answered-next':
      return answeredNext(state, event);
    case 'answered-urgent':
      return answeredUrgent(state, event.index);
    case 'deferred':
      return send(state, { deferred: true });
    case 'resumed':
      return send(state, { deferred: false, sent: state.outbound.peerHeld ?? 0, inFlight: [] });
    case 'overdue':
      return send(state, { sent: state.outbound.peerHeld ?? state.outbound.sent, inFlight: [], urgentSent: [] });
    case 'arrived-next':
      return arriveNext(state, event);
    case 'arrived-urgent':
      return arriveUrgent(state, event.index);
    case 'stored-next':
      return storedNext(state, event.held);
    case 'stored-urgent':
      return storedUrgent(state, event.index);
    case 'store-failed':
      return [{ ...state, inbound: storeFailed(state.inbound, event) }, []];
  }
}

function logged(state: DeliveryState, event: { readonly size: number } & UrgentLeaves): Step {
  const { outbound } = state;
  const urgent = merge(outbound.urgent, event.urgent);
  return send(state, { logged: event.size, urgent, flash: merge(outbound.flash, event.flash) });
}

function openNext(state: DeliveryState, event: { readonly held: number; readonly urgentHeld: readonly number[] }): Step {
  const held = Math.min(event.held, state.outbound.logged);
  const urgent = unheld(state.outbound.urgent, held, event.urgentHeld);
  const urgentAhead = event.urgentHeld.filter((index) => index >= held);
  return send(state, { peerHeld: held, sent: held, inFlight: [], reading: false, deferred: false, urgent, urgentAhead });
}

function openUrgent(state: DeliveryState, event: { readonly held: number; readonly urgentHeld: readonly number[] }): Step {
  const urgent = unheld(state.outbound.urgent, event.held, event.urgentHeld);
  const urgentAhead = event.urgentHeld.filter((index) => index >= event.held);
  return send(state, { urgentOpen: true, urgent, urgentSent: [], urgentAhead });
}

function close(state: DeliveryState, lane: Lane): Step {
  const { outbound } = state;
  const closed: Outbound =
    lane === 'urgent'
      ? { ...outbound, urgentOpen: false, urgentSent: [] }
      : { ...outbound, peerHeld: null, inFlight: [], reading: false };
  // What arrived and is being stored goes on; the rest will be sent again from what is held.
  const inbound = lane === 'urgent' ? state.inbound : { ...state.inbound, arrived: [] };
  return [{ outbound: closed, inbound }, []];
}

function answeredNext(state: DeliveryState, event: { readonly held: number; readonly again: boolean }): Step {
  const { outbound } = state;
  if (outbound.peerHeld === null || event.held > outbound.logged) return [state, []];
  const urgent = outbound.urgent.filter((index) => index >= event.held);
  const urgentSent = outbound.urgentSent.filter((index) => index >= event.held);
  const urgentAhead = outbound.urgentAhead.filter((index) => index >= event.held);
  const change = { peerHeld: event.held, urgent, urgentSent, urgentAhead };
  if (event.again) return send(state, { ...change, sent: event.held, inFlight: [] });
  return send(state, { ...change, inFlight: outbound.inFlight.filter((end) => end > event.held) });
}

function answeredUrgent(state: DeliveryState, index: number): Step {
  const { outbound } = state;
  if (!outbound.urgent.includes(index)) return [state, []];
  return send(state, {
    urgent: without(outbound.urgent, index),
    urgentSent: without(outbound.urgentSent, index),
    urgentAhead: index < (outbound.peerHeld ?? 0) ? outbound.urgentAhead : merge(outbound.urgentAhead, [index]),
  });
}

/** Applies a change to the outbound half and sends what may now be sent. */
function send(state: DeliveryState, change: Partial<Outbound>): Step {
  const changed = { ...state.outbound, ...change };
  const outbound = change.urgent === undefined ? changed : { ...changed, flash: among(changed.flash, changed.urgent) };
  const effects: DeliveryEffect[] = [];
  const waiting = urgentToSend(outbound);
  for (const index of waiting) effects.push({ kind: 'send-urgent', index });
  const may =
    outbound.peerHeld !== null &&
    !outbound.reading &&
    !outbound.deferred &&
    outbound.sent < outbound.logged &&
    outbound.inFlight.length < deliveriesInFlightMax;
  if (may) effects.push({ kind: 'send-next', from: outbound.sent });
  return [
    { ...state, outbound: { ...outbound, reading: outbound.reading || may, urgentSent: merge(outbound.urgentSent, waiting) } },
    effects,
  ];
}

/** FLASH first, and of each the newest: what is urgent now waits for nothing that was so hours ago. No more than the other takes. */
function urgentToSend(outbound: Outbound): readonly number[] {
  if (!outbound.urgentOpen) return [];
  const taken = outbound.urgentAhead.length + outbound.urgentSent.length;
  if (taken >= urgentAheadMax) return [];
  const waiting = outbound.urgent.filter((index) => index < outbound.logged && !outbound.urgentSent.includes(index));
  const flash = newest(among(outbound.flash, waiting), urgentAheadMax - taken);
  const known = new Set(outbound.flash);
  const rest = waiting.filter((index) => !known.has(index));
  return [...flash, ...newest(rest, urgentAheadMax - flashPlaces - taken - flash.length)];
}

function among(indices: readonly number[], others: readonly number[]): readonly number[] {
  if (indices.length === 0) return indices;
  const known = new Set(others);
  return indices.filter((index) => known.has(index));
}

function newest(indices: readonly number[], room: number): readonly number[] {
  return room <= 0 ? [] : indices.slice(-room).toReversed();
}

function arriveNext(state: DeliveryState, event: { readonly from: number; readonly to: number }): Step {
  const { inbound } = state;
  const end = arrivedTo(inbound);
  // A gap: something was lost on the way. A repetition is answered as the first time was.
  if (event.from > end) return [state, [{ kind: 'answer-next', held: inbound.held, again: true }]];
  if (event.to <= end) return [state, [{ kind: 'answer-next', held: inbound.held, again: false }]];
  return store({ ...state, inbound: { ...inbound, arrived: [...inbound.arrived, event.to] } });
}

function store(state: DeliveryState): Step {
  const together = state.inbound.arrived.slice(0, deliveriesTogetherMax);
  const to = together.at(-1);
  if (to === undefined || state.inbound.storing !== null) return [state, []];
  const arrived = state.inbound.arrived.slice(deliveriesTogetherMax);
  return [{ ...state, inbound: { ...state.inbound, arrived, storing: to } }, [{ kind: 'store-next', to }]];
}

/** What failed will be sent again; the other lane's store goes on. */
function storeFailed(inbound: Inbound, failed: Extract<DeliveryEvent, { readonly kind: 'store-failed' }>): Inbound {
  if (failed.lane === 'next') return { ...inbound, arrived: [], storing: null };
  return { ...inbound, urgentStoring: without(inbound.urgentStoring, failed.index) };
}

function storedNext(state: DeliveryState, held: number): Step {
  const urgentHeld = state.inbound.urgentHeld.filter((index) => index >= held);
  const [next, effects] = store({ ...state, inbound: { ...state.inbound, held, storing: null, urgentHeld } });
  return [next, [{ kind: 'answer-next', held, again: false }, ...effects]];
}

function arriveUrgent(state: DeliveryState, index: number): Step {
  const { inbound } = state;
  if (index < inbound.held || inbound.urgentHeld.includes(index)) return [state, [{ kind: 'answer-urgent', index }]];
  if (inbound.urgentStoring.includes(index)) return [state, []];
  return [
    { ...state, inbound: { ...inbound, urgentStoring: merge(inbound.urgentStoring, [index]) } },
    [{ kind: 'store-urgent', index }],
  ];
}

function storedUrgent(state: DeliveryState, index: number): Step {
  const { inbound } = state;
  const urgentHeld = index < inbound.held ? inbound.urgentHeld : merge(inbound.urgentHeld, [index]);
  const next = { ...inbound, urgentHeld, urgentStoring: without(inbound.urgentStoring, index) };
  return [{ ...state, inbound: next }, [{ kind: 'answer-urgent', index }]];
}

function unheld(indices: readonly number[], held: number, urgentHeld: readonly number[]): readonly number[] {
  return indices.filter((index) => index >= held && !urgentHeld.includes(index));
}

function merge(known: readonly number[], more: readonly number[]): readonly number[] {
  if (more.length === 0) return known;
  return [...new Set([...known, ...more])].toSorted((a, b) => a - b);
}

function without(indices: readonly number[], index: number): readonly number[] {
  return indices.filter((each) => each !== index);
}

import { type DeliveryEffect, initialDelivery, step } from '#exchange/delivery.ts';
import type { Design } from '#test/model/centre.ts';

/** What is shipped. */
export const shipped: Design = { step, initial: initialDelivery, anchored: true, asks: true, receiptsTravel: false };

/** Designs with one thing wrong, and the words in which the search must say what that broke. */
export const brokenDesigns: readonly { readonly name: string; readonly design: Design; readonly says: RegExp }[] = [
  {
    name: 'an answer that leaves before the store',
    says: /answers that .* held/u,
    design: shippedBut({ step: answeringBeforeStore }),
  },
  { name: 'a gap that is stored', says: /stores leaves up to .* not arrived/u, design: shippedBut({ step: storingOverGaps }) },
  {
    name: 'an answer `again` that clears what is in flight and does not go back',
    says: /waits for ever/u,
    design: shippedBut({ step: forgettingAgain }),
  },
  { name: 'a sender without patience for lost answers', says: /waits for ever/u, design: shippedBut({ step: neverOverdue }) },
  {
    name: 'a sender that goes on from where it was when a new connection greets',
    says: /waits for ever/u,
    design: shippedBut({ step: ignoringTheGreeting }),
  },
  {
    name: 'a receiver that stores nothing of a delivery that has an unacceptable record',
    says: /waits for ever/u,
    design: shippedBut({ step: refusingTheThird }),
  },
  {
    name: 'a start that forgets which urgent leaves are held, here and in the greeting',
    says: /a second time/u,
    design: shippedBut({ step: greetingWithoutUrgent, initial: (stored) => initialDelivery({ ...stored, urgentHeld: [] }) }),
  },
  { name: 'a signer without an anchor', says: /two histories/u, design: shippedBut({ anchored: false, asks: false }) },
  { name: 'a start that does not ask', says: /two histories/u, design: shippedBut({ asks: false }) },
];

function shippedBut(change: Partial<Design>): Design {
  return { ...shipped, ...change };
}

type Args = Parameters<typeof step>;
type Stepped = ReturnType<typeof step>;

function answeringBeforeStore(...[state, event]: Args): Stepped {
  const [after, effects] = step(state, event);
  const early = effects.flatMap((effect): DeliveryEffect[] =>
    effect.kind === 'store-next' ? [effect, { kind: 'answer-next', held: effect.to, again: false }] : [effect],
  );
  return [after, early];
}

function storingOverGaps(...[state, event]: Args): Stepped {
  return step(state, event.kind === 'arrived-next' ? { ...event, from: 0 } : event);
}

function forgettingAgain(...[state, event]: Args): Stepped {
  const [after, effects] = step(state, event);
  if (event.kind !== 'answered-next' || !event.again) return [after, effects];
  const { sent, reading } = state.outbound;
  return [{ ...after, outbound: { ...after.outbound, sent, reading } }, effects.filter(({ kind }) => kind !== 'send-next')];
}

function greetingWithoutUrgent(...[state, event]: Args): Stepped {
  return step(state, event.kind === 'opened' ? { ...event, urgentHeld: [] } : event);
}

function neverOverdue(...[state, event]: Args): Stepped {
  return event.kind === 'overdue' ? [state, []] : step(state, event);
}

function ignoringTheGreeting(...[state, event]: Args): Stepped {
  if (event.kind !== 'opened' || event.lane !== 'next') return step(state, event);
  return step(state, { ...event, held: Math.max(event.held, state.outbound.sent) });
}

/** The third record of each side is the one that is not acceptable. */
function refusingTheThird(...[state, event]: Args): Stepped {
  const refused = event.kind === 'arrived-next' && event.from <= 2 && event.to > 2;
  return refused ? [state, [{ kind: 'answer-next', held: state.inbound.held, again: true }]] : step(state, event);
}

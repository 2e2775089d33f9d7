import type { Filing } from '#test/model/leaf.ts';
import type { Bound } from '#test/model/world.ts';

/**
 * Within each bound every state is visited. The delivery reducer is the shipped one; disk, signer, line and network around it are
 * modelled as the specification has them. Left out: bytes, proofs and signatures, whose checks the vectors of the link pin; clocks, so
 * that whatever waits for a time may happen whenever nothing is on its way; and a supervisor who is wrong.
 */
export interface NamedBound {
  readonly name: string;
  readonly bound: Bound;
  /** Whether receipts travel as the leaves that they are, which multiplies the states; if not, they are with the other side at once. */
  readonly receiptsTravel: boolean;
}

const three: readonly Filing[] = ['urgent', 'routine', 'unacceptable'];
/** Each channel holds one message, and loses what comes to it while it is full: loss on the way needs no fault of its own. */
const narrow = { inFlight: 1, splits: false, restores: 0, grain: 'coarsest', faults: 0 } as const;
const bothThree = [three, three] as const;
const oneSide = [three, []] as const;
const bothOne = [['urgent'], ['urgent']] as const;

/** What `npm test` searches whole. */
export const share: readonly NamedBound[] = [
  { name: 'three records a side', receiptsTravel: false, bound: { ...narrow, files: bothThree } },
  { name: 'three records one way, two faults', receiptsTravel: false, bound: { ...narrow, files: oneSide, faults: 2 } },
  {
    name: 'three records one way, a fault while stores are under way',
    receiptsTravel: false,
    bound: { ...narrow, files: oneSide, faults: 1, grain: 'coarse' },
  },
  { name: 'a backup put in place on each side', receiptsTravel: false, bound: { ...narrow, files: bothOne, restores: 1 } },
  {
    name: 'three records one way, their receipts, a fault',
    receiptsTravel: true,
    bound: { ...narrow, files: oneSide, faults: 1 },
  },
  {
    name: 'one record, every interleaving, two messages in each channel, two faults',
    receiptsTravel: false,
    bound: { files: [['urgent'], []], inFlight: 2, faults: 2, restores: 0, splits: true, grain: 'fine' },
  },
];

/** What `npm run model` searches beyond that, smaller ones first. */
export const whole: readonly NamedBound[] = [
  ...share,
  {
    name: 'a record a side, every interleaving, a fault',
    receiptsTravel: false,
    bound: { ...narrow, files: bothOne, faults: 1, grain: 'fine' },
  },
  {
    name: 'a backup on each side, and a fault',
    receiptsTravel: false,
    bound: { ...narrow, files: bothOne, restores: 1, faults: 1 },
  },
  { name: 'three records a side, a fault', receiptsTravel: false, bound: { ...narrow, files: bothThree, faults: 1 } },
  {
    name: 'three records a side, with stores under way',
    receiptsTravel: false,
    bound: { ...narrow, files: bothThree, grain: 'coarse' },
  },
  {
    name: 'three records one way, a backup on each side, and a fault',
    receiptsTravel: false,
    bound: { ...narrow, files: oneSide, restores: 1, faults: 1 },
  },
  // Larger than the others by far: more than five million states within 18 moves, and hours to its end.
  { name: 'three records a side, a backup on each', receiptsTravel: false, bound: { ...narrow, files: bothThree, restores: 1 } },
];

import type { SeededChance } from '#base/chance.ts';
import { dayMs, hourMs, minuteMs } from '#base/time.ts';
import type { CosignatureFact } from '#exchange/cosigned.ts';
import type { Place } from '#exchange/log-view.ts';
import { readMatter } from '#exchange/matter.ts';
import { recordFacts } from '#exchange/record-facts.ts';
import type { Register } from '#exchange/register.ts';
import { allKeys, eachRow, indexOfKey } from '#exchange/shelf.ts';
import { inForceMs, noticeContent, PaperCircle, windowFrom } from '#test/paper-circle.ts';
import type { FiledRecord, PaperLog } from '#test/paper-log.ts';

/** Everything that can be read of a register at one time, as one JSON text. */
export function readAll(register: Register): string {
  const at = { realMs: inForceMs + 20 * dayMs, scenarioMs: inForceMs + 20 * dayMs };
  return JSON.stringify({
    dump: register.dump(),
    matters: openingsOf(register).map((place) => readMatter(register, place, at)),
    facts: register.identities.map(({ owner }) => recordFacts(register, owner)),
  });
}

/** The records that begin a matter, in the order of the logs' origins and of each log. */
export function openingsOf(register: Register): readonly Place[] {
  return register.identities.flatMap(({ origin }) => {
    const { held, urgent } = register.log(origin) ?? {};
    const views = [held, urgent].filter((view) => view !== undefined && view !== null);
    return views.flatMap((view) =>
      [...eachRow(view.openings, allKeys)].map(({ key }) => ({ log: origin, index: indexOfKey(key) })),
    );
  });
}

interface Story {
  readonly circle: PaperCircle;
  readonly filed: FiledRecord[];
  readonly receiptedTo: Map<string, number>;
  nowMs: number;
}

/** Adds one random thing that one of the two centres might say, rightly or wrongly. */
function tell(story: Story, chance: SeededChance): void {
  const { circle, filed } = story;
  story.nowMs += chance.below(90) * minuteMs;
  const log = chance.below(2) === 0 ? circle.cn : circle.us;
  const other = circle.other(log);
  const own = filed.filter((each) => each.log === log.origin && each.known.record.basis.agreement === 'BMLN');
  const theirs = filed.filter((each) => each.log === other.origin);
  const at = story.nowMs;
  const pick = (records: readonly FiledRecord[]): FiledRecord | undefined => records[chance.below(records.length)];
  const [mine, yours] = [pick(own), pick(theirs)];
  switch (chance.below(9)) {
    case 0:
    case 1:
      filed.push(
        circle.launch(log, at, { format: 'NOTIFY', content: noticeContent(at + chance.below(80) * hourMs), precedence: 'O' }),
      );
      return;
    case 2: {
      if (mine === undefined) return;
      const content = { window: windowFrom(at + (40 + chance.below(90)) * hourMs), reason: 'technical' };
      filed.push(
        circle.launch(log, at, {
          format: 'POSTPONE',
          content,
          references: [{ relation: 'postpones', to: mine }],
          precedence: 'O',
        }),
      );
      return;
    }
    case 3:
      if (mine !== undefined)
        filed.push(
          circle.launch(log, at, {
            format: 'CANCEL',
            content: { reason: 'technical' },
            references: [{ relation: 'cancels', to: mine }],
          }),
        );
      return;
    case 4:
      if (yours !== undefined)
        filed.push(circle.acknowledge(log, at, { ...yours, id: chance.below(5) === 0 ? 'ab'.repeat(32) : yours.id }));
      return;
    case 5:
    case 6:
      receiptSome(story, log, chance);
      return;
    case 7:
      circle.core(log, at, { format: 'TEST', content: { text: 'hourly' } });
      return;
    default:
      log.append(chance.bytes(20));
  }
}

function receiptSome(story: Story, log: PaperLog, chance: SeededChance): void {
  const { circle } = story;
  const other = circle.other(log);
  const from = story.receiptedTo.get(log.origin) ?? 0;
  if (from === other.size) return;
  if (chance.below(3) === 0) {
    const index = from + chance.below(other.size - from);
    circle.receipt(log, story.nowMs, { from: index, to: index + 1, lane: 'urgent' });
    return;
  }
  const to = from + 1 + chance.below(other.size - from);
  const wrong = chance.below(8) === 0 ? { root: 'cd'.repeat(32) } : {};
  circle.receipt(log, story.nowMs, { from, to, ...wrong });
  story.receiptedTo.set(log.origin, to);
}

export interface Telling {
  readonly sizes: ReadonlyMap<string, number>;
  readonly urgent: readonly { readonly log: PaperLog; readonly index: number }[];
  readonly cosignatures: readonly CosignatureFact[];
  /** Each FLASH beyond its budget. */
  readonly silent: readonly Place[];
}

/** Folds a story in a random order between the logs; inside each log in its own. */
export function foldIn(circle: PaperCircle, telling: Telling, chance: SeededChance): Register {
  const register = circle.register();
  const left = besideOf(telling);
  const next = new Map([...telling.sizes.keys()].map((origin) => [origin, 0]));
  for (;;) {
    const open = [circle.cn, circle.us].filter(({ origin }) => (next.get(origin) ?? 0) < (telling.sizes.get(origin) ?? 0));
    const choice = chance.below(open.length + (left.length > 0 ? 1 : 0));
    if (open.length + left.length === 0) return register;
    if (chance.below(30) === 0) readAll(register);
    const log = open[choice];
    if (log === undefined) {
      left.splice(chance.below(left.length), 1)[0]?.(register);
      continue;
    }
    const index = next.get(log.origin) ?? 0;
    register.take(log.origin, index, log.leaves[index] ?? new Uint8Array());
    next.set(log.origin, index + 1);
  }
}

/** What a register is told beside the held leaves, each by itself. */
export function besideOf({ urgent, cosignatures, silent }: Telling): ((register: Register) => void)[] {
  const silently = silent.map(
    (place) =>
      (register: Register): void =>
        register.takeWithoutAlarm(place),
  );
  return [...urgent.map(urgentStep), ...cosignatures.map(cosignedStep), ...silently];
}

function urgentStep({ log, index }: Telling['urgent'][number]): (register: Register) => void {
  return (register) => register.takeUrgent(log.origin, index, log.leaves[index] ?? new Uint8Array());
}

function cosignedStep(fact: Telling['cosignatures'][number]): (register: Register) => void {
  return (register) => register.takeCosignature(fact);
}

export function randomStory(chance: SeededChance): { circle: PaperCircle; telling: Telling } {
  const circle = new PaperCircle(chance.below(2) === 0 ? 'actual' : 'exercise');
  if (chance.below(4) > 0) circle.adopt();
  const story: Story = { circle, filed: [], receiptedTo: new Map(), nowMs: inForceMs };
  for (let step = 0; step < 40; step += 1) tell(story, chance);
  const logs = [circle.cn, circle.us];
  const sizes = new Map(logs.map((log) => [log.origin, log.size - chance.below(Math.min(log.size, 12))]));
  const urgent = logs.flatMap((log) =>
    [...log.leaves.keys()].filter(() => chance.below(6) === 0).map((index) => ({ log, index })),
  );
  const cosignatures = logs.flatMap((log) =>
    Array.from({ length: 6 }, () => ({
      log: log.origin,
      size: 1 + chance.below(log.size),
      timeMs: inForceMs + chance.below(3000) * minuteMs,
      witness: circle.other(log).identity.owner,
    })),
  );
  const silent = urgent.filter(() => chance.below(3) === 0).map(({ log, index }) => ({ log: log.origin, index }));
  return { circle, telling: { sizes, urgent, cosignatures, silent } };
}

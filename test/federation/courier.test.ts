import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeededChance } from '#base/chance.ts';
import type { Message } from '#exchange/message.ts';
import { alarmsOf, assertConcord, fileTest, untilQuiet } from './concord.ts';
import { Courier, type Forger, type Misdeeds } from './courier.ts';
import { freePort, PairOfCentres, until } from './pair-of-centres.ts';
import { chanceOf, seedOf } from './seed.ts';

const filings = 80;

test('who has both link keys and drops, repeats, reorders and delays messages delays, and no more', async (t) => {
  const seed = seedOf('courier');
  const { misdeeds, alarms } = await run({ seed, part: 0, forge: undefined });
  t.diagnostic(JSON.stringify(misdeeds));
  for (const kind of ['dropped', 'repeated', 'overtaken', 'delayed'] as const)
    assert.ok(misdeeds[kind] > 0, `${kind}, seed ${seed}`);
  // A heartbeat repeated or out of order answers bytes that were answered: that is how such a courier is seen.
  assert.deepEqual(new Set(alarms).difference(new Set(['link.heartbeat'])), new Set(), `seed ${seed}`);
});

test('who has both link keys and changes what is sent is refused, and forges nothing', async (t) => {
  const seed = seedOf('forger');
  const { misdeeds, alarms } = await run({ seed, part: 1, forge });
  t.diagnostic(JSON.stringify({ misdeeds, alarms: [...new Set(alarms)] }));
  assert.ok(misdeeds.forged > 2, `seed ${seed}`);
  assert.ok(alarms.length > 0, 'both sides are told');
  assert.ok(!alarms.includes('log.fork'), 'nobody is accused of what a thief did');
});

/** Changes one byte of one attachment, or what the header says of it. */
const forge: Forger = (message: Message, chance: SeededChance) => {
  const { header, attachments } = message;
  if (header.kind === 'held') return { header: { ...header, held: header.held + 1 + chance.below(3) }, attachments };
  if (header.kind === 'next') {
    if (chance.below(3) === 0) return { header: { ...header, from: Math.max(0, header.from - 1) }, attachments };
    return { header, attachments: spoiled(attachments, chance) };
  }
  return attachments.length === 0 ? undefined : { header, attachments: spoiled(attachments, chance) };
};

function spoiled(attachments: readonly Uint8Array[], chance: SeededChance): readonly Uint8Array[] {
  const full = [...attachments.keys()].filter((position) => (attachments[position]?.length ?? 0) > 0);
  const chosen = full[chance.below(full.length)];
  return attachments.map((bytes, position) => {
    if (position !== chosen) return bytes;
    const copy = Uint8Array.from(bytes);
    const at = chance.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8));
    return copy;
  });
}

async function run(part: {
  readonly seed: number;
  readonly part: number;
  readonly forge: Forger | undefined;
}): Promise<{ readonly misdeeds: Misdeeds; readonly alarms: readonly string[] }> {
  const chance = chanceOf(part.seed, part.part);
  const port = await freePort();
  let target = '';
  const addressThrough = (listening: string): string => {
    target = listening;
    return `127.0.0.1:${port}`;
  };
  const pair = await PairOfCentres.make({ status: 'test', heartbeatSeconds: 1, addressOf: addressThrough });
  const courier = new Courier(chance, part.forge);
  try {
    await courier.stand(pair, { port, target });
    const { cn, us } = await pair.startBoth();
    const alarms = [cn, us].map(alarmsOf);
    for (let number = 0; number < filings; number += 1) {
      await fileTest(chance.below(2) === 0 ? cn : us, String(number), chance.below(5) === 0 ? 'Z' : 'R');
      await new Promise((resolve) => setTimeout(resolve, chance.below(60)));
    }
    const during = alarms.flat();
    courier.calm();
    await until('the line is there again', () =>
      [cn, us].every((each) => each.linkState().paths.every((path) => path.connected)),
    );
    await untilQuiet(cn, us, 45_000);
    await assertConcord(cn, us);
    return { misdeeds: courier.misdeeds, alarms: during };
  } finally {
    courier.close();
    await pair.remove();
  }
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '#test/federation/pair-of-centres.ts';
import { AttackedCentre, say } from '#test/rival/attacked-centre.ts';

test('an urgent leaf of a second history, shown only from before the two part, stops the lane next and no FLASH', async (t) => {
  const attacked = await AttackedCentre.start();
  t.after(() => attacked.remove());
  const { log, alarms } = attacked;
  for (let number = 0; number < 20; number += 1) log.say(`record ${number}`);
  const [next, urgent] = [await attacked.call('next'), await attacked.call('urgent')];
  say(next, await log.next({ from: 0, to: 20, size: 20 }));
  await attacked.holds(20);
  const second = log.branch(10);
  while (second.size < 30) second.say(`of the second history ${second.size}`);
  // Twenty leaves are held, and consistency is shown from eight: whether the twelve others are in this tree is not.
  say(urgent, await second.urgent({ index: 25, base: 8, size: 30 }));
  await urgent.hear('held-urgent');
  while (log.size < 40) log.say(`record ${log.size}`);
  say(next, await log.next({ from: 20, to: 40, size: 40 }));
  await next.hear('refusal');
  assert.deepEqual(
    alarms.map(({ code }) => code),
    ['link.leaf-differs'],
  );
  const flash = log.say('FLASH', 'Z');
  say(urgent, await log.urgent({ index: flash, base: 20, size: 41 }));
  await until('the FLASH is answered', () =>
    urgent.heard.some(({ header }) => header.kind === 'held-urgent' && header.index === flash),
  );
  // Up to the place of the disputed leaf both are of one mind with what is held.
  say(next, await log.next({ from: 20, to: 25, size: 41 }));
  await attacked.holds(25);
  assert.equal(attacked.held, 25);
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { encodeFrame, type Message } from '#exchange/message.ts';
import { until } from '#test/federation/pair-of-centres.ts';
import { AttackedCentre, say } from '#test/rival/attacked-centre.ts';
import { Flooder } from '#test/rival/flooder.ts';

/**
 * Messages of the flood that may be handled between the sending of a FLASH and the answer to it, the flush to disk included. Read
 * to its end at each turn, the flood would have some 10,000 handled before the other lane is looked at.
 */
const handledMax = 2_000;

async function flashThrough(t: TestContext, messageOf: (attacked: AttackedCentre) => Promise<Message>): Promise<number> {
  const attacked = await AttackedCentre.start();
  t.after(() => attacked.remove());
  const { log, us } = attacked;
  log.say('first');
  const next = await attacked.call('next');
  const urgent = await attacked.call('urgent');
  say(next, await log.next({ from: 0, to: 1, size: 1 }));
  await attacked.holds(1);
  const index = log.say('FLASH', 'Z');
  const flash = await log.urgent({ index, base: 0, size: 2 });
  const origin = log.owner.origin;
  const greeting = encodeFrame({
    header: { kind: 'hello', protocol: 1, centre: 'CN', origin, lane: 'next', held: us.linkState().own.logged, urgentHeld: [] },
    attachments: [],
  });
  const { address, identity } = attacked;
  const frame = encodeFrame(await messageOf(attacked));
  const flooder = new Flooder({ address, identity, protocol: 'anshin-next/1', greeting, frame });
  t.after(() => flooder.stop());
  await until('there is a backlog', () => flooder.isFull);
  let handled = 0;
  const alarm = us.alarm.bind(us);
  us.alarm = (refusal) => {
    handled += 1;
    alarm(refusal);
  };
  await until('the flood is heard', () => handled > 0);
  handled = 0;
  say(urgent, flash);
  await until('the FLASH is answered', () => urgent.heard.some(({ header }) => header.kind === 'held-urgent'), 120_000);
  return handled;
}

test('forged cosignatures without end on the lane next are overtaken by a FLASH on the urgent lane', async (t) => {
  const handled = await flashThrough(t, async ({ us }) => ({
    header: { kind: 'cosigned', size: us.linkState().own.logged },
    attachments: [bytesOfText('no cosignature\n')],
  }));
  assert.ok(handled < handledMax, `${handled} messages of the flood were handled first`);
});

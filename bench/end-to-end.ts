import { percentile, rounded } from './figures.ts';
import { TwoCentres } from './two-centres.ts';

/** Clients that each await their record's signature before they file the next: functions in the centre's process, without HTTP. */
const clients = 2_000;
const backlog = 10_000;
const backlogRounds = 5;
const flashesPerRound = 40;

/**
 * Two centres in processes of their own, full durability: released, durable and logged here; delivered, verified, durable and
 * receipted there; the receipt verified and stored here.
 */
export async function endToEnd(records: number, profiles: string | undefined) {
  const centres = await TwoCentres.start(profiles);
  try {
    const idle = (await centres.ask('CN', { kind: 'singles', count: 50, precedence: 'R', restMs: 5 })).receiptedMs;
    await centres.metered();
    const filed = await centres.ask('CN', { kind: 'file', count: records, clients });
    const [sender, receiver] = await centres.metered();
    const flashes: number[] = [];
    for (let round = 0; round < backlogRounds; round += 1) flashes.push(...(await flashesInBacklog(centres)));
    const late = await centres.metered();
    return {
      records,
      recordBytes: filed.recordBytes,
      endToEndRecordsPerSecond: Math.round((records / filed.receiptedMs) * 1000),
      loggedRecordsPerSecond: Math.round((records / filed.loggedMs) * 1000),
      cpuMicrosecondsPerRecord: {
        both: rounded(((sender.cpuMs + receiver.cpuMs) * 1000) / records),
        sender: rounded((sender.cpuMs * 1000) / records),
        receiver: rounded((receiver.cpuMs * 1000) / records),
      },
      loopDelayMs: { sender: sender.loopDelayMs, receiver: receiver.loopDelayMs },
      idleReceiptMedianMs: percentile(idle, 0.5),
      flashes: flashes.length,
      flashUnderBacklogMedianMs: percentile(flashes, 0.5),
      flashUnderBacklogP99Ms: percentile(flashes, 0.99),
      flashUnderBacklogMaxMs: percentile(flashes, 1),
      loopDelayUnderBacklogMs: { sender: late[0].loopDelayMs, receiver: late[1].loopDelayMs },
      memoryMb: { sender: late[0].memoryMb, receiver: late[1].memoryMb },
    };
  } finally {
    await centres.stop();
  }
}

/** FLASH after FLASH while a backlog drains; those that come after it has drained do not count. */
async function flashesInBacklog(centres: TwoCentres): Promise<readonly number[]> {
  let drained = false;
  const draining = centres.ask('CN', { kind: 'file', count: backlog, clients }).finally(() => {
    drained = true;
  });
  const times: number[] = [];
  while (times.length < flashesPerRound) {
    const { receiptedMs } = await centres.ask('CN', { kind: 'singles', count: 1, precedence: 'Z', restMs: 10 });
    if (drained) break;
    times.push(...receiptedMs);
  }
  await draining;
  return times;
}

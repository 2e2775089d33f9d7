import { rounded } from './figures.ts';
import { TwoCentres } from './two-centres.ts';

const minuteMs = 60_000;
/** Caches fill and the compiler warms up: what grows in these minutes says nothing. */
const warmUpMinutes = 3;

/** Memory of both centres under a steady load, each minute, and how it grows: megabytes an hour, by least squares. */
export async function soak(minutes: number, recordsPerSecond: number) {
  const centres = await TwoCentres.start(undefined);
  const sender: number[] = [];
  const receiver: number[] = [];
  try {
    for (let minute = 1; minute <= minutes; minute += 1) {
      await centres.ask('CN', { kind: 'pace', count: recordsPerSecond * 60, overMs: minuteMs });
      const [ours, theirs] = await centres.metered();
      sender.push(ours.memoryMb);
      receiver.push(theirs.memoryMb);
      const told = `${ours.memoryMb} and ${theirs.memoryMb} MB (heaps ${ours.heapMb} and ${theirs.heapMb})`;
      process.stderr.write(`  minute ${minute}: ${minute * 60 * recordsPerSecond} records, ${told}\n`);
    }
  } finally {
    await centres.stop();
  }
  return {
    soakMinutes: minutes,
    soakRecordsPerSecond: recordsPerSecond,
    soakMemoryMb: { sender, receiver },
    soakGrowthMbPerHour: { sender: growth(sender), receiver: growth(receiver) },
  };
}

/** What one more hour would add. */
function growth(eachMinute: readonly number[]): number {
  const values = eachMinute.slice(warmUpMinutes);
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const middle = mean(values.map((_, at) => at));
  const height = mean(values);
  const across = values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  const along = values.reduce((sum, value, at) => sum + (at - middle) * (value - height), 0);
  return across === 0 ? 0 : rounded((along / across) * 60);
}

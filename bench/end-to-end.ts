import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { PairOfCentres, type Party } from '#test/federation/pair-of-centres.ts';
import type { Answer, Order } from './centre-process.ts';

const window = 2_000;
const backlog = 10_000;

/**
 * Two centres in processes of their own, full durability: released, durable and logged here; delivered, verified, durable and
 * receipted there; the receipt verified and stored here.
 */
export async function endToEnd(records: number) {
  const pair = await PairOfCentres.make({ status: 'test' });
  try {
    const [us, cn] = [start(pair, 'US'), start(pair, 'CN')];
    await Promise.all([answerOf(us, 'open'), answerOf(cn, 'open')]);
    const idle = await singles(cn, 50, 'R');
    const filed = await ask(cn, { kind: 'file', count: records, window });
    const drained = ask(cn, { kind: 'file', count: backlog, window });
    const flashes = await singles(cn, 40, 'Z');
    await drained;
    const use = [await ask(cn, { kind: 'stop' }), await ask(us, { kind: 'stop' })] as const;
    return {
      recordBytes: filed.recordBytes,
      endToEndRecordsPerSecond: Math.round((records / filed.receiptedMs) * 1000),
      loggedRecordsPerSecond: Math.round((records / filed.loggedMs) * 1000),
      idleReceiptMedianMs: percentile(idle, 0.5),
      flashUnderBacklogP99Ms: percentile(flashes, 0.99),
      flashUnderBacklogMedianMs: percentile(flashes, 0.5),
      memoryMb: use.map(({ memoryMb }) => Math.round(memoryMb)),
    };
  } finally {
    await pair.remove();
  }
}

async function singles(child: ChildProcess, count: number, precedence: 'R' | 'Z'): Promise<readonly number[]> {
  const times: number[] = [];
  while (times.length < count) times.push((await ask(child, { kind: 'single', precedence })).receiptedMs);
  return times;
}

function start(pair: PairOfCentres, party: Party): ChildProcess {
  return fork(join(import.meta.dirname, 'centre-process.ts'), [pair.directory(party)]);
}

async function ask<K extends Order['kind']>(child: ChildProcess, order: Extract<Order, { readonly kind: K }>) {
  const answered = answerOf(child, order.kind);
  child.send(order);
  return await answered;
}

function answerOf<K extends Answer['kind']>(child: ChildProcess, kind: K): Promise<Extract<Answer, { readonly kind: K }>> {
  return new Promise((resolve, reject) => {
    const listen = (answer: Answer) => {
      if (answer.kind !== kind) return;
      child.off('message', listen);
      child.off('exit', died);
      resolve(answer as Extract<Answer, { readonly kind: K }>);
    };
    const died = () => reject(new Error(`a centre ended before it answered ${kind}`));
    child.on('message', listen);
    child.on('exit', died);
  });
}

/** The value below which so large a part of the times lies, to a tenth of a millisecond. */
function percentile(times: readonly number[], part: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 10) / 10;
}

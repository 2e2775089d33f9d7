import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathsOf } from '#centre/config.ts';
import type { PairOfCentres, Party } from '#test/federation/pair-of-centres.ts';
import type { LongAnswer, LongOrder } from './long-centre.ts';
import { writeLongLogs } from './long-logs.ts';

/** Records filed while memory is watched, in parts. */
const loadRecords = 20_000;
const loadParts = 4;

/**
 * A centre whose store holds so many leaves: its first start, which makes the folds, then starts after a clean end and after a kill,
 * each until the line is open; its memory then and under load; and the first answers to an officer.
 */
export async function longStart(leaves: number, note: (text: string) => void) {
  const pair = await writeLongLogs(leaves, (written) => note(`  ${written} invented leaves written`));
  const children = new Set<ChildProcess>();
  try {
    // The one that is called is there first, so that no start waits for a second call.
    await begin(pair, 'US', children).ready;
    const first = await started(pair, children);
    await ask(first.child, { kind: 'stop' });
    const clean = await started(pair, children);
    const listed = await ask(clean.child, { kind: 'list' });
    const loads: Extract<LongAnswer, { readonly kind: 'load' }>[] = [];
    for (let part = 0; part < loadParts; part += 1)
      loads.push(await ask(clean.child, { kind: 'load', count: loadRecords / loadParts }));
    clean.child.kill('SIGKILL');
    await once(clean.child, 'exit');
    const killed = await started(pair, children);
    const bytes = async (path: string) => Math.round((await stat(path)).size / 2 ** 20);
    const paths = pathsOf(pair.directory('CN'));
    return {
      leaves,
      firstStartMs: first.ms,
      firstStartCpuMs: first.cpuMs,
      firstStartPeakMb: first.peakMb,
      startMs: clean.ms,
      startCpuMs: clean.cpuMs,
      startAfterKillMs: killed.ms,
      rssMb: clean.rssMb,
      rssAfterKillMb: killed.rssMb,
      rssUnderLoadMb: loads.map(({ rssMb }) => Math.round(rssMb)),
      peakUnderLoadMb: Math.round(loads.at(-1)?.peakMb ?? 0),
      firstStateMs: Math.round(listed.stateMs),
      firstMattersMs: Math.round(listed.mattersMs),
      awaiting: listed.awaiting,
      storeMb: await bytes(paths.store),
      foldsMb: await bytes(paths.folds),
    };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await pair.remove();
  }
}

/** Times since the process began, in milliseconds. */
async function started(pair: PairOfCentres, children: Set<ChildProcess>) {
  const { child, ready, opened } = begin(pair, 'CN', children);
  const [folded, open] = await Promise.all([ready, opened]);
  return {
    child,
    cpuMs: Math.round(folded.cpuMs),
    ms: Math.round(open.ms),
    rssMb: Math.round(open.rssMb),
    peakMb: Math.round(open.peakMb),
  };
}

function begin(pair: PairOfCentres, party: Party, children: Set<ChildProcess>) {
  const child = fork(join(import.meta.dirname, 'long-centre.ts'), [pair.directory(party)]);
  children.add(child);
  child.on('exit', () => children.delete(child));
  return { child, ready: answerOf(child, 'ready'), opened: answerOf(child, 'open') };
}

async function ask<K extends LongOrder['kind']>(child: ChildProcess, order: Extract<LongOrder, { readonly kind: K }>) {
  const answered = answerOf(child, order.kind);
  child.send(order);
  return await answered;
}

function answerOf<K extends LongAnswer['kind']>(child: ChildProcess, kind: K) {
  return new Promise<Extract<LongAnswer, { readonly kind: K }>>((resolve, reject) => {
    const listen = (answer: LongAnswer): void => {
      if (answer.kind !== kind) return;
      child.off('message', listen);
      child.off('exit', died);
      resolve(answer as Extract<LongAnswer, { readonly kind: K }>);
    };
    const died = (): void => reject(new Error(`a centre ended before it answered ${kind}`));
    child.on('message', listen);
    child.on('exit', died);
  });
}

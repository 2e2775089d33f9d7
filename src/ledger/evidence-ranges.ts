import type { RecordFact } from '#ledger/board.ts';

/** Names records by log and index, runs as ranges: `cn.example/us-cn/actual 0–4, 9`. The facts are in order of log and index. */
export function evidenceRanges(facts: readonly RecordFact[]): string {
  const logs = Map.groupBy(facts, ({ origin }) => origin);
  return [...logs].map(([origin, own]) => `${origin} ${runsOf(own.map(({ index }) => index))}`).join('; ');
}

function runsOf(indices: readonly number[]): string {
  const runs: { from: number; to: number }[] = [];
  for (const index of indices) {
    const last = runs.at(-1);
    if (last !== undefined && index === last.to + 1) last.to = index;
    else runs.push({ from: index, to: index });
  }
  return runs.map(({ from, to }) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}

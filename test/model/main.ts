// `npm run model`: the shipped delivery reducer searched within every bound of `bounds.ts`, the long ones too. `-- WORD…` runs only the
// bounds whose name holds one of the words.
import { share, whole } from '#test/model/bounds.ts';
import { shipped } from '#test/model/broken-designs.ts';
import { type Progress, search } from '#test/model/search.ts';

const words = process.argv.slice(2);
const chosen = whole.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
let failed = chosen.length === 0;
for (const { name, bound, receiptsTravel } of chosen) {
  process.stdout.write(`${name}${share.some((each) => each.name === name) ? ' (in npm test too)' : ''}\n`);
  const startedMs = performance.now();
  let shownMs = startedMs;
  const line = ({ states, transitions, depth }: Progress): string => {
    const seconds = Math.max((performance.now() - startedMs) / 1000, 0.001);
    return `  ${states} states, ${transitions} moves, depth ${depth}, ${seconds.toFixed(0)} s, ${Math.round(states / seconds)} states/s\n`;
  };
  const found = search({
    bound,
    waiting: true,
    design: { ...shipped, receiptsTravel },
    onProgress: (progress) => {
      if (performance.now() - shownMs < 5_000) return;
      shownMs = performance.now();
      process.stdout.write(line(progress));
    },
  });
  process.stdout.write(line(found));
  if (found.broken === undefined) continue;
  failed = true;
  process.stdout.write(`BROKEN: ${found.broken.invariant}\n${found.broken.trace.map((each) => `  ${each}\n`).join('')}`);
}
process.exitCode = failed ? 1 : 0;

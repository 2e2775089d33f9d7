// `npm run rival -- --count 1000000 --seed 7`: hostile inputs to everything that reads or decides. `--from` goes on where an earlier run
// stopped, `--only WORD` asks the readers whose name holds the word. A tenth of the inputs, unless `--live` says otherwise, go to a real
// centre over its port.
import { parseArgs } from 'node:util';
import { hunt, memoryGrowthMiBMax } from '#test/rival/hunt.ts';
import { attackLive } from '#test/rival/live.ts';
import { targets } from '#test/rival/targets.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
    from: { type: 'string', default: '0' },
    only: { type: 'string', default: '' },
    live: { type: 'string' },
  },
});
const [all = 0, seed = 0, from = 0] = [values.count, values.seed, values.from].map(Number);
const live = values.live === undefined ? (values.only === '' ? Math.floor(all / 10) : 0) : Number(values.live);
const count = all - live;
if (![all, seed, from, live, count].every((each) => Number.isSafeInteger(each) && each >= 0)) {
  process.stderr.write('rival: --count, --seed, --from and --live are whole numbers, and --live is no more than --count\n');
  process.exit(2);
}
/** Messages to one centre, before another takes its place. */
const liveMessages = 10_000;
const chosen = targets.filter(({ name }) => name.includes(values.only));
const startMs = performance.now();
let shownAt = 0;

process.stdout.write(`${count} hostile inputs, seed ${seed}, from ${from}, to ${chosen.length} readers\n`);
const report = hunt(chosen, {
  seed,
  from,
  count,
  failuresMax: 5,
  onProgress: (done) => {
    const seconds = (performance.now() - startMs) / 1_000;
    if (seconds - shownAt < 10) return;
    shownAt = seconds;
    const rest = Math.round(((count - done) * seconds) / done);
    process.stdout.write(`${from + done} after ${Math.round(seconds)} s, some ${rest} s to go\n`);
  },
});
for (const [name, { inputs, accepted }] of report.byTarget) {
  process.stdout.write(`${name.padEnd(56)} ${String(inputs).padStart(8)} inputs ${String(accepted).padStart(8)} accepted\n`);
}
process.stdout.write(`${report.blocks} blocks of the code reached, ${report.kept} inputs kept for reaching new ones\n`);
for (const { target, number, reason, input } of report.failures) {
  process.stdout.write(`\nFAILED ${target}: ${reason}\nseed ${seed}, input ${number}, shrunk, in base64: ${input}\n`);
}
const hoarded = report.memoryGrowthMiB > memoryGrowthMiBMax;
process.stdout.write(
  `memory grew by ${report.memoryGrowthMiB.toFixed(1)} MiB${hoarded ? `: FAILED, at most ${memoryGrowthMiBMax}` : ''}\n`,
);
let isLiveGood = true;
for (let sent = 0; sent < live; sent += liveMessages) {
  try {
    const attack = await attackLive({ seed: seed + from + sent, count: Math.min(liveMessages, live - sent) });
    process.stdout.write(`${Math.min(live, sent + liveMessages)} messages to a real centre: ${JSON.stringify(attack)}\n`);
  } catch (error) {
    isLiveGood = false;
    process.stdout.write(
      `\nFAILED a real centre, seed ${seed + from + sent}: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    break;
  }
}
const isGood = report.failures.length === 0 && !hoarded && isLiveGood;
process.stdout.write(isGood ? 'nothing was found\n' : 'something was found\n');
process.exit(isGood ? 0 : 1);

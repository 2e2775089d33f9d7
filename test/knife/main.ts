// `npm run knife -- [--kills N] [--seed S]`: as many kills as one likes, in rounds with two new centres each.
import { parseArgs } from 'node:util';
import { playRound } from '#test/knife/knife.ts';

const killsPerRound = 50;

const { values } = parseArgs({ options: { kills: { type: 'string', default: '1000' }, seed: { type: 'string' } } });
const wanted = Number(values.kills);
const first = Number(values.seed ?? Date.now() % 1_000_000_007);
let [kills, filed] = [0, 0];
for (let seed = first; kills < wanted; seed += 1) {
  const before = kills;
  const round = await playRound({
    seed,
    kills: Math.min(killsPerRound, wanted - before),
    unflushed: '',
    progress: (done) => process.stderr.write(`\r${before + done} of ${wanted} kills, seed ${seed} `),
  });
  kills += round.kills;
  filed += round.filed;
}
process.stdout.write(`\n${kills} kills, ${filed} records answered, nothing lost; first seed ${first}\n`);

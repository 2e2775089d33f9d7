import { availableParallelism, cpus, totalmem } from 'node:os';
import { endToEnd } from './end-to-end.ts';
import { perRecord } from './per-record.ts';
import { verification } from './verification.ts';

// `npm run bench`: named figures of this machine, each beside something measured in the same run. `--json` prints one object.

const records = Number(process.argv.find((argument) => argument.startsWith('--records='))?.split('=')[1] ?? 20_000);
const note = (text: string) => process.stderr.write(`${text}\n`);

note(`end to end: ${records} records through two centres …`);
const exchange = await endToEnd(records);
note('verification of an exported log …');
const verify = await verification(50_000);
note('where the time goes …');
const stages = await perRecord();

const figures = {
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  },
  ...exchange,
  ...verify,
  microsecondsPerRecord: stages.microseconds,
  bareStoreRecordsPerSecond: stages.bareStoreRecordsPerSecond,
  endToEndShareOfBareStore: rounded(exchange.endToEndRecordsPerSecond / stages.bareStoreRecordsPerSecond),
};

if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
else for (const [name, figure] of Object.entries(figures)) process.stdout.write(`${name.padEnd(40)} ${JSON.stringify(figure)}\n`);

function rounded(ratio: number): number {
  return Math.round(ratio * 1000) / 1000;
}

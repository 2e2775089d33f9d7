import type { Command } from 'commander';
import { emptyFolder } from '#cli/demo/exercise-folder.ts';
import { Teller } from '#cli/demo/teller.ts';
import { Operator } from '#cli/drill/operator.ts';
import { SuccessionDrill } from '#cli/drill/succession-drill.ts';
import { commandOf, doing, familyOf } from '#cli/terminal/command.ts';
import { UsageFault } from '#cli/terminal/report.ts';

interface DrillOptions {
  readonly keep?: string;
  readonly json?: true;
}

/** How long a person has to read a line. */
const readingMs = 700;

/** `anshin drill`: procedures practised on two centres of their own, before they are needed. */
export function drillCommand(): Command {
  return familyOf('drill', 'Practise a procedure on two centres of their own on this machine, as an exercise.', [
    successionDrillCommand(),
  ]);
}

function successionDrillCommand(): Command {
  const command = commandOf({
    name: 'succession',
    summary:
      'A key is stolen on one side and a store lost on the other: give the commands of docs/operate/succession.md, one by one, until both lines are open again.',
    examples: ['drill succession --keep ./drill'],
  }).option('--keep <folder>', 'where to leave what was drilled; empty, or not there yet');
  return doing<DrillOptions>(command, 'the drill', async ({ keep, json }) => {
    if (keep === undefined) throw new UsageFault('say where the drill may write: --keep FOLDER');
    const stream = json === true ? process.stderr : process.stdout;
    const isPerson = process.stdin.isTTY;
    const teller = new Teller({ readingMs: isPerson ? readingMs : 0, stream });
    const operator = new Operator(teller, isPerson);
    const drill = await SuccessionDrill.begin(await emptyFolder(keep), teller, operator);
    try {
      await drill.stolenKey();
      await drill.lostStore();
    } finally {
      await drill.end();
    }
    const steps = operator.taken.map(({ args, code }) => ({ command: args.join(' '), code }));
    return { text: '', json: { folder: keep, steps }, isWell: true };
  });
}

import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import {
  claim,
  defaultFolder,
  emptyFolder,
  forgetRunning,
  freshPlay,
  type RunningExercise,
  runningIn,
} from '#cli/demo/exercise-folder.ts';
import { keepRunning } from '#cli/demo/keep-running.ts';
import { type Performed, perform } from '#cli/demo/perform.ts';
import { Teller } from '#cli/demo/teller.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { type Report, UsageFault, wellReport } from '#cli/terminal/report.ts';

interface DemoOptions {
  readonly once?: true;
  readonly keep?: string;
  readonly dir: string;
  readonly json?: true;
}

/** How long a person has to read a line. */
const readingMs = 700;

export function demoCommand(): Command {
  const command = commandOf({
    name: 'demo',
    summary:
      'Play the two missile tests of 2024 as an exercise, through two centres of their own on this machine, and leave them running until Ctrl-C.',
    examples: ['demo', 'demo --once --keep ./played'],
  })
    .option('--once', 'play at full speed, verify everything, stop the centres and end')
    .option('--keep <folder>', 'where to leave stores, key lists, records and proofs; with --once')
    .option('--dir <folder>', 'the folder of the exercise without --once', defaultFolder);
  return doing<DemoOptions>(command, 'playing the exercise', async (options) => {
    if (options.once === true) return await playOnce(options.keep, storyStream(options));
    if (options.keep !== undefined)
      throw new UsageFault('--keep goes with --once; without it the exercise stays where --dir says');
    return await playAndStay(options.dir, storyStream(options));
  });
}

/** With --json the answer alone goes to the standard output. */
function storyStream({ json }: DemoOptions): NodeJS.WriteStream {
  return json === true ? process.stderr : process.stdout;
}

async function playOnce(keep: string | undefined, stream: NodeJS.WriteStream): Promise<Report> {
  if (keep === undefined) throw new UsageFault('say where to leave what was played: --keep FOLDER');
  const teller = new Teller({ readingMs: 0, stream });
  const performed = await perform({ folder: await emptyFolder(keep), teller, ports: 'free' });
  await performed.stop();
  const proving = await performed.prove();
  tellProving(performed, teller);
  teller.banner(performed.scenario.exercise);
  const json = { folder: keep, records: proving.records, leaves: proving.leaves, faults: proving.faults };
  return { text: '', json, isWell: proving.faults.length === 0 };
}

function tellProving({ proved }: Performed, teller: Teller): void {
  if (proved === undefined) return;
  teller.heading('Verified');
  teller.print(`  ${proved.records} records with their proofs by both key lists, and one receipt with its proof`);
  teller.print(`  ${proved.leaves} leaves in both stores: re-hashed, roots against checkpoints and anchors, every record judged`);
  for (const fault of proved.faults) teller.print(`  FAULT ${fault}`);
}

async function playAndStay(folder: string, stream: NodeJS.WriteStream): Promise<Report> {
  const running = await runningIn(folder);
  if (running !== undefined) return wellReport(runningText(running), { running });
  if (!(await claim(folder))) throw new UsageFault(`another exercise has just begun in ${folder}: start this again to see it`);
  const teller = new Teller({ readingMs: process.stdout.isTTY ? readingMs : 0, stream });
  try {
    const performed = await perform({ folder: await freshPlay(folder), teller, ports: 'usual' });
    try {
      await keepRunning(folder, performed, teller);
    } finally {
      await performed.stop();
    }
  } finally {
    await forgetRunning(folder);
  }
  return wellReport('', undefined);
}

function runningText({ pid, centres, board, folder }: RunningExercise): string {
  if (board === null) return `The exercise is being played already (process ${pid}), in ${folder}: look where it runs.`;
  return [
    `The exercise runs already (process ${pid}), in ${folder}:`,
    ...centres.map(({ centre, http, tokenFile }) => `  ${centre}     ${http}   token of its officer on watch: ${tokenFile}`),
    `  board  ${board.address}   ${pathToFileURL(board.path).href}`,
    `Stop it with Ctrl-C where it runs, or: kill ${pid}`,
  ].join('\n');
}

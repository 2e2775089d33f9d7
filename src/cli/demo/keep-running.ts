import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { showBoard } from '#cli/demo/board-server.ts';
import { noteRunning } from '#cli/demo/exercise-folder.ts';
import type { Performed } from '#cli/demo/perform.ts';
import { portNear } from '#cli/demo/ports.ts';
import { anshinCommand } from '#cli/demo/shell-words.ts';
import type { Teller } from '#cli/demo/teller.ts';
import { styled } from '#cli/terminal/style.ts';

const boardPort = 7400;

/** Shows what can be done with a play that still runs, and waits until the person, or a centre, ends it. */
export async function keepRunning(folder: string, performed: Performed, teller: Teller): Promise<void> {
  const ended = endOf(performed);
  const { board, centres } = performed;
  const server = await showBoard(board, await portNear(boardPort));
  await noteRunning(folder, {
    pid: process.pid,
    folder: performed.folder,
    centres: centres.map(({ name, cast }) => ({ centre: name, http: cast.http, tokenFile: cast.tokenFile('watch') })),
    board: { path: board, address: server.address },
  });
  tellCommands(performed, teller);
  teller.heading('The board: what this moved, shown apart as exercise');
  teller.print(`  ${server.address}   ${pathToFileURL(board).href}`);
  teller.print(
    `\nThe centres keep running. ${styled('strong', 'Ctrl-C')} stops them; their files stay in ${shown(performed.folder)}.`,
  );
  teller.banner(performed.scenario.exercise);
  const why = await ended;
  server.close();
  teller.print(why);
}

function tellCommands(performed: Performed, teller: Teller): void {
  const { record, receipt } = performed.shown;
  const keys = performed.keyFiles.flatMap((file) => ['--keys', shown(file)]);
  const [first] = performed.centres;
  teller.heading('Verify it yourself: no centre and no network is asked');
  const files = ['--record', shown(record.record), '--proof', shown(record.proof)];
  const place = record.inclusion === null ? [] : ['--receipt-inclusion', shown(record.inclusion)];
  const receipted = ['--receipt', shown(receipt.record), '--receipt-proof', shown(receipt.proof), ...place];
  teller.print(anshinCommand(['verify', ...files, ...receipted, ...keys]));
  teller.heading('Ask a running centre, as its officer on watch');
  if (first === undefined) return;
  const asked = ['--url', first.cast.http, '--token-file', shown(first.cast.tokenFile('watch'))];
  teller.print(anshinCommand(['show', 'own', String(record.index), '--language', 'zh', ...asked]));
  teller.print(anshinCommand(['state', ...asked]));
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/** Resolves when the person interrupts, or when a centre ends by itself. */
function endOf({ centres }: Performed): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve('\nThe centres are closing.'));
    for (const { name, process: child } of centres) void child.ended().then(() => resolve(`\nThe centre ${name} has ended.`));
  });
}

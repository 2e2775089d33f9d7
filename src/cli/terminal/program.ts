import { type Command, CommanderError } from 'commander';
import { exitCodes } from '#cli/terminal/exit-codes.ts';

/** What a shell says of a program that wrote to a reader who had gone. */
const readerGone = 141;

/** Runs a command line to its end and gives its exit code; what is wrong with the line itself gives 2. */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  process.stdout.on('error', endWithoutReader);
  process.stderr.on('error', endWithoutReader);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    throw error;
  }
}

/** For a centre: its link and its officers' tools go on when nobody reads its news any more. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.off('error', endWithoutReader).on('error', () => undefined);
}

/** `anshin … | head` closes our output as soon as it has enough: there is nobody left to tell. */
function endWithoutReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(readerGone);
}

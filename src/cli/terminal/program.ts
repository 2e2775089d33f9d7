import { type Command, CommanderError } from 'commander';
import { exitCodes } from '#cli/terminal/exit-codes.ts';

/** Runs a command line to its end and gives its exit code; what is wrong with the line itself gives 2. */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...args], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    throw error;
  }
}

import { Command } from 'commander';
import { exitCodes, exitCodesText } from '#cli/terminal/exit-codes.ts';
import { Refused, type Report, refusalJson, refusalText, systemFaultText, UsageFault } from '#cli/terminal/report.ts';

/** What `--help` says of a command. */
export interface CommandWords {
  /** Name and arguments, as commander writes them: `show <log> <index>`. */
  readonly name: string;
  readonly summary: string;
  /** Command lines that work, without `anshin`. */
  readonly examples: readonly string[];
}

/** A command with `--json`, examples and exit codes in its help. What it refuses is printed without a stack. */
export function commandOf(words: CommandWords): Command {
  const command = new Command(words.name.split(' ')[0]);
  for (const argument of words.name.split(' ').slice(1)) command.argument(argument);
  const examples = words.examples.map((line) => `  anshin ${line}`).join('\n');
  return command
    .description(words.summary)
    .option('--json', 'answer in JSON')
    .addHelpText('after', `\nExample${words.examples.length > 1 ? 's' : ''}:\n${examples}\n\n${exitCodesText}`)
    .helpOption('--help', 'show this')
    .showHelpAfterError(`(anshin ${words.name.split(' ')[0]} --help shows how)`)
    .exitOverride();
}

/** A command that only holds others: `officer add`, `officer list`. */
export function familyOf(name: string, summary: string, members: readonly Command[]): Command {
  const family = new Command(name).description(summary).helpOption('--help', 'show this').exitOverride();
  for (const member of members) family.addCommand(member);
  return family.addHelpText('after', `\nExample:\n  anshin ${name} ${members[0]?.name() ?? ''} --help\n\n${exitCodesText}`);
}

/** Gives a command its work. `what` completes "Refused: …"; the options that the work gets are those declared. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the options that it declared
export function doing<O>(
  command: Command,
  what: string,
  work: (options: O, args: readonly string[]) => Promise<Report>,
): Command {
  return command.action(async () => {
    const options = command.opts<O & { json?: true }>();
    process.exitCode = await runReport({ what, isJson: options.json === true }, () => work(options, command.args));
  });
}

/** Runs work and prints its report or refusal; gives the exit code. */
async function runReport(how: { readonly what: string; readonly isJson: boolean }, work: () => Promise<Report>): Promise<number> {
  try {
    const report = await work();
    if (how.isJson && report.json !== undefined) process.stdout.write(`${JSON.stringify(report.json)}\n`);
    else if (!how.isJson && report.text !== '') process.stdout.write(`${report.text.trimEnd()}\n`);
    return report.isWell ? exitCodes.done : exitCodes.refused;
  } catch (error) {
    if (error instanceof UsageFault) {
      process.stderr.write(`anshin: ${error.message}\n`);
      return exitCodes.usage;
    }
    if (isSystemFault(error)) {
      process.stderr.write(systemFaultText(how.what, error));
      return exitCodes.refused;
    }
    if (!(error instanceof Refused)) throw error;
    if (how.isJson) process.stdout.write(`${JSON.stringify(refusalJson(error))}\n`);
    else process.stderr.write(refusalText(how.what, error));
    return exitCodes.refused;
  }
}

/** What the operating system refused: a folder that is missing or closed to us, a port that is taken, a disk without room. */
function isSystemFault(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

/** Collects an option that may be given several times. */
export function several(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

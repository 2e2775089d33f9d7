import type { Command } from 'commander';
import { recover } from '#centre/recover.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { readPassphrase } from '#cli/terminal/passphrase.ts';
import { type Report, say, taken, UsageFault, wellReport } from '#cli/terminal/report.ts';

interface RecoverCommandOptions extends DirectoryOption {
  readonly passphraseFile?: string;
  readonly wait: string;
}

/** `anshin recover`: takes leaves that our store lost back from the other side, under our own signature. */
export function recoverCommand(): Command {
  const command = commandOf({
    name: 'recover',
    summary:
      'Take leaves of our own log that this store lost back from the other side, checked against what we signed. The centre must not run.',
    examples: ['recover --dir ./centre', 'recover --dir ./centre --wait 120'],
  })
    .option('--passphrase-file <file>', 'a file with the passphrase (default: ANSHIN_PASSPHRASE_FILE, else it is typed)')
    .option('--wait <seconds>', 'how long the other side is asked', '60');
  return doing<RecoverCommandOptions>(withDirectory(command), 'recovering the log', run);
}

async function run(options: RecoverCommandOptions): Promise<Report> {
  const waitMs = Number(options.wait) * 1000;
  if (!(waitMs >= 1000)) throw new UsageFault('--wait takes a number of seconds, at least 1');
  const recovered = taken(
    await recover({
      directory: directoryOf(options),
      passphrase: await readPassphrase(options, 'known'),
      nowMs: () => Date.now(),
      waitMs,
      progress: ({ from, to, of }) => say(`${to} of ${of} leaves are here; the store had ${from}`),
    }),
  );
  const { from, to } = recovered;
  const text =
    from === to
      ? `Nothing was missing: the other side shows no more than the ${to} leaves that this store has.`
      : `Recovered ${to - from} leaves (${from} to ${to - 1}). Run anshin check, then anshin serve.`;
  return wellReport(text, recovered);
}

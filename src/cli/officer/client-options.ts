import type { Command } from 'commander';
import { CentreClient } from '#cli/officer/centre-client.ts';
import { readInput } from '#cli/terminal/input.ts';
import { UsageFault } from '#cli/terminal/report.ts';

export interface ClientOptions {
  readonly url?: string;
  readonly tokenFile?: string;
}

/** Adds the options by which an officer's command reaches a running centre. */
export function withClient(command: Command): Command {
  return command
    .option('--url <address>', 'the running centre (default: ANSHIN_URL, else http://127.0.0.1:7411)')
    .option('--token-file <file>', 'a file with your token (default: ANSHIN_TOKEN_FILE)');
}

/** The token comes from a file: a command line is seen by others, and kept in the shell's history. */
export async function clientOf({ url, tokenFile }: ClientOptions): Promise<CentreClient> {
  const file = tokenFile ?? process.env['ANSHIN_TOKEN_FILE'] ?? '';
  if (file === '') throw new UsageFault('who asks? give your token by --token-file FILE or ANSHIN_TOKEN_FILE');
  const token = (await readInput(file)).toString('utf8').trim();
  return new CentreClient({ url: url ?? (process.env['ANSHIN_URL'] || 'http://127.0.0.1:7411'), token });
}

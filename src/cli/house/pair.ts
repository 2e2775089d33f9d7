import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { bytesOfText } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { readCentreConfig } from '#centre/config.ts';
import { exportPairing, type Pairing, parsePairing } from '#centre/pairing.ts';
import { pairCentre } from '#centre/setup.ts';
import { writeDurably } from '#centre/store/durable-file.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { readInput } from '#cli/terminal/input.ts';
import { readPassphrase } from '#cli/terminal/passphrase.ts';
import { type Report, taken, UsageFault, wellReport } from '#cli/terminal/report.ts';

interface PairOptions extends DirectoryOption {
  readonly export?: string;
  readonly fingerprint?: string;
  readonly address?: string;
  readonly passphraseFile?: string;
}

export function pairCommand(): Command {
  const command = commandOf({
    name: 'pair [file]',
    summary:
      'Exchange keys with the other side: write our file (--export), and take theirs in once its groups of digits, read over the telephone, are those of the file.',
    examples: ['pair --dir ./centre --export cn.pairing', 'pair --dir ./centre us.pairing'],
  })
    .option('--export <file>', 'write the file for the other side')
    .option('--fingerprint <groups>', 'the eight groups of five digits that the other side read to you; asked for otherwise')
    .option('--address <address>', 'host:port at which we reach the other side, where its file names none or another')
    .option('--passphrase-file <file>', 'a file with the passphrase (default: ANSHIN_PASSPHRASE_FILE, else it is typed)');
  return doing<PairOptions>(withDirectory(command), 'pairing', async (options, [file]) => {
    if (options.export !== undefined && file === undefined) return await writePairing(options, options.export);
    if (options.export === undefined && file !== undefined) return await takeIn(options, file);
    throw new UsageFault('either write our file (--export FILE), or take theirs in (anshin pair FILE)');
  });
}

async function writePairing(options: PairOptions, path: string): Promise<Report> {
  const { text, fingerprint } = taken(await exportPairing(directoryOf(options)));
  if (!(await writeDurably(path, bytesOfText(text), { mode: 0o644, how: 'create' }))) {
    taken(refuse('store.exists', `${path} exists already and is not overwritten`));
  }
  const words = `${path} is for the other side; it is no secret. Read these groups to them by voice:\n\n  ${fingerprint}`;
  return wellReport(words, { file: path, fingerprint });
}

async function takeIn(options: PairOptions, file: string): Promise<Report> {
  const pairing = taken(parsePairing(await readInput(file)));
  const fingerprint = options.fingerprint ?? (await askFingerprint(pairing));
  const peer = taken(
    await pairCentre({
      directory: directoryOf(options),
      passphrase: await readPassphrase(options, 'known'),
      pairing: { ...pairing, address: options.address ?? pairing.address },
      fingerprint,
      nowMs: Date.now(),
    }),
  );
  const config = taken(await readCentreConfig(directoryOf(options)));
  const isUnreachable = peer.address === undefined && config.linkListen === undefined;
  const warning = isUnreachable
    ? '\nWARNING: nobody can call: we listen nowhere, and have no address of theirs. Put theirs into peer.json as "address", or ours into centre.json as "linkListen".'
    : '';
  const words = `Paired with ${peer.centre} (${peer.origin})${peer.address === undefined ? '' : ` at ${peer.address}`}.${warning}\nNext: anshin serve.`;
  return wellReport(words, { paired: peer.centre, origin: peer.origin, address: peer.address ?? null, isUnreachable });
}

/** Shows the groups of the file and has the groups that were heard typed in, so that nobody confirms without listening. */
async function askFingerprint({ keyList, fingerprint }: Pairing): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageFault('give the groups that the other side read to you: --fingerprint "12345 …"');
  const { centre, origin } = keyList.list;
  process.stderr.write(`The file says that it is of ${centre} (${origin}), with these groups:\n\n  ${fingerprint}\n\n`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question('Call the other side at a number that you know, and type the groups that you hear: ');
  } finally {
    terminal.close();
  }
}

import type { Command } from 'commander';
import { bytesOfText, concatBytes } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { changePassphrase } from '#centre/signer/key-file.ts';
import { sealCost } from '#centre/signer/sealed.ts';
import { writeDurably } from '#centre/store/durable-file.ts';
import { groupsOf } from '#centre/succession/confirmation.ts';
import { signRequest } from '#centre/succession/sign.ts';
import { listText } from '#cli/house/list-text.ts';
import { commandOf, doing, familyOf } from '#cli/terminal/command.ts';
import { readInput } from '#cli/terminal/input.ts';
import { readPassphrase } from '#cli/terminal/passphrase.ts';
import { taken, UsageFault, wellReport } from '#cli/terminal/report.ts';
import { keyListText } from '#log/keys.ts';

interface OfflineOptions {
  readonly offline: string;
  readonly passphraseFile?: string;
  readonly secondPassphraseFile?: string;
}

/** `anshin offline`: what is done on the machine that has the offline keys, with no centre and no network. */
export function offlineCommand(): Command {
  return familyOf('offline', 'On the machine that has the offline keys: sign a request, or divide the passphrase between two.', [
    signCommand(),
    divideCommand(),
  ]);
}

function withOffline(command: Command): Command {
  return command
    .requiredOption('--offline <file>', 'the sealed offline keys (offline.sealed)')
    .option('--passphrase-file <file>', 'a file with the passphrase, or the first half (default: it is typed)');
}

function signCommand(): Command {
  const command = commandOf({
    name: 'sign <request>',
    summary:
      'Sign the request of a succession. Two persons are there: each compares the groups that the first supervisor read out, and types a half where the passphrase is divided.',
    examples: ['offline sign cn.request --groups "12345 …" --offline offline.sealed --out cn.succession'],
  })
    .requiredOption(
      '--groups <digits>',
      'the eight groups of digits, as the first supervisor read them out: never out of the file',
    )
    .option('--second-passphrase-file <file>', 'a file with the second half')
    .option('--divided', 'the passphrase is divided: the second half is typed by the second person')
    .requiredOption('--out <file>', 'the signed list, for our own centre and for the other side');
  return doing<OfflineOptions & { readonly out: string; readonly groups: string; readonly divided?: true }>(
    withOffline(command),
    'signing with the offline keys',
    async (options, [request = '']) => {
      const { offline, out, groups, divided, secondPassphraseFile } = options;
      const first = await readPassphrase(options, 'known');
      const isDivided = divided === true || secondPassphraseFile !== undefined;
      const passphrase = isDivided ? joined(first, await secondHalf(options, 'known')) : first;
      const bytes = new Uint8Array(await readInput(request));
      const { list, note } = taken(await signRequest(bytes, groups, { path: offline, passphrase, cost: sealCost }));
      if (!(await writeDurably(out, note, { mode: 0o644, how: 'create' })))
        taken(refuse('store.exists', `${out} exists already and is not overwritten`));
      const text = [
        listText(list),
        '',
        `  groups        ${groupsOf(keyListText(list))}`,
        '                Read them to the second supervisor, and to the other side: they are the same everywhere.',
        '',
        `Signed in ${out}. Next, at our own centre: anshin succession apply ${out}`,
      ].join('\n');
      return wellReport(text, { list, groups: groupsOf(keyListText(list)), file: out });
    },
  );
}

function divideCommand(): Command {
  const command = commandOf({
    name: 'divide',
    summary: 'Seal the offline keys under two passphrases of two persons, so that neither opens them alone.',
    examples: ['offline divide --offline offline.sealed'],
  })
    .option('--first-half-file <file>', 'a file with the first person’s passphrase (default: it is typed twice)')
    .option('--second-passphrase-file <file>', 'a file with the second person’s passphrase (default: it is typed twice)');
  return doing<OfflineOptions & { readonly firstHalfFile?: string }>(
    withOffline(command),
    'dividing the passphrase',
    async (options) => {
      const known = await readPassphrase(options, 'known');
      const first = await readHalf(options.firstHalfFile, 'new');
      const second = await secondHalf(options, 'new');
      if (Buffer.compare(first, second) === 0)
        throw new UsageFault('the two halves are the same: each person has one of their own');
      taken(await changePassphrase({ path: options.offline, passphrase: known, cost: sealCost }, joined(first, second)));
      return wellReport(`${options.offline} opens with both halves now, and with neither alone.`, { offline: options.offline });
    },
  );
}

async function secondHalf({ secondPassphraseFile }: OfflineOptions, how: 'new' | 'known'): Promise<Uint8Array> {
  return await readHalf(secondPassphraseFile, how);
}

/** A half never comes from the environment, where one person could have left both. */
async function readHalf(file: string | undefined, how: 'new' | 'known'): Promise<Uint8Array> {
  return await readPassphrase({ passphraseFile: file ?? '' }, how);
}

/** A line feed between them: no passphrase holds one. */
function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  return concatBytes(first, bytesOfText('\n'), second);
}

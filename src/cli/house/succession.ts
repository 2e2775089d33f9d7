import type { Command } from 'commander';
import { bytesOfText } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { pathsOf } from '#centre/config.ts';
import { keptList } from '#centre/key-lists.ts';
import type { Officer } from '#centre/people/officer.ts';
import { sealCost } from '#centre/signer/sealed.ts';
import { writeDurably } from '#centre/store/durable-file.ts';
import { acceptSuccession } from '#centre/succession/accept.ts';
import { applySuccession } from '#centre/succession/apply.ts';
import { groupsOf, supervisorOf } from '#centre/succession/confirmation.ts';
import { prepareSuccession } from '#centre/succession/prepare.ts';
import { listText } from '#cli/house/list-text.ts';
import { commandOf, doing, familyOf } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { readInput } from '#cli/terminal/input.ts';
import { readPassphrase } from '#cli/terminal/passphrase.ts';
import { type Report, taken, UsageFault, wellReport } from '#cli/terminal/report.ts';
import { type SuccessionReason, successionReasons } from '#log/key-list-schema.ts';
import { fingerprintOf, keyListText, publicKeysOf } from '#log/keys.ts';

interface StepOptions extends DirectoryOption {
  readonly tokenFile?: string;
  readonly passphraseFile?: string;
}

interface PrepareCommandOptions extends StepOptions {
  readonly reason: string;
  readonly out: string;
  readonly retired?: string;
  readonly size?: string;
  readonly cosigned?: string;
}

interface ConfirmOptions extends StepOptions {
  readonly groups: string;
}

interface AcceptCommandOptions extends ConfirmOptions {
  readonly fingerprint?: string;
  readonly keep?: string;
  readonly address?: string;
}

/** `anshin succession`: our log, or theirs, goes on under a new name and new keys. `docs/operate/succession.md` leads through it. */
export function successionCommand(): Command {
  return familyOf('succession', 'Go on under new keys: after a lost or stolen key, a lost store or anchor, a retired suite.', [
    prepareCommand(),
    applyCommand(),
    acceptCommand(),
    showListCommand(),
  ]);
}

function withSteps(command: Command): Command {
  return withDirectory(command)
    .option('--token-file <file>', 'a file with your token, a supervisor’s (default: ANSHIN_TOKEN_FILE)')
    .option('--passphrase-file <file>', 'a file with the passphrase (default: ANSHIN_PASSPHRASE_FILE, else it is typed)');
}

function prepareCommand(): Command {
  const command = commandOf({
    name: 'prepare',
    summary:
      'First supervisor: make the next keys, and the request that the offline keys sign. Nothing changes yet; the centre must not run.',
    examples: [
      'succession prepare --reason stolen-key --out cn.request --token-file ana.token --dir ./centre',
      'succession prepare --reason retired-suite --retired ed25519 --out cn.request --token-file ana.token --dir ./centre',
    ],
  })
    .requiredOption('--reason <reason>', successionReasons.join(', '))
    .requiredOption('--out <file>', 'the request, for the machine that has the offline keys')
    .option('--retired <algorithm>', 'ed25519 or ml-dsa-44, where the reason is retired-suite')
    .option(
      '--size <n>',
      'where the old log is to end before the end of this store: the last size that both sides know to be good',
    )
    .option('--cosigned <n>', 'how far we cosigned their log, as they say, where our anchor and store are both lost');
  return doing<PrepareCommandOptions>(withSteps(command), 'preparing a succession', async (options) => {
    const reason = successionReasons.find((each) => each === options.reason);
    if (reason === undefined) throw new UsageFault(`--reason is one of ${successionReasons.join(', ')}`);
    const prepared = taken(
      await prepareSuccession({
        directory: directoryOf(options),
        passphrase: await readPassphrase(options, 'known'),
        cost: sealCost,
        nowMs: Date.now(),
        officer: await officerOf(options),
        reason,
        retired: retiredOf(options.retired, reason),
        size: countOf('--size', options.size),
        cosigned: countOf('--cosigned', options.cosigned),
      }),
    );
    const { list, text, groups } = prepared;
    if (!(await writeDurably(options.out, bytesOfText(text), { mode: 0o644, how: 'create' })))
      taken(refuse('store.exists', `${options.out} exists already and is not overwritten`));
    const next = `Next, on the machine with the offline keys: anshin offline sign ${options.out} --groups "${groups}" --out FILE`;
    return wellReport(`${listText(list)}\n\n  groups        ${groups}\n\n${next}`, { list, groups, request: options.out });
  });
}

function retiredOf(text: string | undefined, reason: SuccessionReason): 'ed25519' | 'ml-dsa-44' | undefined {
  if ((text === undefined) === (reason === 'retired-suite')) throw new UsageFault('--retired goes with --reason retired-suite');
  if (text === undefined || text === 'ed25519' || text === 'ml-dsa-44') return text;
  throw new UsageFault('--retired is ed25519 or ml-dsa-44');
}

function applyCommand(): Command {
  const command = commandOf({
    name: 'apply <file>',
    summary:
      'Second supervisor: carry out what was prepared, once its groups of digits were read out where it was signed. The centre must not run.',
    examples: ['succession apply cn.succession --groups "12345 …" --token-file bao.token --dir ./centre'],
  }).requiredOption('--groups <groups>', 'the eight groups that were read to you where it was signed');
  return doing<ConfirmOptions>(withSteps(command), 'carrying out a succession', async (options, [file = '']) => {
    const note = new Uint8Array(await readInput(file));
    const applied = taken(
      await applySuccession({
        directory: directoryOf(options),
        passphrase: await readPassphrase(options, 'known'),
        nowMs: Date.now(),
        officer: await officerOf(options),
        note,
        groups: options.groups,
      }),
    );
    const text = [
      `Our log is ${applied.origin} now, with the ${applied.size} leaves of the old one; leaf ${applied.size} says so.`,
      `Give ${file} to the other side, and read it the same groups by voice: anshin succession accept.`,
      'Next: anshin serve; the line opens once they have taken it over. Then anshin backup.',
    ].join('\n');
    return wellReport(text, applied);
  });
}

function acceptCommand(): Command {
  const command = commandOf({
    name: 'accept <file>',
    summary:
      'Take over the log by which the other side goes on: two supervisors, each with the groups that the other side reads out. The centre must not run.',
    examples: [
      'succession accept cn.succession --groups "12345 …" --token-file ana.token --dir ./centre',
      'succession accept cn.succession --groups "12345 …" --keep 45 --token-file bao.token --dir ./centre',
    ],
  })
    .requiredOption('--groups <groups>', 'the eight groups that the other side read to you')
    .option('--fingerprint <groups>', 'the fingerprint of their new offline keys, where these are new, as they read it to you')
    .option('--keep <n>', 'their leaves to go on with, where that is fewer than are held here; the rest stays as evidence')
    .option('--address <address>', 'host:port at which we reach the other side, where that is another now');
  return doing<AcceptCommandOptions>(withSteps(command), 'taking over their succession', accepting);
}

async function accepting(options: AcceptCommandOptions, [file = '']: readonly string[]): Promise<Report> {
  const accepted = taken(
    await acceptSuccession({
      directory: directoryOf(options),
      passphrase: await readPassphrase(options, 'known'),
      nowMs: Date.now(),
      officer: await officerOf(options),
      note: new Uint8Array(await readInput(file)),
      groups: options.groups,
      fingerprint: options.fingerprint,
      keep: countOf('--keep', options.keep),
      address: options.address,
    }),
  );
  const { list, isDone, keep, leftOut } = accepted;
  const kept = `${keep} leaves go on${leftOut === 0 ? '' : `; ${leftOut} that we hold do not, and are kept as evidence`}.`;
  const next = isDone
    ? `Taken over. ${kept}\nNext: anshin serve.`
    : `Confirmed by one supervisor. ${kept}\nNext: a second supervisor gives the same command with the groups that they hear.`;
  return wellReport(`${listText(list)}\n\n${next}`, { origin: list.origin, done: isDone, keep, leftOut });
}

function showListCommand(): Command {
  const command = commandOf({
    name: 'show <file>',
    summary:
      'Say what a signed list of keys says, with its groups of digits and the fingerprint of the offline keys that signed it.',
    examples: ['succession show cn.succession'],
  });
  return doing<object>(command, 'reading the list', async (_options, [file = '']) => {
    const { list } = taken(keptList(new Uint8Array(await readInput(file))));
    const groups = groupsOf(keyListText(list));
    const fingerprint = fingerprintOf(taken(publicKeysOf(list.offline)));
    const text = `${listText(list)}\n\n  groups        ${groups}\n  fingerprint   ${fingerprint}`;
    return wellReport(text, { list, groups, fingerprint });
  });
}

function countOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageFault(`${name} takes a number of leaves`);
}

async function officerOf(options: StepOptions): Promise<Officer> {
  const file = options.tokenFile ?? process.env['ANSHIN_TOKEN_FILE'] ?? '';
  if (file === '') throw new UsageFault('who confirms? give your token by --token-file FILE or ANSHIN_TOKEN_FILE');
  const token = (await readInput(file)).toString('utf8').trim();
  return taken(await supervisorOf(pathsOf(directoryOf(options)).people, token));
}

import { basename } from 'node:path';
import type { Command } from 'commander';
import { bytesOfText } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { type CentreConfig, centreConfigSchema, ownOriginOf, pathsOf } from '#centre/config.ts';
import { agreementsFolder, loadInstruments } from '#centre/instruments.ts';
import { addOfficer, issueToken } from '#centre/people/people.ts';
import { initCentre } from '#centre/setup.ts';
import { sealCost } from '#centre/signer/sealed.ts';
import { writeDurably } from '#centre/store/durable-file.ts';
import { commandOf, doing, several } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { readPassphrase } from '#cli/terminal/passphrase.ts';
import { type Report, taken, UsageFault, wellReport } from '#cli/terminal/report.ts';
import { parseOrigin } from '#log/checkpoint.ts';
import { faultsOf } from '#record/schema.ts';

interface InitOptions extends DirectoryOption {
  readonly centre: string;
  readonly host: string;
  readonly circle: string;
  readonly status: string;
  readonly exercise?: string;
  readonly linkListen?: string;
  readonly httpListen: string;
  readonly agreement?: readonly string[];
  readonly heartbeatSeconds: string;
  readonly askSeconds: string;
  readonly supervisor: string;
  readonly tokenOut?: string;
  readonly passphraseFile?: string;
}

export function initCommand(): Command {
  const command = commandOf({
    name: 'init',
    summary: 'Set up a centre: its keys, its empty store and its first supervisor. Nothing that exists is overwritten.',
    examples: [
      'init --dir ./centre --centre CN --host cn.anshin.example --circle us-cn --status actual \\\n' +
        '    --link-listen 0.0.0.0:7401 --agreement bmln-full',
    ],
  })
    .requiredOption('--centre <id>', 'the party: 2 to 8 capitals, such as CN')
    .requiredOption('--host <name>', 'the name of the centre in its origin, such as cn.anshin.example')
    .requiredOption('--circle <id>', 'the circle of parties, such as us-cn')
    .requiredOption('--status <status>', 'actual, exercise or test: each has a folder, keys and logs of its own')
    .option('--exercise <name>', 'the name of the exercise, where the status is exercise')
    .option('--link-listen <address>', 'host:port for the other side; leave it away where this side only calls out')
    .option('--http-listen <address>', "host:port for officers' tools", '127.0.0.1:7411')
    .option('--agreement <folder>', 'an agreement by its folder, such as bmln-full; may be repeated', several)
    .option('--heartbeat-seconds <n>', 'between two heartbeats', '60')
    .option('--ask-seconds <n>', 'how long the other side is asked at a start before a supervisor may decide', '10')
    .option('--supervisor <id>', 'the id of the first supervisor', 'supervisor')
    .option('--token-out <file>', 'write the token there (mode 0600) instead of showing it')
    .option('--passphrase-file <file>', 'a file with the passphrase (default: ANSHIN_PASSPHRASE_FILE, else it is typed twice)');
  return doing<InitOptions>(withDirectory(command), 'setting up a centre', async (options) => {
    const config = await checkedConfig(options);
    return await setUp(options, config);
  });
}

async function checkedConfig(options: InitOptions): Promise<CentreConfig> {
  const { centre, host, circle, status, exercise, linkListen, httpListen, agreement = [] } = options;
  const given = {
    format: 'anshin-centre/1',
    centre,
    host,
    circle,
    status,
    ...(exercise === undefined ? {} : { exercise }),
    ...(linkListen === undefined ? {} : { linkListen }),
    httpListen,
    agreements: agreement,
    heartbeatSeconds: Number(options.heartbeatSeconds),
    askSeconds: Number(options.askSeconds),
  };
  const [fault] = faultsOf(centreConfigSchema, given);
  if (fault !== undefined) throw new UsageFault(`${fault.path.slice(1)} ${fault.reason}: see anshin init --help`);
  if ((status === 'exercise') !== (exercise !== undefined)) {
    throw new UsageFault('an exercise has a name (--exercise NAME), and nothing else has one');
  }
  const config = given as unknown as CentreConfig;
  taken(parseOrigin(ownOriginOf(config)));
  taken(await loadInstruments(agreementsFolder, agreement));
  return config;
}

async function setUp(options: InitOptions, config: CentreConfig): Promise<Report> {
  const directory = directoryOf(options);
  const passphrase = await readPassphrase(options, 'new');
  const { fingerprint } = taken(await initCentre({ directory, config, passphrase, cost: sealCost, nowMs: Date.now() }));
  const { people, offline } = pathsOf(directory);
  const id = options.supervisor;
  taken(await addOfficer(people, { id, name: id, roles: ['supervisor'] }));
  const token = taken(await issueToken(people, id));
  const handedOut = await handOut(token, options.tokenOut);
  const text = [
    `The centre ${config.centre} is set up in ${directory}: ${ownOriginOf(config)}`,
    '',
    `  fingerprint   ${fingerprint}`,
    '                The other side reads these groups back to you by voice before it pairs.',
    `  supervisor    ${id}`,
    `  token         ${handedOut}`,
    '',
    `Take ${basename(offline)} away from this machine and keep it in a safe: it is needed to issue keys, not to run.`,
    'Next: anshin pair --export FILE, then anshin officer add, then anshin serve.',
  ].join('\n');
  return wellReport(text, {
    directory,
    origin: ownOriginOf(config),
    fingerprint,
    supervisor: id,
    ...(options.tokenOut === undefined ? { token } : { tokenFile: options.tokenOut }),
  });
}

/** Writes a token to its file, or gives the words that show it, this once. */
export async function handOut(token: string, file: string | undefined): Promise<string> {
  if (file === undefined) return `${token}\n                It is shown this once and kept nowhere.`;
  const written = await writeDurably(file, bytesOfText(`${token}\n`), { mode: 0o600, how: 'create' });
  if (!written) taken(refuse('store.exists', `${file} exists already and is not overwritten`));
  return `in ${file}`;
}

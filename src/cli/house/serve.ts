import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { textOfTime } from '#base/time.ts';
import { addressOf, pathsOf } from '#centre/config.ts';
import type { News } from '#centre/desk.ts';
import type { KeyListNotes } from '#centre/http/house-routes.ts';
import { type RunningHttp, startHttp } from '#centre/http/start-http.ts';
import { openCentre, type RunningCentre } from '#centre/open-centre.ts';
import { People } from '#centre/people/people.ts';
import { isErrno } from '#centre/store/durable-file.ts';
import { newsText } from '#cli/house/news-text.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { readPassphrase } from '#cli/terminal/passphrase.ts';
import { outliveReaders } from '#cli/terminal/program.ts';
import { type Report, say, taken } from '#cli/terminal/report.ts';

interface ServeOptions extends DirectoryOption {
  readonly passphraseFile?: string;
  readonly json?: true;
  readonly untilInputEnds?: true;
}

const eventHeartbeatMs = 15_000;

export function serveCommand(): Command {
  const command = commandOf({
    name: 'serve',
    summary: 'Run a centre: its link to the other side and the interface for officers’ tools, until it is interrupted.',
    examples: ['serve --dir ./centre', 'serve --dir ./centre --passphrase-file /run/anshin.passphrase --json'],
  })
    .option('--passphrase-file <file>', 'a file with the passphrase (default: ANSHIN_PASSPHRASE_FILE, else it is typed)')
    .option('--until-input-ends', 'stop when the standard input ends: for a program that runs a centre');
  return doing<ServeOptions>(withDirectory(command), 'running the centre', serve);
}

async function serve(options: ServeOptions): Promise<Report> {
  try {
    return await serveUntilEnded(options);
  } finally {
    // An input that is still open would keep the process, after a refused start too.
    process.stdin.destroy();
  }
}

async function serveUntilEnded(options: ServeOptions): Promise<Report> {
  const directory = directoryOf(options);
  const passphrase = await readPassphrase(options, 'known');
  const ended = interruption(options.untilInputEnds === true);
  outliveReaders();
  const people = taken(await People.open(pathsOf(directory).people));
  const running = taken(await openCentre({ directory, passphrase, nowMs: () => Date.now() }));
  const { centre } = running;
  const stop = centre.listen((news) => tell(news, options.json === true));
  const http = await openFront(running, { directory, people });
  ready(running, http, options.json === true);
  const signal = await ended;
  say(`${signal}: closing; what was confirmed is on disk`);
  stop();
  await http.close();
  await running.close();
  return { text: '', json: undefined, isWell: true };
}

async function openFront(
  running: RunningCentre,
  at: { readonly directory: string; readonly people: People },
): Promise<RunningHttp> {
  const started = await startHttp({
    listen: addressOf(running.config.httpListen),
    tls: null,
    hosts: [],
    heartbeatMs: eventHeartbeatMs,
    onFault: (error) => say(`a fault of this program, please report it: ${error.stack ?? error.message}`),
    desk: running.centre,
    people: at.people,
    keyLists: () => readNotes(at.directory),
  });
  if (!started.ok) await running.close();
  return taken(started);
}

async function readNotes(directory: string): Promise<KeyListNotes> {
  const paths = pathsOf(directory);
  const theirs = await readFile(paths.peerKeyList, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return null;
    throw error;
  });
  return { own: await readFile(paths.keyList, 'utf8'), theirs };
}

function ready({ centre, linkAddress }: RunningCentre, http: RunningHttp, isJson: boolean): void {
  const { identity } = centre;
  if (isJson) {
    const { centre: id, origin, status, exercise, peer } = identity;
    print({ kind: 'ready', centre: id, origin, status, exercise, peer, link: linkAddress ?? null, http: http.address });
    return;
  }
  const banner = identity.exercise === null ? '' : `   EXERCISE ${identity.exercise}`;
  process.stdout.write(
    [
      `The centre ${identity.centre} runs: ${identity.origin}${banner}`,
      `  link          ${linkAddress ?? 'calls out only'}${identity.peer === null ? ' (not paired yet: anshin pair)' : ` with ${identity.peer.centre}`}`,
      `  officers      ${http.address}`,
      '  stop          Ctrl-C',
      '',
    ].join('\n'),
  );
}

function tell(news: News, isJson: boolean): void {
  if (isJson) print({ at: textOfTime(Date.now()), ...news });
  else process.stdout.write(`${textOfTime(Date.now())}  ${newsText(news)}\n`);
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Resolves with the first signal that asks the process to end; a second one ends it as usual. */
function interruption(withInput: boolean): Promise<string> {
  return new Promise((resolve) => {
    if (withInput) process.stdin.once('end', () => resolve('end of input')).resume();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}

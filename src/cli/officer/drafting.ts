import type { Command } from 'commander';
import { type ClientOptions, clientOf, withClient } from '#cli/officer/client-options.ts';
import { type CheckAnswer, checkText, type DraftAnswer, draftText } from '#cli/officer/draft-text.ts';
import { indexOf } from '#cli/officer/reading.ts';
import { commandOf, doing, familyOf } from '#cli/terminal/command.ts';
import { readInput } from '#cli/terminal/input.ts';
import { type Report, UsageFault, wellReport } from '#cli/terminal/report.ts';

interface Seen {
  readonly draft: DraftAnswer;
  readonly check: CheckAnswer | null;
}

/** Drafts: written by one officer, verified by another, released by a third or the second; each confirms the hash that they saw. */
export function draftCommand(): Command {
  return familyOf('draft', 'Write statements, and see how they stand. Others verify and release them.', [
    newCommand(),
    tryCommand(),
    editCommand(),
    withdrawCommand(),
    listCommand(),
    showCommand(),
  ]);
}

function newCommand(): Command {
  const command = commandOf({
    name: 'new <file>',
    summary: 'Make a draft of a JSON file: agreement, format, content, and references if it has any.',
    examples: ['draft new notify.json --token-file lin.token'],
  });
  return doing<ClientOptions>(withClient(command), 'making a draft', async (options, [file = '']) => {
    return seen(await (await clientOf(options)).post<Seen>('/v1/drafts', await inputOf(file)));
  });
}

function tryCommand(): Command {
  const command = commandOf({
    name: 'check <file>',
    summary: 'Let the machine check a JSON file as a draft, and keep nothing.',
    examples: ['draft check notify.json --token-file lin.token'],
  });
  return doing<ClientOptions>(withClient(command), 'checking a draft', async (options, [file = '']) => {
    const answer = await (await clientOf(options)).post<{ readonly check: CheckAnswer }>('/v1/check', await inputOf(file));
    return { text: checkText(answer.check), json: answer, isWell: answer.check.passes };
  });
}

function editCommand(): Command {
  const command = commandOf({
    name: 'edit <number> <file>',
    summary: 'Replace a draft; whoever verified the earlier version verifies anew.',
    examples: ['draft edit 17 notify.json --token-file lin.token'],
  });
  return doing<ClientOptions>(withClient(command), 'editing a draft', async (options, [number = '', file = '']) => {
    return seen(await (await clientOf(options)).put<Seen>(`/v1/drafts/${indexOf(number)}`, await inputOf(file)));
  });
}

function withdrawCommand(): Command {
  const command = commandOf({
    name: 'withdraw <number>',
    summary: 'Withdraw a draft for good; its number stays.',
    examples: ['draft withdraw 17 --token-file lin.token'],
  });
  return doing<ClientOptions>(withClient(command), 'withdrawing a draft', async (options, [number = '']) => {
    return seen(await (await clientOf(options)).post<Seen>(`/v1/drafts/${indexOf(number)}/withdraw`, {}));
  });
}

function listCommand(): Command {
  const command = commandOf({ name: 'list', summary: 'All drafts.', examples: ['draft list --token-file lin.token'] });
  return doing<ClientOptions>(withClient(command), 'listing drafts', async (options) => {
    const answer = await (await clientOf(options)).get<{ readonly drafts: readonly DraftAnswer[] }>('/v1/drafts');
    const lines = answer.drafts.map(
      ({ id, state, record, authors }) =>
        `${String(id).padStart(6)}  ${state.padEnd(10)} ${`${record.basis.agreement} ${record.basis.format}`.padEnd(20)} by ${authors.join(', ')}`,
    );
    return wellReport(lines.join('\n') || 'No drafts.', answer);
  });
}

interface ShowOptions extends ClientOptions {
  readonly language: string;
  readonly json?: true;
}

function showCommand(): Command {
  const command = commandOf({
    name: 'show <number>',
    summary: 'A draft in words, the machine’s check of it, and the hash to confirm.',
    examples: ['draft show 17 --language zh --token-file lin.token'],
  }).option('--language <code>', 'en, zh or ja', 'en');
  return doing<ShowOptions>(withClient(command), 'showing a draft', async (options, [number = '']) => {
    const client = await clientOf(options);
    const path = `/v1/drafts/${indexOf(number)}`;
    const answer = await client.get<Seen>(path);
    if (options.json === true) return wellReport('', answer);
    const rendering = await client.text(`${path}/rendering?language=${encodeURIComponent(options.language)}`);
    return wellReport(`${rendering}\n${draftText(answer.draft)}\n${checkText(answer.check)}`, answer);
  });
}

interface HashOptions extends ClientOptions {
  readonly hash: string;
  readonly key?: string;
}

const hashWords = 'the hash of the draft as you read it (anshin draft show)';

export function approveCommand(): Command {
  const command = commandOf({
    name: 'approve <number>',
    summary: 'Verify a draft that another officer wrote: you read it, and confirm its hash.',
    examples: ['approve 17 --hash 9f2c… --token-file wei.token'],
  })
    .alias('verify-draft')
    .requiredOption('--hash <hex>', hashWords);
  return doing<HashOptions>(withClient(command), 'verifying a draft', async (options, [number = '']) => {
    return seen(await (await clientOf(options)).post<Seen>(`/v1/drafts/${indexOf(number)}/verify`, { hash: options.hash }));
  });
}

export function releaseCommand(): Command {
  const command = commandOf({
    name: 'release <number>',
    summary: 'Release a verified draft: it is logged, signed and delivered, and cannot be taken back.',
    examples: ['release 17 --hash 9f2c… --token-file ana.token'],
  })
    .requiredOption('--hash <hex>', hashWords)
    .option('--key <key>', 'a name for this request: repeated under it, the same record comes back');
  return doing<HashOptions>(withClient(command), 'releasing a draft', async (options, [number = '']) => {
    interface Released {
      readonly filed: { readonly index: number; readonly id: string; readonly record: { readonly number: string } };
    }
    const client = await clientOf(options);
    const { filed } = await client.postOnce<Released>(
      `/v1/drafts/${indexOf(number)}/release`,
      { hash: options.hash },
      options.key,
    );
    const text = `Released as ${filed.record.number}: leaf ${filed.index} of our log, durable and signed.\n  id ${filed.id}`;
    return wellReport(text, { filed });
  });
}

interface ReturnOptions extends ClientOptions {
  readonly reason: string;
}

export function returnCommand(): Command {
  const command = commandOf({
    name: 'return <number>',
    summary: 'Give a draft back to its author, with the reason.',
    examples: ['return 17 --reason "the window is local time, not UTC" --token-file wei.token'],
  }).requiredOption('--reason <text>', 'why');
  return doing<ReturnOptions>(withClient(command), 'returning a draft', async (options, [number = '']) => {
    return seen(await (await clientOf(options)).post<Seen>(`/v1/drafts/${indexOf(number)}/return`, { reason: options.reason }));
  });
}

function seen(answer: Seen): Report {
  return wellReport([draftText(answer.draft), checkText(answer.check)].join('\n'), answer);
}

async function inputOf(file: string): Promise<unknown> {
  const text = (await readInput(file)).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageFault(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

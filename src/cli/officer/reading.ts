import type { Command } from 'commander';
import { type ClientOptions, clientOf, withClient } from '#cli/officer/client-options.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { UsageFault, wellReport } from '#cli/terminal/report.ts';
import { styled, wrapped } from '#cli/terminal/style.ts';

const languages = ['en', 'zh', 'ja'] as const;
type Language = (typeof languages)[number];
const headings: Readonly<Record<Language, Readonly<Record<'none' | keyof ConcernAnswer, string>>>> = {
  en: { none: 'Nothing asks for attention.', what: 'WHAT', proved: 'proved', notProved: 'not proved', next: 'do' },
  zh: { none: '没有需要注意的事项。', what: '事项', proved: '已证明', notProved: '未证明', next: '处置' },
  ja: { none: '注意を要することはない。', what: '事項', proved: '証明', notProved: '未証明', next: '処置' },
};

/** A concern in one language. */
interface ConcernAnswer {
  readonly what: string;
  readonly proved: string;
  readonly notProved: string;
  readonly next: string;
}

export interface StateAnswer {
  readonly identity: { readonly centre: string; readonly origin: string; readonly exercise: string | null };
  readonly link: {
    readonly line: string;
    readonly paths: readonly { readonly path: string; readonly connected: boolean; readonly state: string }[];
    readonly own: { readonly logged: number; readonly held: number | null; readonly cosigned: number };
    readonly theirs: { readonly verified: number; readonly held: number };
  };
  readonly times: { readonly now: string; readonly duty: string };
  readonly me: { readonly id: string; readonly roles: readonly string[] };
  readonly needs: {
    readonly drafts: readonly { readonly id: number; readonly state: string }[];
    readonly acknowledge: readonly {
      readonly log: string;
      readonly index: number;
      readonly number: string;
      readonly precedence: string;
    }[];
    readonly confirmStore: boolean;
  };
  readonly concerns: readonly { readonly text: Readonly<Record<Language, ConcernAnswer>> }[];
}

export function stateCommand(): Command {
  const command = commandOf({
    name: 'state',
    summary: 'How the centre and its link stand, and what waits for you.',
    examples: ['state --token-file lin.token', 'state --language zh --token-file lin.token'],
  }).option('--language <code>', 'what asks for attention in en, zh or ja', 'en');
  return doing<LanguageOptions>(withClient(command), 'reading the state', async (options) => {
    const language = languageOf(options);
    const state = await (await clientOf(options)).get<StateAnswer>('/v1/state');
    return wellReport(stateText(state, language), state);
  });
}

interface LanguageOptions extends ClientOptions {
  readonly language: string;
}

function languageOf(options: LanguageOptions): Language {
  const language = languages.find((each) => each === options.language);
  if (language === undefined) throw new UsageFault(`--language is one of ${languages.join(', ')}`);
  return language;
}

/** How a centre stands, and whatever asks for attention: what happened, what that proves, what it does not, what to do. */
export function stateText({ identity, link, times, me, needs, concerns }: StateAnswer, language: Language): string {
  const banner = identity.exercise === null ? [] : [styled('banner', `EXERCISE ${identity.exercise}`)];
  const paths = link.paths.map(({ path, connected, state }) => `${path} ${connected ? 'connected' : 'not connected'}, ${state}`);
  const waiting = [
    ...needs.drafts.map(({ id, state }) => `draft ${id} (${state})`),
    ...needs.acknowledge.map(
      ({ log, index, number, precedence }) => `acknowledge ${number} [${precedence}]: anshin acknowledge ${log} ${index}`,
    ),
    ...(needs.confirmStore ? ['confirm that this store is the newest: anshin confirm-store'] : []),
  ];
  return [
    ...banner,
    `centre      ${identity.centre}  ${identity.origin}`,
    `time        ${times.now}${times.duty === times.now ? '' : `; scenario ${times.duty}`}`,
    `line        ${link.line}; ${paths.join('; ') || 'not paired'}`,
    `our log     ${link.own.logged} logged, ${link.own.held ?? 'unknown'} held there, ${link.own.cosigned} cosigned`,
    `their log   ${link.theirs.verified} verified, ${link.theirs.held} held here`,
    `you         ${me.id} (${me.roles.join(', ')})`,
    `for you     ${waiting.join('\n            ') || 'nothing'}`,
    '',
    ...(concerns.length === 0
      ? [headings[language].none]
      : concerns.flatMap(({ text }) => concernLines(text[language], language))),
    ...banner,
  ].join('\n');
}

function concernLines(text: ConcernAnswer, language: Language): readonly string[] {
  const { what, ...rest } = headings[language];
  const lines = (['proved', 'notProved', 'next'] as const).map((part) => wrapped(`  ${rest[part]}: ${text[part]}`, '    '));
  return [styled('refused', wrapped(`${what}: ${text.what}`, '  ')), ...lines, ''];
}

interface ListAnswer {
  readonly origin: string;
  readonly size: number;
  readonly records: readonly {
    readonly index: number;
    readonly number: string | null;
    readonly filedAt: string | null;
    readonly standing: { readonly kind: string } | null;
    readonly precedence: { readonly action: string } | null;
  }[];
}

interface ListOptions extends ClientOptions {
  readonly from?: string;
  readonly limit?: string;
}

export function listCommand(): Command {
  const command = commandOf({
    name: 'list <log>',
    summary: 'The records of a log: own, or theirs.',
    examples: ['list own --token-file lin.token', 'list theirs --from 100 --limit 20 --token-file lin.token'],
  })
    .option('--from <index>', 'the first record')
    .option('--limit <n>', 'how many at most');
  return doing<ListOptions>(withClient(command), 'listing records', async (options, [log = '']) => {
    const query = new URLSearchParams({ log: logOf(log) });
    if (options.from !== undefined) query.set('from', options.from);
    if (options.limit !== undefined) query.set('limit', options.limit);
    const answer = await (await clientOf(options)).get<ListAnswer>(`/v1/records?${query.toString()}`);
    const lines = answer.records.map(
      ({ index, number, filedAt, standing, precedence }) =>
        `${String(index).padStart(8)}  ${(precedence?.action ?? ' ').padEnd(2)}${(number ?? '(not readable)').padEnd(34)}${(filedAt ?? '').padEnd(26)}${standing?.kind ?? ''}`,
    );
    return wellReport([`${answer.origin}: ${answer.size} records`, ...lines].join('\n'), answer);
  });
}

interface ShowOptions extends LanguageOptions {
  readonly json?: true;
}

export interface RecordAnswer {
  readonly text: Readonly<Record<Language, readonly string[]>>;
}

export function showCommand(): Command {
  const command = commandOf({
    name: 'show <log> <index>',
    summary: 'A record in words, from its coded fields, and how it stands: receipt, acknowledgements, deadlines, refusals.',
    examples: ['show theirs 3 --language ja --token-file lin.token', 'show own 2 --json --token-file lin.token'],
  }).option('--language <code>', 'en, zh or ja', 'en');
  return doing<ShowOptions>(withClient(command), 'showing a record', async (options, [log = '', index = '']) => {
    const language = languageOf(options);
    const client = await clientOf(options);
    const path = `/v1/records/${logOf(log)}/${indexOf(index)}`;
    const answer = await client.get<RecordAnswer>(path);
    if (options.json === true) return wellReport('', answer);
    const rendering = await client.text(`${path}/rendering?language=${language}`);
    return wellReport(`${rendering}\n${standingText(answer, language)}`, answer);
  });
}

/** How a record stands, below its rendering. */
export function standingText({ text }: RecordAnswer, language: Language): string {
  const [title = '', ...lines] = text[language];
  return [styled('strong', title), ...lines.map((line) => wrapped(`  ${line}`, '    '))].join('\n');
}

/** The two logs of a centre as its officers name them. */
export function logOf(log: string): string {
  if (log === 'own' || log === 'theirs') return log;
  throw new UsageFault(`a log is own or theirs, not ${JSON.stringify(log)}`);
}

export function indexOf(index: string): string {
  if (/^(?:0|[1-9]\d{0,14})$/.test(index)) return index;
  throw new UsageFault(`the place of a record in its log is a number from 0, not ${JSON.stringify(index)}`);
}

import { type Fault } from '#test/tidy/source-file.ts';

/** A page in Markdown, with the folder that its links start from. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

export interface Place {
  /** From the root of the project, `/` between folders. */
  readonly path: string;
  readonly heading: string | undefined;
}

/** Folders and files whose paths, in backticks, are promises as well: `src/log/tree.ts`. */
const pathInWords = /`((?:src|test|spec|docs|bin|bench|agreements|catalogue|glossary|\.ci)\/[\w.\-/]*)`/g;
/** Commands that only hold others. */
const families: readonly string[] = ['officer', 'draft', 'agreement', 'catalogue', 'succession', 'offline', 'drill'];
const link = /\[[^\]]*\]\(([^)\s]+)\)/g;

/** Links of a page that lead nowhere, and paths named in it that are not there. `headings` gives a page's, or undefined if there is none. */
export function linkFaults(
  page: Page,
  project: { exists(path: string): boolean; headings(path: string): readonly string[] },
): readonly Fault[] {
  const prose = withoutBlocks(page.text);
  const linked = [...prose.matchAll(link)].flatMap(([, target = '']) => targetFault(page, target, project) ?? []);
  const named = [...prose.matchAll(pathInWords)]
    .filter(([, path = '']) => !project.exists(path))
    .map(([, path = '']) => `${page.path}  names '${path}', which is not there`);
  return [...linked, ...named];
}

function targetFault(
  page: Page,
  target: string,
  project: { exists(path: string): boolean; headings(path: string): readonly string[] },
): Fault | undefined {
  if (/^(?:https:|mailto:)/.test(target)) return undefined;
  const { path, heading } = placeOf(page.path, target);
  if (!project.exists(path)) return `${page.path}  links to '${target}', which is not there`;
  if (heading === undefined || project.headings(path).includes(heading)) return undefined;
  return `${page.path}  links to '${target}', which has no such heading`;
}

function placeOf(from: string, target: string): Place {
  const [relative = '', heading] = target.split('#');
  if (relative === '') return { path: from, heading };
  const parts = from.split('/').slice(0, -1);
  for (const part of relative.split('/').filter((each) => each !== '' && each !== '.')) {
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return { path: parts.join('/'), heading };
}

/** The anchors of a page's headings, as GitHub makes them. */
export function headingsOf(markdown: string): readonly string[] {
  return [...withoutBlocks(markdown).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The clauses that a text cites: `spec/link.md` 4 to 6, written with backticks around the path, gives `link 4` and `link 6`. */
export function clausesIn(text: string): readonly string[] {
  const cited = /`spec\/([a-z]+)\.md`,?\s(\d+(?:(?:,| to| and)\s\d+)*)/g;
  return [...text.matchAll(cited)].flatMap(([, page = '', numbers = '']) =>
    (numbers.match(/\d+/g) ?? []).map((each) => `${page} ${each}`),
  );
}

/** A command line of a page: `anshin pair FILE --dir X` has the command `pair` and the option `--dir`. */
export interface CommandLine {
  readonly page: string;
  readonly command: readonly string[];
  readonly options: readonly string[];
}

/** The command lines in the shell blocks of a page, and its inline ones. */
export function commandLinesOf(page: Page): readonly CommandLine[] {
  const blocks = [...page.text.matchAll(/^```sh\n([^`]*)^```/gm)].map(([, block = '']) => block.replaceAll('\\\n', ' '));
  const inline = [...withoutBlocks(page.text).matchAll(/`(anshin [^`]+)`/g)].map(([, line = '']) => line);
  return [...blocks.flatMap((block) => block.split('\n')), ...inline].flatMap((line) => {
    const words = /^(?:node bin\/anshin\.mjs|anshin) (.*)$/.exec(line.replace(/ #.*$/, '').trim())?.[1]?.split(/\s+/);
    if (words === undefined) return [];
    const options = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.split('=')[0] ?? '');
    const [first = '', second = ''] = words;
    const command = families.includes(first) ? [first, second] : [first];
    return [{ page: page.path, command: command.filter((word) => /^[a-z]/.test(word)), options }];
  });
}

/** The scripts that a page tells its reader to run: `npm start`, `npm run bench`. */
export function scriptsOf(page: Page): readonly string[] {
  return [...page.text.matchAll(/\bnpm (?:run ([a-z]+)|(start|test))\b/g)].map(([, run, short]) => run ?? short ?? '');
}

function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^```[^\n]*\n[\s\S]*?^```/gm, '');
}

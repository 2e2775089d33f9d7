import type { Fault } from '#test/tidy/source-file.ts';

/** A row of a table in `spec/`: its cells as text, without the backticks around the first. */
export interface TableRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The rows of the tables of a Markdown page whose first cell is in backticks. */
function tableRows(markdown: string): readonly TableRow[] {
  return markdown.split('\n').flatMap((text, index) => {
    const cells = /^\|\s*`([^`]+)`\s*\|(.*)\|\s*$/.exec(text);
    if (cells === null) return [];
    return [{ line: index + 1, cells: [cells[1] ?? '', ...(cells[2] ?? '').split('|').map((cell) => cell.trim())] }];
  });
}

/** Where `spec/limits.md` (name, value, meaning) and the limits of the code differ. */
export function limitFaults(markdown: string, limits: ReadonlyMap<string, unknown>): readonly Fault[] {
  return tableFaults({
    page: 'spec/limits.md',
    markdown,
    expected: new Map(
      [...limits].map(([name, value]) => [name, typeof value === 'number' ? value.toLocaleString('en') : String(value)]),
    ),
  });
}

/** Where `spec/refusals.md` (code, clause, meaning) and the refusal codes of the code differ. */
export function refusalFaults(markdown: string, clauses: ReadonlyMap<string, string>): readonly Fault[] {
  return tableFaults({ page: 'spec/refusals.md', markdown, expected: clauses });
}

interface TableAndCode {
  readonly page: string;
  readonly markdown: string;
  /** The second cell of each row, by the first. */
  readonly expected: ReadonlyMap<string, string>;
}

function tableFaults({ page, markdown, expected }: TableAndCode): readonly Fault[] {
  const rows = tableRows(markdown);
  const listed = rows.map(({ cells }) => cells[0] ?? '');
  const absent = [...expected.keys()]
    .filter((name) => !listed.includes(name))
    .map((name) => `${page}  '${name}' is in the code and not here`);
  const wrong = rows.flatMap(({ line, cells: [name = '', stated = '', meaning = ''] }, index) => {
    const value = expected.get(name);
    if (value === undefined) return [`${page}:${line}  '${name}' is here and not in the code`];
    if (listed.indexOf(name) !== index) return [`${page}:${line}  '${name}' is here twice`];
    if (stated !== value) return [`${page}:${line}  '${name}' is ${value} in the code and ${stated} here`];
    return meaning.length < 10 ? [`${page}:${line}  '${name}' has no meaning here`] : [];
  });
  return [...absent, ...wrong];
}

/** Clauses such as `record 2` that no numbered heading (`## 2. …`) of `spec/record.md` answers to. `pages` is by name without `.md`. */
export function clauseFaults(clauses: Iterable<string>, pages: ReadonlyMap<string, string>): readonly Fault[] {
  return [...new Set(clauses)].flatMap((clause) => {
    const [page = '', number = ''] = clause.split(' ');
    const text = pages.get(page);
    if (text === undefined) return [`spec/${page}.md is missing, and the code cites '${clause}'`];
    const headed = text.split('\n').some((line) => new RegExp(`^#+ ${number}[. ]`).test(line));
    return headed ? [] : [`spec/${page}.md has no heading numbered ${number}, and the code cites '${clause}'`];
  });
}

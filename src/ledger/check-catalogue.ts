import { type Catalogue, type CatalogueFile, catalogueFileSchema } from '#ledger/catalogue-file.ts';
import { coversFormat, type FormatName } from '#ledger/linked-format.ts';
import { languages, type Measure } from '#ledger/measure.ts';
import { requiredChallenges, requiredMeasures } from '#ledger/required-measures.ts';
import { faultsOf } from '#record/schema.ts';

/** One thing to mend: in which file, in which entry, in which field (a path below the entry), and why. */
export interface CatalogueProblem {
  readonly file: string;
  readonly id: string;
  readonly field: string;
  readonly reason: string;
}

export type CatalogueReading =
  | { readonly ok: true; readonly catalogue: Catalogue }
  | { readonly ok: false; readonly problems: readonly CatalogueProblem[] };

interface Entry {
  readonly file: string;
  readonly list: string;
  readonly id: string;
}

/**
 * Reads the catalogue from its parsed JSON files, by name. `formats` are the formats of the instruments that ship and of the
 * core: a link to anything else would make a measure that nothing can ever move.
 */
export function parseCatalogue(files: ReadonlyMap<string, unknown>, formats: readonly FormatName[]): CatalogueReading {
  const faults = [...files].flatMap(([file, value]) => formProblems(file, value));
  if (faults.length > 0) return { ok: false, problems: faults };
  const read = [...files].map(([file, value]) => ({ file, content: value as CatalogueFile }));
  const catalogue = gather(read.map(({ content }) => content));
  const entries = read.flatMap(({ file, content }) => entriesOf(file, content));
  const problems = [
    ...duplicates(entries),
    ...absent(catalogue),
    ...catalogue.measures.flatMap((measure) => measureProblems(measure, catalogue, formats)).map(placedIn(entries)),
    ...noteProblems(catalogue).map(placedIn(entries)),
    ...blankTexts(read),
  ];
  return problems.length === 0 ? { ok: true, catalogue } : { ok: false, problems };
}

/** Lists what is wrong with the files; empty when `parseCatalogue` would accept them. */
export function checkCatalogue(files: ReadonlyMap<string, unknown>, formats: readonly FormatName[]): readonly CatalogueProblem[] {
  const reading = parseCatalogue(files, formats);
  return reading.ok ? [] : reading.problems;
}

function formProblems(file: string, value: unknown): readonly CatalogueProblem[] {
  return faultsOf(catalogueFileSchema, value).map(({ path, reason }) => {
    const [list, position, ...rest] = path.split('/').slice(1);
    const id = idAt(value, list, position);
    return { file, id, field: id === '' ? path.slice(1) : rest.join('/'), reason };
  });
}

function idAt(value: unknown, list: string | undefined, position: string | undefined): string {
  const entries = list === undefined ? undefined : memberOf(value, list);
  const id = position === undefined ? undefined : memberOf(memberOf(entries, position), 'id');
  return typeof id === 'string' ? id : '';
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
}

function gather(files: readonly CatalogueFile[]): Catalogue {
  const sources = files.flatMap((file) => (file.kind === 'sources' ? [file] : []));
  return {
    measures: files.flatMap((file) => (file.kind === 'measures' ? file.measures : [])),
    challenges: files.flatMap((file) => (file.kind === 'challenges' ? file.challenges : [])),
    terms: files.flatMap((file) => (file.kind === 'terms' ? file.terms : [])),
    reading: sources[0]?.reading ?? { en: '', zh: '', ja: '' },
    papers: sources.flatMap(({ papers }) => papers),
    views: sources.flatMap(({ views }) => views),
    notes: sources.flatMap(({ notes }) => notes),
  };
}

function entriesOf(file: string, content: CatalogueFile): readonly Entry[] {
  const named = (list: string, entries: readonly { readonly id: string }[]) => entries.map(({ id }) => ({ file, list, id }));
  switch (content.kind) {
    case 'measures':
      return named('measures', content.measures);
    case 'challenges':
      return named('challenges', content.challenges);
    case 'terms':
      return named('terms', content.terms);
    case 'sources':
      return [...named('papers', content.papers), ...named('views', content.views), ...named('notes', content.notes)];
  }
}

function duplicates(entries: readonly Entry[]): readonly CatalogueProblem[] {
  const seen = new Map<string, string>();
  return entries.flatMap(({ file, list, id }) => {
    const first = seen.get(`${list} ${id}`);
    seen.set(`${list} ${id}`, first ?? file);
    return first === undefined ? [] : [{ file, id, field: 'id', reason: `stands in ${first} already` }];
  });
}

function absent(catalogue: Catalogue): readonly CatalogueProblem[] {
  const missing = (required: readonly string[], entries: readonly { readonly id: string }[], list: string) =>
    required
      .filter((id) => !entries.some((entry) => entry.id === id))
      .map((id) => ({ file: '', id, field: list, reason: 'is required and stands in no file' }));
  return [
    ...missing(requiredMeasures, catalogue.measures, 'measures'),
    ...missing(requiredChallenges, catalogue.challenges, 'challenges'),
    ...missing(['A', 'B'], catalogue.papers, 'papers'),
  ];
}

function measureProblems(measure: Measure, catalogue: Catalogue, formats: readonly FormatName[]): readonly CatalogueProblem[] {
  const at = (field: string, reason: string) => ({ file: '', id: measure.id, field, reason });
  const paper = catalogue.papers.find(({ id }) => id === measure.source.paper);
  const unknown = (field: string, ids: readonly string[], known: readonly { readonly id: string }[]) =>
    ids.filter((id) => !known.some((entry) => entry.id === id)).map((id) => at(field, `${id} is not known`));
  return [
    ...unknown('terms', measure.terms, catalogue.terms),
    ...unknown('views', measure.views, catalogue.views),
    ...unknown('source/section', [measure.source.section], paper?.sections ?? []),
    ...measure.linkedFormats
      .filter((pattern) => !formats.some((format) => coversFormat(pattern, format)))
      .map((pattern) => at('linkedFormats', `${pattern} covers no format that ships`)),
    ...measure.linkedAgreements
      .filter((agreement) => !formats.some((format) => format.agreement === agreement))
      .map((agreement) => at('linkedAgreements', `${agreement} is not an agreement that ships`)),
    ...placeProblems(measure).map(([field, reason]) => at(field, reason)),
  ];
}

/** The id says step and actor too; the three must agree, since a reader takes the id's word. */
function placeProblems({ id, step, actor }: Measure): readonly (readonly [field: string, reason: string])[] {
  const stepOfId = id.startsWith('B') ? 'N' : id.charAt(1);
  const actorOfId = /[.](US|CN|both)(?:[.]|$)/.exec(id)?.[1] ?? actor;
  return [
    ...(step === stepOfId ? [] : [['step', `the id says ${stepOfId}`] as const]),
    ...(actor === actorOfId ? [] : [['actor', `the id says ${actorOfId}`] as const]),
  ];
}

function noteProblems({ notes, measures }: Catalogue): readonly CatalogueProblem[] {
  return notes.flatMap((note) =>
    note.measures
      .filter((id) => !measures.some((measure) => measure.id === id))
      .map((id) => ({ file: '', id: note.id, field: 'measures', reason: `${id} is not known` })),
  );
}

function placedIn(entries: readonly Entry[]): (problem: CatalogueProblem) => CatalogueProblem {
  return (problem) => ({ ...problem, file: entries.find(({ id }) => id === problem.id)?.file ?? '' });
}

/** A schema cannot see that a text is only white space. */
function blankTexts(files: readonly { readonly file: string; readonly content: CatalogueFile }[]): readonly CatalogueProblem[] {
  return files.flatMap(({ file, content }) =>
    pathsOfBlank(content, '').map((path) => {
      const [list, position, ...rest] = path.split('/').slice(1);
      return { file, id: idAt(content, list, position), field: rest.join('/'), reason: 'is blank' };
    }),
  );
}

function pathsOfBlank(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    languages.some((language) => language === key) && typeof member === 'string' && member.trim() === ''
      ? [`${path}/${key}`]
      : pathsOfBlank(member, `${path}/${key}`),
  );
}

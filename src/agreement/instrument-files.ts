import { type InstrumentText, instrumentSchema, type Language } from '#agreement/instrument-schema.ts';
import { readTexts, type Texts } from '#agreement/texts.ts';
import { hexOf, textOfBytes } from '#base/bytes.ts';
import { agreementFileBytesMax, agreementFilesMax } from '#base/limits.ts';
import { sha256 } from '#crypto/engine.ts';
import { canonicalBytes } from '#record/canonical.ts';
import { faultsOf, type Schema } from '#record/schema.ts';
import { checkSchema } from '#record/schema-check.ts';

/** The files of an agreement's folder: path within it, such as `formats/NOTIFY.json`, to bytes. */
export type InstrumentFiles = ReadonlyMap<string, Uint8Array>;

/** One thing wrong with an instrument: in which file, and what. */
export interface Problem {
  readonly file: string;
  readonly reason: string;
}

/** What the files say, each read for itself; whether they fit together is for `compile` and `checkInstrument`. */
export interface InstrumentParts {
  /** SHA-256 over the canonical JSON of path to SHA-256 of each file: what two states adopt. */
  readonly hash: string;
  readonly text: InstrumentText;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly texts: ReadonlyMap<Language, Texts>;
}

const main = 'instrument.json';

/** Reads the files of a folder; `parts` is undefined when `instrument.json` itself cannot be read. */
export function readFiles(files: InstrumentFiles): { parts: InstrumentParts | undefined; problems: readonly Problem[] } {
  const problems = sizeProblems(files);
  if (problems.length > 0) return { parts: undefined, problems };
  const value = jsonOf(files, main, problems);
  if (value === undefined) return { parts: undefined, problems };
  const faults = faultsOf(instrumentSchema, value);
  problems.push(...faults.map(({ path, reason }) => ({ file: main, reason: `${path} ${reason}` })));
  if (faults.length > 0) return { parts: undefined, problems };
  const text = value as InstrumentText;
  const schemas = schemasOf(files, text, problems);
  const texts = textsOf(files, text, problems);
  problems.push(...strayFiles(files, text));
  return { parts: { hash: hashOfFiles(files), text, schemas, texts }, problems };
}

/** The hash that names an agreement's version. */
function hashOfFiles(files: InstrumentFiles): string {
  return hexOf(sha256(canonicalBytes(Object.fromEntries([...files].map(([path, bytes]) => [path, hexOf(sha256(bytes))])))));
}

function sizeProblems(files: InstrumentFiles): Problem[] {
  if (files.size > agreementFilesMax)
    return [{ file: '.', reason: `${files.size} files; at most ${agreementFilesMax} are allowed` }];
  return [...files]
    .filter(([, bytes]) => bytes.length > agreementFileBytesMax)
    .map(([file, bytes]) => ({ file, reason: `${bytes.length} bytes; at most ${agreementFileBytesMax} are allowed` }));
}

function schemasOf(files: InstrumentFiles, text: InstrumentText, problems: Problem[]): ReadonlyMap<string, Schema> {
  const schemas = new Map<string, Schema>();
  for (const format of text.formats) {
    const value = jsonOf(files, format.schema, problems);
    if (value === undefined) continue;
    const schema = checkSchema(value);
    if (schema.ok) schemas.set(format.code, schema.value);
    else problems.push({ file: format.schema, reason: schema.refusal.detail });
  }
  return schemas;
}

function textsOf(files: InstrumentFiles, text: InstrumentText, problems: Problem[]): ReadonlyMap<Language, Texts> {
  const texts = new Map<Language, Texts>();
  for (const language of text.languages) {
    const file = textsFile(language);
    const value = jsonOf(files, file, problems);
    if (value === undefined) continue;
    const read = readTexts(value);
    if (read.ok) texts.set(language, read.value);
    else problems.push({ file, reason: read.refusal.detail });
  }
  return texts;
}

/** A file that nothing reads would be adopted unread: only notes for people (`*.md`) may stand beside what is used. */
function strayFiles(files: InstrumentFiles, text: InstrumentText): readonly Problem[] {
  const known = new Set<string>([main, ...text.formats.map((format) => format.schema), ...text.languages.map(textsFile)]);
  const stray = [...files.keys()].filter((path) => !known.has(path) && !path.endsWith('.md'));
  return stray.map((file) => ({ file, reason: 'is used by nothing in instrument.json' }));
}

export function textsFile(language: Language): string {
  return `texts/${language}.json`;
}

function jsonOf(files: InstrumentFiles, file: string, problems: Problem[]): unknown {
  const bytes = files.get(file);
  if (bytes === undefined) {
    problems.push({ file, reason: 'is missing' });
    return undefined;
  }
  const text = textOfBytes(bytes);
  if (!text.ok) {
    problems.push({ file, reason: text.refusal.detail });
    return undefined;
  }
  try {
    return JSON.parse(text.value) as unknown;
  } catch (thrown) {
    problems.push({ file, reason: `is not JSON: ${thrown instanceof Error ? thrown.message : 'unreadable'}` });
    return undefined;
  }
}

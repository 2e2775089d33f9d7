import { problemsOf } from '#agreement/check.ts';
import { type Compiled, compile } from '#agreement/compile.ts';
import { type InstrumentFiles, readFiles } from '#agreement/instrument-files.ts';
import type { Fact, InstrumentText, Language } from '#agreement/instrument-schema.ts';
import { textOf } from '#agreement/texts.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';

declare const checked: unique symbol;

/** An instrument that passed every check of `spec/agreement.md`. Only `loadInstrument` makes one. */
export interface Instrument extends Compiled {
  readonly [checked]: true;
  readonly shortName: string;
  readonly profile: string;
  /** What two states adopt, and what the basis of a record names as its version. */
  readonly hash: string;
  readonly title: ReadonlyMap<Language, string>;
  readonly facts: readonly Fact[];
  /** The instrument as it stands in `instrument.json`. */
  readonly text: InstrumentText;
}

/** Reads an agreement's folder. Refused with `agreement.form` when anything in it is wrong; the first problem is the detail. */
export function loadInstrument(files: InstrumentFiles): Result<Instrument> {
  const { parts, problems } = readFiles(files);
  if (parts === undefined) return refuseProblems(problems);
  const { compiled, problems: compiling } = compile(parts);
  const all = [...problems, ...compiling, ...problemsOf(parts, compiled)];
  if (all.length > 0) return refuseProblems(all);
  const { text, hash } = parts;
  const title = new Map([...parts.texts].map(([language, texts]): [Language, string] => [language, textOf(texts, 'title')]));
  const instrument = { ...compiled, shortName: text.shortName, profile: text.profile, hash, title, facts: text.facts, text };
  return accept(instrument as unknown as Instrument);
}

function refuseProblems(problems: readonly { readonly file: string; readonly reason: string }[]): Result<never> {
  const [first] = problems;
  return refuse('agreement.form', `${first?.file ?? ''}: ${first?.reason ?? 'cannot be read'}`, { problems: problems.length });
}

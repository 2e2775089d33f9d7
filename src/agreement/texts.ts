import { accept, type Result, refuse } from '#base/refusal.ts';
import { checkText } from '#base/text.ts';

/**
 * The texts of one language by dotted name, such as `label.window-opens`: a JSON file of nested objects whose leaves are text,
 * laid flat. What each name stands for is in `spec/agreement.md` 9.
 */
export type Texts = ReadonlyMap<string, string>;

const nestingMax = 5;
const textLengthMax = 600;

/** Reads the texts out of parsed JSON. */
export function readTexts(value: unknown): Result<Texts> {
  const texts = new Map<string, string>();
  const finding = collect(value, [], texts);
  return finding === undefined ? accept(texts) : refuse('agreement.form', finding);
}

/** The text of that name, or the name itself in angle brackets, so that a gap is seen and nothing is left unsaid. */
export function textOf(texts: Texts, name: string): string {
  return texts.get(name) ?? `⟨${name}⟩`;
}

/** Puts values in the places `{name}` of a text. */
export function fillText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{([a-zA-Z]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function collect(value: unknown, path: readonly string[], texts: Map<string, string>): string | undefined {
  const name = path.join('.');
  if (typeof value === 'string') {
    if (value.length === 0 || value.length > textLengthMax) return `${name} is empty or longer than ${textLengthMax} characters`;
    const checked = checkText(value);
    if (!checked.ok) return `${name}: ${checked.refusal.detail}`;
    texts.set(name, value);
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${name || '/'} is not a text`;
  if (path.length === nestingMax) return `${name} is nested deeper than ${nestingMax} levels`;
  for (const [key, each] of Object.entries(value)) {
    if (!/^[A-Za-z0-9-]{1,48}$/.test(key)) return `${JSON.stringify(key)} is not a name of a text`;
    const finding = collect(each, [...path, key], texts);
    if (finding !== undefined) return finding;
  }
  return undefined;
}

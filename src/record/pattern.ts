import { assert } from '#base/refusal.ts';

// A pattern is adopted by two states and run on text from a peer, so it must mean the same in every engine and must not run
// away in any. Both follow from one rule: at each character of the text, that character alone decides how the pattern goes on.
// Whatever a backtracking engine tries again then fails at once (`spec/schema.md` 5).

const lengthMax = 200;
/** Characters that a pattern may ask for once its repetitions are written out; engines differ in how many they bear. */
const expandedMax = 4_096;
const codePointMax = 0x10ffff;

const token =
  /\[\^?(?:[^\\[\]^]|\\[\^$\\.*+?()[\]{}|/n-])+\]|\(\?:|[)|]|[*+?]|\{\d+(?:,\d*)?\}|\\[\^$\\.*+?()[\]{}|/n]|[^$\\.*+?()[\]{}|^]/gu;
const classItem = /(\\.|[^\\])(?:-(\\.|[^\\]))?/gu;

/** Code points as ranges, both ends included. */
type Characters = readonly (readonly [number, number])[];
type Part =
  | { readonly kind: 'character'; readonly characters: Characters }
  | { readonly kind: 'sequence'; readonly parts: readonly Part[] }
  | { readonly kind: 'choice'; readonly branches: readonly Part[] }
  | { readonly kind: 'repeat'; readonly part: Part; readonly min: number; readonly max: number };

/** Says why a pattern is not in the subset; undefined when it is. */
export function patternFault(source: string): string | undefined {
  if (source.length > lengthMax) return `is longer than ${lengthMax} characters`;
  if (!isRegExp(source)) return 'is not a regular expression';
  if (!source.startsWith('^') || !source.endsWith('$')) return 'must begin with ^ and end with $';
  const body = source.slice(1, -1);
  const tokens = body.match(token) ?? [];
  if (tokens.join('') !== body) return 'uses a construct that is not in the subset';
  if (tokens.some(namesTwice)) return 'names a character twice in one class';
  if (tokens.some((each, position) => isQuantifier(each) && isQuantifier(tokens[position + 1]))) return 'repeats a repetition';
  const parts = new PatternReader(tokens).whole();
  if (parts.kind === 'choice' && parts.branches.length > 1) return 'offers a choice outside a group';
  if (expanded(parts) > expandedMax) return `asks for more than ${expandedMax} characters`;
  return faultOf(parts, []);
}

function isRegExp(source: string): boolean {
  try {
    return new RegExp(source, 'u').unicode && source.isWellFormed();
  } catch {
    return false;
  }
}

function isQuantifier(token: string | undefined): boolean {
  return token !== undefined && /^(?:[*+?]|\{.+\})$/.test(token);
}

/** Reads tokens that the engine has already found well-formed. Owner of the position: this object. */
class PatternReader {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  whole(): Part {
    const part = this.#choice();
    assert(this.#position === this.#tokens.length, 'a regular expression closes no group that it did not open');
    return part;
  }

  #choice(): Part {
    const branches = [this.#sequence()];
    while (this.#take('|')) branches.push(this.#sequence());
    return { kind: 'choice', branches };
  }

  #sequence(): Part {
    const parts: Part[] = [];
    for (let next = this.#next(); next !== undefined && next !== '|' && next !== ')'; next = this.#next()) {
      parts.push(this.#repeat(this.#atom(next)));
    }
    return { kind: 'sequence', parts };
  }

  #atom(next: string): Part {
    this.#position += 1;
    if (next !== '(?:') return { kind: 'character', characters: charactersOf(next) };
    const inner = this.#choice();
    assert(this.#take(')'), 'a regular expression closes every group');
    return inner;
  }

  #repeat(part: Part): Part {
    const next = this.#next();
    if (next === undefined || !isQuantifier(next)) return part;
    this.#position += 1;
    return { kind: 'repeat', part, ...boundsOf(next) };
  }

  #next(): string | undefined {
    return this.#tokens[this.#position];
  }

  #take(expected: string): boolean {
    if (this.#next() !== expected) return false;
    this.#position += 1;
    return true;
  }
}

function boundsOf(quantifier: string): { readonly min: number; readonly max: number } {
  if (quantifier === '?') return { min: 0, max: 1 };
  if (quantifier === '*') return { min: 0, max: Number.POSITIVE_INFINITY };
  if (quantifier === '+') return { min: 1, max: Number.POSITIVE_INFINITY };
  const [min = '', max = min] = quantifier.slice(1, -1).split(',');
  return { min: Number(min), max: max === '' ? Number.POSITIVE_INFINITY : Number(max) };
}

function charactersOf(token: string): Characters {
  if (!token.startsWith('[')) return [[codePointOf(token), codePointOf(token)]];
  return token.startsWith('[^') ? complementOf(namedBy(token)) : namedBy(token);
}

/** What a class lists, whether it asks for that or for everything else. */
function namedBy(token: string): Characters {
  return [...token.slice(token.startsWith('[^') ? 2 : 1, -1).matchAll(classItem)].map(
    ([, from = '', to = from]) => [codePointOf(from), codePointOf(to)] as const,
  );
}

/** Some engines read a doubled `&`, `-`, `~` or `|` in a class as an operation on sets. */
function namesTwice(token: string): boolean {
  if (!token.startsWith('[')) return false;
  const named = namedBy(token);
  return named.some((each, position) => overlap([each], named.slice(position + 1)));
}

function codePointOf(token: string): number {
  if (token === '\\n') return 0x0a;
  return token.codePointAt(token.length > 1 && token.startsWith('\\') ? 1 : 0) ?? 0;
}

function complementOf(characters: Characters): Characters {
  const complement: (readonly [number, number])[] = [];
  let next = 0;
  for (const [from, to] of characters.toSorted((a, b) => a[0] - b[0])) {
    if (from > next) complement.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  return next > codePointMax ? complement : [...complement, [next, codePointMax]];
}

function overlap(a: Characters, b: Characters): boolean {
  return a.some(([from, to]) => b.some(([otherFrom, otherTo]) => from <= otherTo && otherFrom <= to));
}

/** How many characters the part asks for with its repetitions written out, an endless one once more than it must. */
function expanded(part: Part): number {
  switch (part.kind) {
    case 'character':
      return 1;
    case 'sequence':
      return part.parts.reduce((total, each) => total + expanded(each), 0);
    case 'choice':
      return part.branches.reduce((total, each) => total + expanded(each), 0);
    case 'repeat':
      return expanded(part.part) * (Number.isFinite(part.max) ? part.max : part.min + 1);
  }
}

function mayBeEmpty(part: Part): boolean {
  switch (part.kind) {
    case 'character':
      return false;
    case 'sequence':
      return part.parts.every(mayBeEmpty);
    case 'choice':
      return part.branches.some(mayBeEmpty);
    case 'repeat':
      return part.min === 0 || mayBeEmpty(part.part);
  }
}

/** The characters that can come first in the part, or after it (`follow`) where it may be empty. */
function firstOf(part: Part, follow: Characters): Characters {
  switch (part.kind) {
    case 'character':
      return part.characters;
    case 'sequence':
      return part.parts.reduceRight<Characters>((after, each) => firstOf(each, after), follow);
    case 'choice':
      return part.branches.flatMap((branch) => firstOf(branch, follow));
    case 'repeat':
      return [...firstOf(part.part, []), ...(mayBeEmpty(part) ? follow : [])];
  }
}

/** Finds where the next character would not decide. `follow`: the characters that can come after the part. */
function faultOf(part: Part, follow: Characters): string | undefined {
  switch (part.kind) {
    case 'character':
      return undefined;
    case 'sequence':
      return faultOfSequence(part.parts, follow);
    case 'choice':
      return faultOfChoice(part.branches, follow);
    case 'repeat':
      return faultOfRepeat(part, follow);
  }
}

function faultOfSequence(parts: readonly Part[], follow: Characters): string | undefined {
  let after = follow;
  for (const part of parts.toReversed()) {
    const fault = faultOf(part, after);
    if (fault !== undefined) return fault;
    after = firstOf(part, after);
  }
  return undefined;
}

function faultOfChoice(branches: readonly Part[], follow: Characters): string | undefined {
  if (branches.length > 1 && branches.some(mayBeEmpty)) return 'offers a choice that may be empty';
  const firsts = branches.map((branch) => firstOf(branch, []));
  if (firsts.some((first, position) => overlap(first, firsts.slice(position + 1).flat())))
    return 'offers choices that can begin with one character';
  return branches.map((branch) => faultOf(branch, follow)).find((fault) => fault !== undefined);
}

function faultOfRepeat(repeat: Extract<Part, { kind: 'repeat' }>, follow: Characters): string | undefined {
  if (mayBeEmpty(repeat.part)) return 'repeats what may be empty';
  const again = firstOf(repeat.part, []);
  if (repeat.min !== repeat.max && overlap(again, follow)) return 'has a repetition that can end and go on with one character';
  return faultOf(repeat.part, repeat.max > 1 ? [...again, ...follow] : follow);
}

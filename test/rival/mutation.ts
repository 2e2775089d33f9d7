import { base64Of, bytesOfText, concatBytes } from '#base/bytes.ts';
import type { Chance } from '#base/chance.ts';
import { evilBytes, evilTexts, evilValues } from '#test/rival/evil.ts';

/** Makes another input out of one that is known; `others` are there to be spliced with. */
export type Mutation = (bytes: Uint8Array, chance: Chance, others: readonly Uint8Array[]) => Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One to four changes, each by a mutation that chance picks. */
export function mutated(bytes: Uint8Array, chance: Chance, how: MutationSource): Uint8Array {
  let result = bytes;
  for (let left = 1 + chance.below(chance.below(4) + 1); left > 0; left -= 1) {
    result = oneOf(how.mutations, chance)(result, chance, how.others);
  }
  return result;
}

export interface MutationSource {
  readonly mutations: readonly Mutation[];
  readonly others: readonly Uint8Array[];
}

export function oneOf<T>(list: readonly T[], chance: Chance): T {
  const chosen = list[chance.below(list.length)];
  if (chosen === undefined) throw new Error('there is something to choose from');
  return chosen;
}

const interesting = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x30, 0x5b, 0x5c, 0x7b, 0x7f, 0x80, 0xc0, 0xed, 0xff];
/** Lengths that stand at a limit of some parser, and one beyond. */
const oversizes = [4_097, 16_384, 16_385, 65_535, 65_536, 131_073, 262_145, 1_048_577];

export const byteMutations: readonly Mutation[] = [
  (bytes, chance) =>
    bytes.length === 0 ? bytes : withByte(bytes, chance.below(bytes.length), (old) => old ^ (1 << chance.below(8))),
  (bytes, chance) => (bytes.length === 0 ? bytes : withByte(bytes, chance.below(bytes.length), () => oneOf(interesting, chance))),
  (bytes, chance) => inserted(bytes, chance.below(bytes.length + 1), chance.bytes(1 + chance.below(8))),
  (bytes, chance) => inserted(bytes, chance.below(bytes.length + 1), oneOf(evilBytes, chance)),
  (bytes, chance) => {
    const { from, to } = range(bytes, chance);
    return concatBytes(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, chance) => {
    const { from, to } = range(bytes, chance);
    return inserted(bytes, to, bytes.subarray(from, to));
  },
  (bytes, chance) => bytes.subarray(0, chance.below(bytes.length + 1)),
  (bytes, chance, others) => {
    const other = others.length === 0 ? bytes : oneOf(others, chance);
    return concatBytes(bytes.subarray(0, chance.below(bytes.length + 1)), other.subarray(chance.below(other.length + 1)));
  },
  // Oversized, and seldom: a large input costs as much as a hundred small ones.
  (bytes, chance) => {
    if (chance.below(16) > 0) return bytes;
    const { from, to } = range(bytes, chance);
    const piece = to > from ? bytes.subarray(from, to) : Uint8Array.of(0x61);
    const wanted = oneOf(oversizes, chance) - bytes.length;
    if (wanted <= 0) return bytes;
    const filling = new Uint8Array(wanted);
    for (let at = 0; at < wanted; at += 1) filling[at] = piece[at % piece.length] ?? 0;
    return inserted(bytes, to, filling);
  },
];

export const textMutations: readonly Mutation[] = [
  ...byteMutations,
  (bytes, chance) => inserted(bytes, chance.below(bytes.length + 1), encoder.encode(oneOf(evilTexts, chance))),
  (bytes, chance) => replacedMatch(bytes, chance, { pattern: /-?\d+/g, by: () => oneOf(evilNumbers, chance) }),
  (bytes, chance) => onLines(bytes, chance),
  // The bytes inside base64, so that what reads them is reached.
  (bytes, chance) =>
    replacedMatch(bytes, chance, {
      pattern: /[A-Za-z0-9+/]{40,}={0,2}/g,
      by: (base64) => {
        const inner = base64.length % 4 === 0 ? Uint8Array.fromBase64(base64, { lastChunkHandling: 'loose' }) : new Uint8Array();
        return base64Of(oneOf(byteMutations.slice(0, 6), chance)(inner, chance, []));
      },
    }),
];

export const jsonMutations: readonly Mutation[] = [
  ...textMutations,
  ...Array<Mutation>(8).fill((bytes, chance) => {
    const value = parsed(bytes);
    return value === undefined ? bytes : encoder.encode(written(changedValue(value, chance, 0), chance));
  }),
];

const evilNumbers = [
  '0',
  '-0',
  '00',
  '01',
  '-1',
  '1.0',
  '1e3',
  '1E400',
  '0.1',
  '9007199254740991',
  '9007199254740992',
  '18446744073709551616',
  '253402300800',
  '4294967296',
  '2147483648',
  '9'.repeat(400),
  '1e-400',
  'NaN',
  'Infinity',
  '0x10',
  '+1',
];

function withByte(bytes: Uint8Array, at: number, change: (old: number) => number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = change(copy[at] ?? 0);
  return copy;
}

function inserted(bytes: Uint8Array, at: number, more: Uint8Array): Uint8Array {
  return concatBytes(bytes.subarray(0, at), more, bytes.subarray(at));
}

function range(bytes: Uint8Array, chance: Chance): { readonly from: number; readonly to: number } {
  const from = chance.below(bytes.length + 1);
  return { from, to: Math.min(bytes.length, from + 1 + chance.below(oneOf([2, 8, 64, 1_024], chance))) };
}

function replacedMatch(
  bytes: Uint8Array,
  chance: Chance,
  { pattern, by }: { readonly pattern: RegExp; readonly by: (found: string) => string },
): Uint8Array {
  const text = decoder.decode(bytes);
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return bytes;
  const { 0: match, index } = oneOf(found, chance);
  return bytesOfText(text.slice(0, index) + by(match) + text.slice(index + match.length));
}

function onLines(bytes: Uint8Array, chance: Chance): Uint8Array {
  const lines = decoder.decode(bytes).split('\n');
  const [at, other] = [chance.below(lines.length), chance.below(lines.length)];
  const [line = '', second = ''] = [lines[at], lines[other]];
  const changed = oneOf(
    [
      () => lines.toSpliced(at, 1),
      () => lines.toSpliced(other, 0, line),
      () => lines.with(at, second).with(other, line),
      () => lines.toSpliced(at, 0, ''),
      () => lines.with(at, `${line}\r`),
      () => lines.with(at, `${line} `),
      () => [...lines.slice(0, at), ...Array<string>(1 + chance.below(200)).fill(line), ...lines.slice(at)],
    ],
    chance,
  );
  return bytesOfText(changed().join('\n'));
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

/** Walks down by chance and changes what it comes to. */
function changedValue(value: unknown, chance: Chance, depth: number): unknown {
  if (Array.isArray(value) && value.length > 0 && chance.below(5) > 0) return changedList(value, chance, depth);
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0 && chance.below(6) > 0) {
    return changedMember(value as Readonly<Record<string, unknown>>, chance, depth);
  }
  if (chance.below(8) === 0) return nested(value, 1 + chance.below(40));
  return oneOf(evilValues, chance);
}

function changedList(list: readonly unknown[], chance: Chance, depth: number): unknown {
  const at = chance.below(list.length);
  const kind = chance.below(8);
  if (kind === 0) return list.toSpliced(at, 1);
  if (kind === 1) return [...list, ...Array.from({ length: 1 + chance.below(100) }, () => list[at])];
  return list.with(at, changedValue(list[at], chance, depth + 1));
}

function changedMember(value: Readonly<Record<string, unknown>>, chance: Chance, depth: number): unknown {
  const key = oneOf(Object.keys(value), chance);
  const { [key]: member, ...others } = value;
  const kind = chance.below(10);
  if (kind === 0) return others;
  if (kind === 1) return { ...others, [`${key}${oneOf(evilTexts, chance)}`]: member };
  if (kind === 2) return { ...value, [oneOf(evilKeys, chance)]: oneOf(evilValues, chance) };
  return { ...value, [key]: changedValue(member, chance, depth + 1) };
}

const evilKeys = [
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  'length',
  '',
  '0',
  'then',
  'toJSON',
  '\u2028',
  '\ufeff',
];

function nested(value: unknown, depth: number): unknown {
  let result = value;
  for (let level = 0; level < depth; level += 1) result = level % 2 === 0 ? [result] : { a: result };
  return result;
}

/** Mostly canonical, so that what stands behind the parser is reached; sometimes in another order, or with a key twice. */
function written(value: unknown, chance: Chance): string {
  const text = JSON.stringify(chance.below(6) === 0 ? value : sorted(value)) ?? 'null';
  const kind = chance.below(30);
  if (kind === 0) return text.replace(/"([a-zA-Z]+)":/, '"$1":0,"$1":');
  if (kind === 1) return text.replace('{', '{"__proto__":{"schema":1},');
  if (kind === 2) return text.replaceAll(',', ', ');
  if (kind === 3) return text.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
  return text;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(Reflect.get(value, key))]),
  );
}

import { bytesOfText, equalBytes, hexOf, textOfBytes } from '#base/bytes.ts';

import type { Result } from '#base/refusal.ts';
import { checkText } from '#base/text.ts';
import { durationOfText, textOfTime, timeOfText } from '#base/time.ts';
import { parseUrgentLeaf, writeUrgentLeaf } from '#centre/link/urgent-leaf.ts';
import { parsePairing } from '#centre/pairing.ts';
import { checkPeople } from '#centre/people/officer.ts';
import { sha256 } from '#crypto/portable.ts';
import { encodeFrame, frameLength, parseFrameBody } from '#exchange/message.ts';
import { checkpointText, parseCheckpointText } from '#log/checkpoint.ts';
import { formatFork, parseFork } from '#log/fork.ts';
import { heartbeatText, parseHeartbeatText } from '#log/heartbeat.ts';
import { formatInclusion, parseInclusion } from '#log/inclusion-file.ts';
import { parseKeyList } from '#log/keys.ts';
import { formatNote, formatVkey, parseNote, parseVkey } from '#log/note.ts';
import { formatPolicy, parsePolicy } from '#log/policy-file.ts';
import { encodeKeyLists, formatProof, parseKeyLists, parseProof } from '#log/proof.ts';
import { parseEntryBundle, parseTilePath, tilePath } from '#log/tiles.ts';
import { canonicalText } from '#record/canonical.ts';
import { parseRecord } from '#record/envelope.ts';
import { numberText, parseNumber } from '#record/number.ts';
import { Broken, type Target } from '#test/rival/hunt.ts';
import { byteMutations, jsonMutations, type Mutation, oneOf, textMutations } from '#test/rival/mutation.ts';
import { cn, vectorBytes, vectorTexts } from '#test/rival/world.ts';

/** A parser and what writes its value: what is accepted is written back byte for byte. */
export function exact<T>(of: {
  readonly name: string;
  readonly weight?: number;
  readonly seeds: readonly Uint8Array[];
  readonly mutations?: readonly Mutation[];
  readonly parse: (bytes: Uint8Array) => Result<T>;
  readonly write: (value: T, bytes: Uint8Array) => Uint8Array;
}): Target {
  return {
    name: of.name,
    weight: of.weight ?? 2,
    seeds: of.seeds,
    mutations: of.mutations ?? textMutations,
    read: (bytes) => {
      const parsed = of.parse(bytes);
      if (parsed.ok && !equalBytes(of.write(parsed.value, bytes), bytes)) throw new Broken('it is written back in other bytes');
      return parsed.ok;
    },
  };
}

/** As `exact`, of a parser of text. */
function exactText<T>(of: {
  readonly name: string;
  readonly seeds: readonly string[];
  readonly parse: (text: string) => Result<T>;
  readonly write: (value: T, text: string) => string;
}): Target {
  return exact({
    name: of.name,
    seeds: of.seeds.map(bytesOfText),
    parse: (bytes) => {
      const text = textOfBytes(bytes);
      return text.ok ? of.parse(text.value) : text;
    },
    write: (value, bytes) => bytesOfText(of.write(value, new TextDecoder().decode(bytes))),
  });
}

const notes = [...vectorBytes('log/checkpoint', 'note'), ...vectorBytes('log/published', 'note')];
const keyListNotes = vectorBytes('log/key-list', 'note');
const proofs = vectorBytes('log/proof', 'proof');
const frames = vectorTexts('link/frames', 'frame').map((frame) => Uint8Array.fromBase64(frame));

/** JSON in the other order of members, by a writer of this test alone. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value).toSorted((a, b) => (a < b ? -1 : 1));
  return `{${members.map((key) => `${JSON.stringify(key)}:${sortedJson(Reflect.get(value, key))}`).join(',')}}`;
}

/** A change that the officers approved, as it were: with the hash of what it is now, so that the rules behind that hash are reached. */
const approved: Mutation = (bytes, chance, others) => {
  const value = jsonOf(oneOf(jsonMutations.slice(-4), chance)(bytes, chance, others));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return bytes;
  const { number: _number, filedAt: _filedAt, approved: _approved, ...draft } = value as Record<string, unknown>;
  const text = canonicalText(draft);
  if (!text.ok) return bytes;
  const hash = hexOf(sha256(bytesOfText(`anshin.draft/1\n${text.value}`)));
  const whole = canonicalText({ ...value, approved: hash });
  return whole.ok ? bytesOfText(whole.value) : bytes;
};

const recordTargets: readonly Target[] = [
  exact({
    name: 'record',
    weight: 10,
    seeds: [
      ...vectorBytes('record/valid', 'text'),
      ...vectorBytes('record/refused', 'text').filter(({ length }) => length < 20_000),
    ],
    mutations: [...jsonMutations, ...Array<Mutation>(8).fill(approved)],
    parse: parseRecord,
    write: ({ record }) => bytesOfText(sortedJson(record)),
  }),
  exactText({
    name: 'number of a record',
    seeds: ['BMLN/CN/24/0001/NOTIFY', 'CORE/US/26/123456/RECEIPT'],
    parse: parseNumber,
    write: numberText,
  }),
  exactText({ name: 'time', seeds: vectorTexts('base/time', 'text'), parse: timeOfText, write: textOfTime }),
  exactText({
    name: 'text',
    seeds: ['launch', '发射通知 24 小时', 'e\u0301 \u{1f680}'],
    parse: checkText,
    write: (text) => {
      if (/[\p{Cc}\p{Noncharacter_Code_Point}\p{Bidi_Control}]/u.test(text.replaceAll('\n', '')))
        throw new Broken('a control came through');
      return text;
    },
  }),
  exactText({ name: 'duration', seeds: ['P4D', 'PT24H', 'P1DT2H3M'], parse: durationOfText, write: (_, text) => text }),
];

const logTargets: readonly Target[] = [
  exact({ name: 'note', weight: 4, seeds: [...notes, ...keyListNotes.slice(0, 2)], parse: parseNote, write: formatNote }),
  exactText({
    name: 'checkpoint',
    seeds: [notes, notes].flat().map((note) => `${new TextDecoder().decode(note).split('\n\n')[0]}\n`),
    parse: parseCheckpointText,
    write: checkpointText,
  }),
  exactText({
    name: 'heartbeat',
    seeds: vectorTexts('log/heartbeat', 'note').map((note) => `${note.split('\n\n')[0]}\n`),
    parse: parseHeartbeatText,
    write: heartbeatText,
  }),
  exactText({
    name: 'verifier key',
    seeds: [
      ...vectorTexts('log/published', 'vkey'),
      ...cn.keyList.logKeys.pairs.flatMap(({ ed25519, mldsa44 }) => [ed25519, mldsa44].map(formatVkey)),
    ],
    parse: parseVkey,
    write: formatVkey,
  }),
  exact({ name: 'proof', seeds: proofs, parse: parseProof, write: formatProof }),
  exact({ name: 'inclusion', seeds: vectorBytes('log/inclusion', 'file'), parse: parseInclusion, write: formatInclusion }),
  exact({ name: 'evidence of a fork', seeds: vectorBytes('log/fork', 'evidence'), parse: parseFork, write: formatFork }),
  exact({
    name: 'key lists in a proof',
    seeds: [encodeKeyLists(keyListNotes.slice(0, 2)), encodeKeyLists(keyListNotes.slice(0, 1))],
    mutations: byteMutations,
    parse: parseKeyLists,
    write: encodeKeyLists,
  }),
  {
    name: 'key list',
    weight: 2,
    seeds: keyListNotes,
    mutations: textMutations,
    read: (bytes) => parseKeyList(bytes).ok,
  },
  {
    name: 'policy',
    weight: 2,
    seeds: vectorBytes('log/proof', 'policy'),
    mutations: textMutations,
    read: (bytes) => {
      const policy = parsePolicy(bytes);
      if (!policy.ok) return false;
      const again = parsePolicy(formatPolicy(policy.value));
      if (!again.ok || !equalBytes(formatPolicy(again.value), formatPolicy(policy.value)))
        throw new Broken('it reads otherwise when written');
      return true;
    },
  },
  exactText({ name: 'path of a tile', seeds: vectorTexts('log/tiles', 'path'), parse: parseTilePath, write: tilePath }),
  exact({
    name: 'entry bundle',
    seeds: [Uint8Array.of(0, 3, 1, 2, 3), Uint8Array.of(0, 0, 0, 1, 9)],
    mutations: byteMutations,
    parse: (bytes) => parseEntryBundle(bytes, 1 + (bytes.length % 3)),
    write: (entries) => new Uint8Array(entries.flatMap((entry) => [entry.length >> 8, entry.length & 0xff, ...entry])),
  }),
];

const fileTargets: readonly Target[] = [
  exact({
    name: 'urgent leaf of a store',
    seeds: [writeUrgentLeaf({ index: 7, leaf: bytesOfText('{"record":7}'), checkpoint: notes[0] ?? new Uint8Array() })],
    mutations: jsonMutations,
    parse: parseUrgentLeaf,
    write: writeUrgentLeaf,
  }),
  {
    name: 'pairing file',
    weight: 1,
    seeds: keyListNotes.slice(0, 2).map((note) => pairingOf(new TextDecoder().decode(note))),
    mutations: jsonMutations,
    read: (bytes) => parsePairing(bytes).ok,
  },
  {
    name: 'file of officers',
    weight: 1,
    seeds: [officers()],
    mutations: jsonMutations,
    read: (bytes) => {
      const value = jsonOf(bytes);
      return value !== undefined && checkPeople(value).ok;
    },
  },
];

const frameTargets: readonly Target[] = [
  exact({
    name: 'frame',
    weight: 6,
    seeds: frames.filter(({ length }) => length > 4).map((frame) => frame.subarray(4)),
    mutations: [...jsonMutations.slice(-4), ...byteMutations],
    parse: parseFrameBody,
    write: (message) => encodeFrame(message).subarray(4),
  }),
  exact({
    name: 'length of a frame',
    seeds: frames.map((frame) => frame.subarray(0, 4)),
    mutations: byteMutations,
    parse: (bytes) => frameLength(Uint8Array.of(...bytes.subarray(0, 4), 0, 0, 0, 0).subarray(0, 4)),
    write: (length, bytes) => {
      if (length > 4_194_304) throw new Broken('a frame beyond the limit');
      return bytes;
    },
  }),
];

function pairingOf(keyList: string): Uint8Array {
  return bytesOfText(JSON.stringify({ address: 'us.example:7401', format: 'anshin-pairing/1', keyList }));
}

function officers(): Uint8Array {
  const officer = { id: 'lin', name: 'Lin', roles: ['drafter', 'verifier'], tokenHash: 'a'.repeat(64) };
  return bytesOfText(
    JSON.stringify({ schema: 'anshin.people/1', officers: [officer, { id: 'roe', name: 'Roe', roles: ['releaser'] }] }),
  );
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

export const parserTargets: readonly Target[] = [...recordTargets, ...logTargets, ...fileTargets, ...frameTargets];

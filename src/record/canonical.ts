import { bytesOfText, textOfBytes } from '#base/bytes.ts';
import { recordDepthMax, recordValuesMax } from '#base/limits.ts';
import { accept, mustAccept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { checkText } from '#base/text.ts';

/** What a record may hold: no null (what is absent is left out) and no number but a safe integer. */
export type JsonValue = string | number | boolean | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue };

/** Most text: nothing in these ranges (ASCII, Latin, Greek and Cyrillic, Chinese, Japanese and Korean) is forbidden or escaped. */
const plain = /^[ !#-[\]-~\u00a0-\u052f\u3000-\ud7ff\uff01-\uffee]*$/;

/** Writes the one canonical text of a value (RFC 8785, narrowed to integers). Refuses what the record cannot hold. */
export function canonicalText(value: unknown): Result<string> {
  const written = write(value, 0, { values: recordValuesMax });
  return typeof written === 'string' ? accept(written) : { ok: false, refusal: written };
}

/** The canonical UTF-8 of a value made by our own code. Throws on a value that no record can hold. */
export function canonicalBytes(value: JsonValue): Uint8Array {
  return bytesOfText(mustAccept(canonicalText(value)));
}

/** Reads canonical JSON of at most `bytesMax` bytes. Hostile input: anything that does not write back byte for byte is refused. */
export function parseCanonical(bytes: Uint8Array, bytesMax: number): Result<JsonValue> {
  if (bytes.length > bytesMax) return refuse('record.size', `${bytes.length} bytes; at most ${bytesMax} are allowed`);
  const text = textOfBytes(bytes);
  if (!text.ok) return text;
  const value = parseJson(text.value);
  if (!value.ok) return value;
  const written = canonicalText(value.value);
  if (!written.ok) return written;
  if (written.value !== text.value) {
    return refuse('record.canonical', 'the bytes are not the canonical form of what they say', {
      position: firstDifference(written.value, text.value),
    });
  }
  return accept(value.value as JsonValue);
}

function parseJson(text: string): Result<unknown> {
  try {
    return accept(JSON.parse(text) as unknown);
  } catch {
    return refuse('record.json', 'the bytes are not JSON');
  }
}

// The writers return the refusal itself and wrap nothing: they run for every value of every record of a log.

/** How many values may still come; counted down while one text is written. */
interface Room {
  values: number;
}

function write(value: unknown, depth: number, room: Room): string | Refusal {
  room.values -= 1;
  if (room.values < 0) return refuse('record.json', `more than ${recordValuesMax} values`).refusal;
  if (typeof value === 'string') return writeText(value);
  if (typeof value === 'number') return writeNumber(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value !== 'object' || value === null) return unwritable(value === null ? 'null' : typeof value);
  if (depth === recordDepthMax) return refuse('record.json', `nested deeper than ${recordDepthMax} levels`).refusal;
  if (Array.isArray(value)) return writeArray(value, depth, room);
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null
    ? writeObject(value, depth, room)
    : unwritable('an object with a class');
}

function writeText(text: string): string | Refusal {
  if (plain.test(text)) return `"${text}"`;
  const checked = checkText(text);
  return checked.ok ? JSON.stringify(text) : checked.refusal;
}

function writeNumber(value: number): string | Refusal {
  if (Number.isSafeInteger(value)) return String(value);
  return refuse('record.number-range', `${value} is not an integer within ±(2^53−1)`).refusal;
}

function writeArray(items: readonly unknown[], depth: number, room: Room): string | Refusal {
  let text = '[';
  for (const item of items) {
    const written = write(item, depth + 1, room);
    if (typeof written !== 'string') return written;
    text += text === '[' ? written : `,${written}`;
  }
  return `${text}]`;
}

function writeObject(value: object, depth: number, room: Room): string | Refusal {
  let text = '{';
  // The default sort compares UTF-16 code units, as RFC 8785 asks.
  for (const key of Object.keys(value).sort()) {
    const member = Reflect.get(value, key) as unknown;
    if (member === undefined) continue;
    // A reader in JavaScript that copies members by assignment would lose this one and change the object's prototype.
    if (key === '__proto__') return unwritable('a member named __proto__');
    const name = writeText(key);
    if (typeof name !== 'string') return name;
    const written = write(member, depth + 1, room);
    if (typeof written !== 'string') return written;
    text += text === '{' ? `${name}:${written}` : `,${name}:${written}`;
  }
  return `${text}}`;
}

function unwritable(what: string): Refusal {
  return refuse('record.json', `a record cannot hold ${what}`).refusal;
}

function firstDifference(a: string, b: string): number {
  let position = 0;
  while (position < a.length && a[position] === b[position]) position += 1;
  return position;
}

import { bytesOfText, textOfBytes } from '#base/bytes.ts';
import { recordDepthMax } from '#base/limits.ts';
import { accept, mustAccept, refuse, type Result } from '#base/refusal.ts';
import { checkText } from '#base/text.ts';

/** What a record may hold: no null (what is absent is left out) and no number but a safe integer. */
export type JsonValue = string | number | boolean | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue };

/** Writes the one canonical text of a value (RFC 8785, narrowed to integers). Refuses what the record cannot hold. */
export function canonicalText(value: unknown): Result<string> {
  return write(value, 0);
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
  const written = write(value.value, 0);
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

function write(value: unknown, depth: number): Result<string> {
  if (typeof value === 'string') return writeText(value);
  if (typeof value === 'number') return writeNumber(value);
  if (typeof value === 'boolean') return accept(value ? 'true' : 'false');
  if (typeof value !== 'object' || value === null)
    return refuse('record.json', `a record cannot hold ${value === null ? 'null' : typeof value}`);
  if (depth === recordDepthMax) return refuse('record.json', `nested deeper than ${recordDepthMax} levels`);
  return Array.isArray(value) ? writeArray(value, depth) : writeObject(value, depth);
}

function writeText(text: string): Result<string> {
  const checked = checkText(text);
  return checked.ok ? accept(JSON.stringify(text)) : checked;
}

function writeNumber(value: number): Result<string> {
  if (!Number.isSafeInteger(value)) return refuse('record.number-range', `${value} is not an integer within ±(2^53−1)`);
  return accept(String(value));
}

function writeArray(items: readonly unknown[], depth: number): Result<string> {
  const parts: string[] = [];
  for (const item of items) {
    const part = write(item, depth + 1);
    if (!part.ok) return part;
    parts.push(part.value);
  }
  return accept(`[${parts.join(',')}]`);
}

function writeObject(value: object, depth: number): Result<string> {
  const parts: string[] = [];
  // The default sort compares UTF-16 code units, as RFC 8785 asks.
  for (const key of Object.keys(value).sort()) {
    const member = Reflect.get(value, key) as unknown;
    if (member === undefined) continue;
    const name = writeText(key);
    if (!name.ok) return name;
    const part = write(member, depth + 1);
    if (!part.ok) return part;
    parts.push(`${name.value}:${part.value}`);
  }
  return accept(`{${parts.join(',')}}`);
}

function firstDifference(a: string, b: string): number {
  let position = 0;
  while (position < a.length && a[position] === b[position]) position += 1;
  return position;
}

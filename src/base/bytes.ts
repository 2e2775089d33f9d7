import { accept, assert, type Result, refuse } from '#base/refusal.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let position = 0; position < a.length; position += 1) if (a[position] !== b[position]) return false;
  return true;
}

export function bytesOfText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Decodes UTF-8; refuses ill-formed sequences and a byte order mark. */
export function textOfBytes(bytes: Uint8Array): Result<string> {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return refuse('text.byte-order-mark', 'the bytes begin with a byte order mark');
  }
  try {
    return accept(decoder.decode(bytes));
  } catch {
    return refuse('text.utf8', 'the bytes are not well-formed UTF-8');
  }
}

export function hexOf(bytes: Uint8Array): string {
  return bytes.toHex();
}

/** Reads lower-case hexadecimal of exactly `length` bytes. */
export function bytesOfHex(hex: string, length: number): Result<Uint8Array> {
  if (hex.length !== length * 2 || !/^[0-9a-f]*$/.test(hex)) {
    return refuse('bytes.hex', `expected ${length} bytes as lower-case hexadecimal`);
  }
  return accept(Uint8Array.fromHex(hex));
}

export function base64Of(bytes: Uint8Array): string {
  return bytes.toBase64();
}

/** Reads standard base64 with padding; whatever does not encode back to the same text is refused. */
export function bytesOfBase64(text: string): Result<Uint8Array> {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    return refuse('bytes.base64', 'expected standard base64 with padding');
  }
  try {
    return accept(Uint8Array.fromBase64(text, { lastChunkHandling: 'strict' }));
  } catch {
    return refuse('bytes.base64', 'the base64 has bits beyond its last byte');
  }
}

/** Big-endian unsigned 64-bit integer; `value` is a safe integer, not negative. */
export function uint64Of(value: number): Uint8Array {
  assert(Number.isSafeInteger(value) && value >= 0, 'an unsigned integer is safe and not negative');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

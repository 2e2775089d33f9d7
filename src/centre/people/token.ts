import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hexOf } from '#base/bytes.ts';
import type { Officer } from '#centre/people/officer.ts';
import { sha256 } from '#crypto/engine.ts';

const form = /^anshin_([A-Za-z0-9_-]{43})$/;
const tokenBytes = 32;

/** A new token as its officer carries it, and the hash that the centre keeps. The token is shown once and stored nowhere here. */
export function newToken(): { readonly token: string; readonly tokenHash: string } {
  const bytes = randomBytes(tokenBytes);
  return { token: `anshin_${bytes.toBase64({ alphabet: 'base64url', omitPadding: true })}`, tokenHash: hexOf(sha256(bytes)) };
}

/** The officer whose token this is. Hostile input; compares with every officer in constant time, found or not. */
export function officerOfToken(officers: readonly Officer[], token: string): Officer | undefined {
  const bytes = bytesOfToken(token);
  if (bytes === undefined) return undefined;
  const presented = sha256(bytes);
  let found: Officer | undefined;
  for (const officer of officers) {
    const isTheirs = officer.tokenHash !== undefined && timingSafeEqual(presented, Uint8Array.fromHex(officer.tokenHash));
    if (isTheirs) found = officer;
  }
  return found;
}

function bytesOfToken(token: string): Uint8Array | undefined {
  const text = form.exec(token)?.[1];
  if (text === undefined) return undefined;
  try {
    return Uint8Array.fromBase64(text, { alphabet: 'base64url', lastChunkHandling: 'loose' });
  } catch {
    return undefined;
  }
}

import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { base64Of, bytesOfBase64, bytesOfHex, bytesOfText, concatBytes, hexOf, textOfBytes } from '#base/bytes.ts';
import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import { sha256 } from '#crypto/engine.ts';

// A secret under a passphrase (`spec/signer.md` 4): scrypt (RFC 7914), AES-256-GCM, and a checksum over the whole, so that a
// file cut short is told from a passphrase mistyped. Four lines: name and cost, salt and nonce, ciphertext with tag, checksum.

const header = 'anshin-sealed/1';
const scryptAsync = promisify(
  (
    passphrase: Uint8Array,
    options: { readonly salt: Uint8Array; readonly cost: number },
    done: (error: Error | null, key: Buffer) => void,
  ) => scrypt(passphrase, options.salt, 32, { N: 2 ** options.cost, r: 8, p: 1, maxmem: 2 ** (options.cost + 11) }, done),
);

const costMin = 10;
const costMax = 20;
/** Two to this power is scrypt's N: 128 MiB and some 0.4 s for each guess. */
export const sealCost = 17;
export const sealedBytesMax = 1_048_576;
const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;

/** Seals a secret; `cost` is `sealCost` but in tests. */
export async function seal(secret: Uint8Array, passphrase: Uint8Array, cost: number): Promise<Uint8Array> {
  assert(cost >= costMin && cost <= costMax, 'the cost is within its limits');
  const [salt, nonce] = [randomBytes(saltBytes), randomBytes(nonceBytes)];
  const head = `${header} ${cost}\n${hexOf(salt)} ${hexOf(nonce)}\n`;
  const cipher = createCipheriv('aes-256-gcm', await scryptAsync(passphrase, { salt, cost }), nonce);
  cipher.setAAD(bytesOfText(head));
  const sealed = concatBytes(cipher.update(secret), cipher.final(), cipher.getAuthTag());
  const body = `${head}${base64Of(sealed)}\n`;
  return bytesOfText(`${body}${hexOf(sha256(bytesOfText(body)))}\n`);
}

/** Opens what `seal` made. Refused: `signer.sealed` (cut short, altered, of another kind), `signer.passphrase`. */
export async function unseal(bytes: Uint8Array, passphrase: Uint8Array): Promise<Result<Uint8Array>> {
  const parts = parseSealed(bytes);
  if (parts === undefined) {
    return refuse('signer.sealed', 'the sealed keys are cut short or altered: take them from another copy of the file');
  }
  const { head, cost, salt, nonce, sealed } = parts;
  const decipher = createDecipheriv('aes-256-gcm', await scryptAsync(passphrase, { salt, cost }), nonce);
  decipher.setAAD(bytesOfText(head));
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  try {
    return accept(concatBytes(decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()));
  } catch {
    return refuse('signer.passphrase', 'the passphrase does not open these keys: the file is whole, so type it again');
  }
}

interface SealedParts {
  readonly head: string;
  readonly cost: number;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

function parseSealed(bytes: Uint8Array): SealedParts | undefined {
  const text = bytes.length <= sealedBytesMax ? textOfBytes(bytes) : undefined;
  if (text?.ok !== true) return undefined;
  const form = /^((anshin-sealed\/1 (\d{2})\n([0-9a-f]{32}) ([0-9a-f]{24})\n)([A-Za-z0-9+/=]+)\n)([0-9a-f]{64})\n$/;
  const [, body = '', head = '', costText, saltText = '', nonceText = '', base64 = '', checksum] = form.exec(text.value) ?? [];
  const cost = Number(costText);
  const [salt, nonce, sealed] = [bytesOfHex(saltText, saltBytes), bytesOfHex(nonceText, nonceBytes), bytesOfBase64(base64)];
  if (!salt.ok || !nonce.ok || !sealed.ok || !(cost >= costMin && cost <= costMax)) return undefined;
  if (sealed.value.length < tagBytes || hexOf(sha256(bytesOfText(body))) !== checksum) return undefined;
  return { head, cost, salt: salt.value, nonce: nonce.value, sealed: sealed.value };
}

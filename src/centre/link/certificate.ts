import { concatBytes, bytesOfText } from '#base/bytes.ts';
import type { KeySigner } from '#crypto/engine-shape.ts';

// TLS asks for a certificate; nobody reads this one. The other side pins the key inside it, as the pairing told, so it names
// no issuer, has no extension and does not expire. DER by hand because the libraries for X.509 bring far more than this.

const ed25519Identifier = sequence(Uint8Array.fromHex('06032b6570'));
const nameIdentifier = Uint8Array.fromHex('0603550403');
const validity = sequence(time('20200101000000Z'), time('99991231235959Z'));

/** A self-signed X.509 certificate (RFC 5280, version 1) of an Ed25519 key (RFC 8410), as PEM. */
export async function certificateOf(key: KeySigner, name: string): Promise<string> {
  const named = sequence(der(0x31, sequence(nameIdentifier, der(0x0c, bytesOfText(name)))));
  const body = sequence(der(0x02, Uint8Array.of(1)), ed25519Identifier, named, validity, named, keyInfo(key.publicKey));
  const certificate = sequence(body, ed25519Identifier, bitString(await key.sign(body)));
  const lines = certificate.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** The SubjectPublicKeyInfo of an Ed25519 key: the bytes whose SHA-256 a pairing pins. */
export function keyInfo(publicKey: Uint8Array): Uint8Array {
  return sequence(ed25519Identifier, bitString(publicKey));
}

function time(text: string): Uint8Array {
  return der(0x18, bytesOfText(text));
}

function bitString(bytes: Uint8Array): Uint8Array {
  return der(0x03, Uint8Array.of(0), bytes);
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return der(0x30, ...parts);
}

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts);
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...length), content);
}

import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { bytesOfText, concatBytes } from '#base/bytes.ts';

// TLS asks for a certificate; nobody reads this one. The other side pins the key inside it, as the pairing told, so it names
// no issuer, has no extension and does not expire. DER by hand because the libraries for X.509 bring far more than this.

const ecdsaWithSha256 = sequence(Uint8Array.fromHex('06082a8648ce3d040302'));
const commonName = Uint8Array.fromHex('0603550403');
const validity = sequence(time('20200101000000Z'), time('99991231235959Z'));

/** A self-signed X.509 certificate (RFC 5280, version 1) of a P-256 key in PEM, as PEM. */
export function certificateOf(keyPem: string, name: string): string {
  const key = createPrivateKey(keyPem);
  const named = sequence(der(0x31, sequence(commonName, der(0x0c, bytesOfText(name)))));
  const keyInfo = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const body = sequence(der(0x02, Uint8Array.of(1)), ecdsaWithSha256, named, validity, named, keyInfo);
  const certificate = sequence(body, ecdsaWithSha256, der(0x03, Uint8Array.of(0), sign('sha256', body, key)));
  const lines = certificate.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function time(text: string): Uint8Array {
  return der(0x18, bytesOfText(text));
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return der(0x30, ...parts);
}

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts);
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...length), content);
}

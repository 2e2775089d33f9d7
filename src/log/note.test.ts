import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText, concatBytes } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { verifierOfKey } from '#crypto/engine.ts';
import {
  formatNote,
  formatVkey,
  keyIdOf,
  noteKey,
  parseNote,
  parseSignatureLines,
  parseVkey,
  signText,
  verifyText,
} from '#log/note.ts';
import { keysOf } from '#log/sample-centre.ts';

const keys = keysOf(1);
const signer = { name: 'example.com/centre', ...keys };
const pair = [
  noteKey(signer.name, 'ed25519', verifierOfKey('ed25519', keys.ed25519.publicKey)),
  noteKey(signer.name, 'ml-dsa-44', verifierOfKey('ml-dsa-44', keys.mldsa44.publicKey)),
] as const;

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

const nameArbitrary = fc.stringMatching(/^[a-z0-9./-]{1,20}$/);
const signatureArbitrary = fc.record(
  {
    name: nameArbitrary,
    keyId: fc.stringMatching(/^[0-9a-f]{8}$/),
    signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  },
  { noNullPrototype: true },
);
const textArbitrary = fc
  .array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 5 })
  .map((lines) => `${lines.join('\n')}\n`)
  .filter((text) => !/[\u0000-\u0009\u000b-\u001f]/.test(text) && !text.startsWith('\ufeff') && text.isWellFormed());

test('a note comes back from its bytes, and its bytes from the note', () => {
  fc.assert(
    fc.property(textArbitrary, fc.array(signatureArbitrary, { minLength: 1, maxLength: 32 }), (text, signatures) => {
      const bytes = formatNote({ text, signatures });
      const note = mustAccept(parseNote(bytes));
      assert.deepEqual(note, { text, signatures });
      assert.deepEqual(formatNote(note), bytes);
    }),
  );
});

test('bytes with one byte changed are refused or are another note that comes back', () => {
  const bytes = formatNote({
    text: 'a\n\nb\n',
    signatures: [{ name: 'x.example/é', keyId: '00ff00ff', signature: new Uint8Array(70) }],
  });
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (position, value) => {
      const changed = bytes.with(position, value);
      const note = parseNote(changed);
      if (note.ok) assert.deepEqual(formatNote(note.value), changed);
    }),
    { numRuns: 2_000 },
  );
});

test('what is not a note is refused by its form', () => {
  const line = '— x AAAAAAA=\n';
  const wrong = [
    '',
    'text\n',
    'text\n\n',
    `text${line}`,
    `text\n${line}`,
    `text\n\n${line}\n`,
    `text\n\n${line.trim()}`,
    `te\txt\n\n${line}`,
    `text\r\n\n${line}`,
    'text\n\n- x AAAAAAA=\n',
    'text\n\n— x  AAAAAAA=\n',
    'text\n\n—  AAAAAAA=\n',
    'text\n\n— x\n',
    'text\n\n— x+y AAAAAAA=\n',
    'text\n\n— x\u00a0y AAAAAAA=\n',
    'text\n\n— x\u3000y AAAAAAA=\n',
    'text\n\n— x AAAA\n',
    'text\n\n— x AAAAAA==\n',
    `text\n\n— ${'x'.repeat(256)} AAAAAAA=\n`,
    `text\n\n${line.repeat(33)}`,
    `${'x'.repeat(131_072)}\n\n${line}`,
  ];
  for (const each of wrong) assert.equal(codeOf(parseNote(bytesOfText(each))), 'note.form', JSON.stringify(each.slice(0, 60)));
  assert.equal(codeOf(parseNote(bytesOfText('text\n\n— x AAAAAAB=\n'))), 'bytes.base64');
  assert.equal(codeOf(parseNote(bytesOfText('text\n\n— x AAAAAAA\n'))), 'bytes.base64');
  assert.equal(codeOf(parseNote(bytesOfText(`\ufefftext\n\n${line}`))), 'text.byte-order-mark');
  assert.equal(codeOf(parseNote(concatBytes(Uint8Array.of(0xff), bytesOfText(`text\n\n${line}`)))), 'text.utf8');
  assert.equal(codeOf(parseNote(bytesOfText(`text\n\n${line.repeat(32)}`))), 'accepted');
  assert.equal(codeOf(parseSignatureLines('')), 'note.form');
});

test('every key type comes back from its vkey', () => {
  for (const type of ['ed25519', 'ed25519-cosignature', 'ml-dsa-44-cosignature', 'ml-dsa-44'] as const) {
    const publicKey = type.startsWith('ed') ? keys.ed25519.publicKey : keys.mldsa44.publicKey;
    const key = noteKey('example.com/k', type, verifierOfKey(type.startsWith('ed') ? 'ed25519' : 'ml-dsa-44', publicKey));
    const parsed = mustAccept(parseVkey(formatVkey(key)));
    assert.deepEqual([parsed.name, parsed.type, parsed.id], ['example.com/k', type, keyIdOf('example.com/k', type, publicKey)]);
    assert.equal(formatVkey(parsed), formatVkey(key));
  }
});

test('a vkey cut, extended or with one character changed is refused', () => {
  const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  assert.equal(parseVkey(vkey).ok, true);
  for (let start = 0; start <= vkey.length; start += 1) {
    for (let end = start; end <= vkey.length; end += 1) {
      if (start > 0 || end < vkey.length) assert.equal(parseVkey(vkey.slice(start, end)).ok, false);
    }
    const next = String.fromCharCode(vkey.charCodeAt(start) + 1);
    assert.equal(parseVkey(vkey.slice(0, start) + next + vkey.slice(start + 1)).ok, false);
  }
  // Of the right id, but of a wrong length or an unknown type: cases of golang.org/x/mod/sumdb/note.
  assert.equal(codeOf(parseVkey('PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==')), 'bytes.base64');
  assert.equal(codeOf(parseVkey('PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')), 'key.form');
  assert.equal(codeOf(parseVkey('a b+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')), 'key.form');
  assert.equal(codeOf(parseVkey('a+c74f20a3+AR=')), 'bytes.base64');
});

test('a text signed by both keys is verified; by one, by none, or of another text it is not', async () => {
  const bytes = await signText('one\n', signer);
  const note = mustAccept(parseNote(bytes));
  const [first, second] = note.signatures;
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(codeOf(verifyText(note, pair)), 'accepted');
  assert.equal(codeOf(verifyText({ ...note, text: 'two\n' }, pair)), 'note.signature');
  assert.equal(codeOf(verifyText({ ...note, signatures: [first] }, pair)), 'note.policy');
  assert.equal(codeOf(verifyText({ ...note, signatures: [second] }, pair)), 'note.policy');
  assert.equal(codeOf(verifyText({ ...note, signatures: [first, second, first] }, pair)), 'note.signature');
  const unknown = { ...first, keyId: '00000000' };
  assert.equal(codeOf(verifyText({ ...note, signatures: [unknown, first, second] }, pair)), 'accepted');
});

test('a note that our own code makes wrongly is an assertion', () => {
  assert.throws(() => formatNote({ text: 'x', signatures: [] }), /assertion/);
  const line = { name: 'x', keyId: '00000000', signature: new Uint8Array(1) };
  assert.throws(() => formatNote({ text: 'subtree/v1\n\0\n', signatures: [line] }), /assertion/);
  assert.throws(() => noteKey('a b', 'ed25519', verifierOfKey('ed25519', keys.ed25519.publicKey)), /assertion/);
  assert.throws(() => noteKey('a', 'ml-dsa-44', verifierOfKey('ed25519', keys.ed25519.publicKey)), /assertion/);
});

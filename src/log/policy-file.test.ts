import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText, concatBytes, textOfBytes } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { verifierOfKey } from '#crypto/engine.ts';
import { cosignCheckpoint, signCheckpoint } from '#log/cosignature.ts';
import { formatNote, formatVkey, type NoteKeyType, noteKey, parseNote } from '#log/note.ts';
import { formatPolicy, type Policy, parsePolicy, verifyByPolicy } from '#log/policy-file.ts';
import { keysOf } from '#log/sample-centre.ts';
import { hashLeaf } from '#log/tree.ts';

const origin = 'log.example/us-cn/test';

function vkeyOf(name: string, type: NoteKeyType, seed: number): string {
  const { ed25519, mldsa44 } = keysOf(seed);
  const verifier = type.startsWith('ed')
    ? verifierOfKey('ed25519', ed25519.publicKey)
    : verifierOfKey('ml-dsa-44', mldsa44.publicKey);
  return formatVkey(noteKey(name, type, verifier));
}

const logVkey = vkeyOf(origin, 'ed25519', 1);
const witnesses = Array.from({ length: 6 }, (_, index) => ({
  name: `w${index}`,
  keyName: `w${index}.example`,
  seed: 40 + index,
}));
const witnessLines = witnesses.map(
  ({ name, keyName, seed }) => `witness ${name} ${vkeyOf(keyName, 'ed25519-cosignature', seed)}\n`,
);

const checkpoint = { origin, size: 1, root: hashLeaf(bytesOfText('one')) };
const signed = mustAccept(parseNote(await signCheckpoint(checkpoint, 1_767_600_000, { name: origin, ...keysOf(1) })));
const cosigned = await Promise.all(
  witnesses.map(
    async ({ keyName, seed }) => await cosignCheckpoint(checkpoint, 1_767_600_000 + seed, { name: keyName, ...keysOf(seed) }),
  ),
);

function noteBy(indices: readonly number[]): Uint8Array {
  const lines = indices.flatMap((index) => cosigned[index]?.slice(0, 1) ?? []);
  return formatNote({ ...signed, signatures: [...signed.signatures, ...lines] });
}

function policyOf(text: string): Policy {
  return mustAccept(parsePolicy(bytesOfText(text)));
}

function parseCode(text: string): string {
  const parsed = parsePolicy(bytesOfText(text));
  return parsed.ok ? 'accepted' : parsed.refusal.code;
}

function verdict(note: Uint8Array, policy: Policy): string {
  const verified = verifyByPolicy(note, policy);
  return verified.ok ? 'accepted' : verified.refusal.code;
}

/** The example of C2SP tlog-policy, with keys. */
const example = `log ${logVkey}

# two of the X, and any of the Y
${witnessLines.join('')}
group X-witnesses 2 w0 w1 w2
 group\tY-witnesses any w3 w4 w5

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

test("the specification's example asks for two of one group and one of the other", () => {
  const policy = policyOf(example);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(5)), (indices) => {
      const isReached = indices.filter((index) => index < 3).length >= 2 && indices.some((index) => index >= 3);
      assert.equal(verdict(noteBy(indices), policy), isReached ? 'accepted' : 'note.policy');
    }),
  );
});

test('a verified checkpoint names the witnesses of the policy with their times', () => {
  const verified = mustAccept(verifyByPolicy(noteBy([4, 0, 1]), policyOf(example)));
  const { size, cosignatures } = verified;
  assert.deepEqual({ origin: verified.origin, size }, { origin, size: 1 });
  assert.deepEqual(cosignatures, [
    { witness: 'w0', timeS: 1_767_600_040 },
    { witness: 'w1', timeS: 1_767_600_041 },
    { witness: 'w4', timeS: 1_767_600_044 },
  ]);
});

test('a policy comes back from its bytes', () => {
  const policy = policyOf(example);
  const bytes = formatPolicy(policy);
  const again = mustAccept(parsePolicy(bytes));
  assert.deepEqual(formatPolicy(again), bytes);
  assert.equal(
    mustAccept(textOfBytes(bytes)),
    `log ${logVkey}\n${witnessLines.join('')}group X-witnesses 2 w0 w1 w2\ngroup Y-witnesses 1 w3 w4 w5\ngroup X-and-Y 2 X-witnesses Y-witnesses\nquorum X-and-Y\n`,
  );
  const withUrls = `log ${logVkey} https://log.example/\nwitness w0 ${vkeyOf('w0.example', 'ml-dsa-44-cosignature', 40)} https://w0.example/\nquorum w0\n`;
  assert.equal(mustAccept(textOfBytes(formatPolicy(policyOf(withUrls)))), withUrls);
});

test('logs: any of those listed, or any at all if none is; none but the origin that a key names', () => {
  assert.equal(verdict(noteBy([]), policyOf('quorum none\n')), 'accepted');
  assert.equal(verdict(noteBy([]), policyOf(`log ${logVkey}\nquorum none\n`)), 'accepted');
  assert.equal(verdict(noteBy([]), policyOf(`log ${vkeyOf(origin, 'ml-dsa-44-cosignature', 1)}\nquorum none\n`)), 'accepted');
  assert.equal(verdict(noteBy([]), policyOf(`log ${vkeyOf(origin, 'ed25519', 2)}\nquorum none\n`)), 'note.policy');
  assert.equal(verdict(noteBy([]), policyOf(`log ${vkeyOf('other.example', 'ed25519', 1)}\nquorum none\n`)), 'note.policy');
  assert.equal(
    verdict(noteBy([]), policyOf(`log ${vkeyOf('other.example', 'ed25519', 3)}\nlog ${logVkey}\nquorum none\n`)),
    'accepted',
  );
  assert.equal(verdict(bytesOfText('x'), policyOf('quorum none\n')), 'note.form');
  assert.equal(verdict(bytesOfText('x\n\n— x AAAAAAA=\n'), policyOf('quorum none\n')), 'checkpoint.form');
});

test('a line of a known key that does not hold refuses the whole', () => {
  const [line] = cosigned[0] ?? [];
  assert.ok(line !== undefined);
  const wrong = { ...line, signature: line.signature.with(70, (line.signature[70] ?? 0) ^ 1) };
  const note = formatNote({ ...signed, signatures: [...signed.signatures, wrong] });
  assert.equal(verdict(note, policyOf(`${witnessLines[0]}quorum none\n`)), 'note.signature');
  assert.equal(verdict(note, policyOf(`${witnessLines[1]}quorum none\n`)), 'accepted');
  const [log, ...rest] = signed.signatures;
  assert.ok(log !== undefined);
  const wrongLog = formatNote({ ...signed, signatures: [{ ...log, signature: log.signature.toReversed() }, ...rest] });
  assert.equal(verdict(wrongLog, policyOf(`log ${logVkey}\nquorum none\n`)), 'note.signature');
});

test('what the specification does not allow is refused', () => {
  const [w0 = '', w1 = ''] = witnessLines;
  const wrong = [
    '',
    'quorum none',
    '\n',
    `log ${logVkey}\n`,
    'log\nquorum none\n',
    `log ${logVkey} url more\nquorum none\n`,
    `log ${logVkey.slice(1)}\nquorum none\n`,
    `log ${logVkey}\nlog ${logVkey}\nquorum none\n`,
    `log ${logVkey}\nlog ${vkeyOf('renamed.example', 'ed25519', 1)}\nquorum none\n`,
    `log ${vkeyOf(origin, 'ed25519-cosignature', 1)}\nquorum none\n`,
    `log ${vkeyOf(origin, 'ml-dsa-44', 1)}\nquorum none\n`,
    `witness w0 ${vkeyOf('w0.example', 'ed25519', 40)}\nquorum none\n`,
    'witness w0\nquorum none\n',
    `${w0.trim()} url more\nquorum none\n`,
    `${w0}${w0}quorum w0\n`,
    `${w0}${w0.replace('witness w0', 'witness again')}quorum w0\n`,
    `${w0.replace('witness w0', 'witness none')}quorum none\n`,
    `${w0}group w0 all w0\nquorum w0\n`,
    `${w0}group none all w0\nquorum none\n`,
    `${w0}group g all\nquorum g\n`,
    `${w0}group g 0 w0\nquorum g\n`,
    `${w0}group g 2 w0\nquorum g\n`,
    `${w0}group g 01 w0\nquorum g\n`,
    `${w0}group g +1 w0\nquorum g\n`,
    `${w0}group g some w0\nquorum g\n`,
    `${w0}group g all w0 w0\nquorum g\n`,
    `${w0}group g all w1\n${w1}quorum g\n`,
    `${w0}group g all g\nquorum g\n`,
    `${w0}group g all none\nquorum g\n`,
    `${w0}${w1}group g all w0\ngroup h all w0 w1\nquorum h\n`,
    `quorum w0\n${w0}`,
    `${w0}quorum w0\nquorum w0\n`,
    `${w0}quorum\n`,
    `${w0}quorum w0 w1\n`,
    `mirror m0\nquorum none\n`,
    'quorum none\r\n',
    'quorum none\u007f\n',
    'quorum\u00a0none\n',
    `${'group\n'.repeat(0)}${'# long\n'.repeat(40_000)}quorum none\n`,
  ];
  for (const text of wrong) assert.equal(parseCode(text), 'policy.form', JSON.stringify(text.slice(-120)));
  const notUtf8 = parsePolicy(concatBytes(bytesOfText('# '), Uint8Array.of(0xff), bytesOfText('\nquorum none\n')));
  assert.equal(notUtf8.ok ? 'accepted' : notUtf8.refusal.code, 'text.utf8');
});

test('at least 32 logs, 32 witnesses and 32 groups fit, and no end of them does not', () => {
  const many = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => line(index)).join('');
  const logs = many(32, (index) => `log ${vkeyOf(`log${index}.example`, 'ed25519', 100 + index)}\n`);
  const lines = many(32, (index) => `witness w${index} ${vkeyOf(`w${index}.example`, 'ml-dsa-44-cosignature', 150 + index)}\n`);
  const groups = many(32, (index) => `group g${index} all w${index}\n`);
  assert.equal(parseCode(`${logs}${lines}${groups}quorum g31\n`), 'accepted');
  const tooMany = many(129, (index) => `witness x${index} ${vkeyOf(`x${index}.example`, 'ed25519-cosignature', index)}\n`);
  assert.equal(parseCode(`${tooMany}quorum none\n`), 'policy.form');
});

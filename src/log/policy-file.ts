import { bytesOfText, textOfBytes } from '#base/bytes.ts';
import { policyBytesMax, policyNamesMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { type Checkpoint, parseCheckpointText } from '#log/checkpoint.ts';
import { formatVkey, type NoteKey, type NoteKeyType, parseNote, parseVkey } from '#log/note.ts';
import { verifyLineBy } from '#log/policy.ts';

// C2SP tlog-policy: which logs are known, which witnesses, and how many of them must have cosigned a checkpoint.

interface PolicyLog {
  readonly key: NoteKey;
  readonly url: string | null;
}

/** A witness or a group by its name in the file; the order is that of definition. */
type PolicyMember =
  | { readonly kind: 'witness'; readonly name: string; readonly key: NoteKey; readonly url: string | null }
  | { readonly kind: 'group'; readonly name: string; readonly threshold: number; readonly members: readonly string[] };

/** `quorum` names a witness or a group, or is `none`. */
export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly members: readonly PolicyMember[];
  readonly quorum: string;
}

const logTypes: readonly NoteKeyType[] = ['ed25519', 'ml-dsa-44-cosignature'];
const witnessTypes: readonly NoteKeyType[] = ['ed25519-cosignature', 'ml-dsa-44-cosignature'];

/** Reads a policy file. Comments and spacing are lost; what is not UTF-8 is refused, where C2SP would take any bytes. */
export function parsePolicy(bytes: Uint8Array): Result<Policy> {
  if (bytes.length > policyBytesMax) return refuse('policy.form', `the policy has more than ${policyBytesMax} bytes`);
  const text = textOfBytes(bytes);
  if (!text.ok) return text;
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text.value)) return refuse('policy.form', 'the policy holds a control character');
  if (!text.value.endsWith('\n')) return refuse('policy.form', 'the last line does not end with a line feed');
  let policy: PolicyDraft = { logs: [], members: [], quorum: undefined };
  for (const [position, line] of text.value.slice(0, -1).split('\n').entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words[0] === undefined || words[0].startsWith('#')) continue;
    const next = withLine(policy, words);
    if (typeof next === 'string') return refuse('policy.form', `line ${position + 1}: ${next}`, { line: position + 1 });
    policy = next;
  }
  const { logs, members, quorum } = policy;
  return quorum === undefined ? refuse('policy.form', 'the policy has no quorum line') : accept({ logs, members, quorum });
}

type PolicyDraft = Omit<Policy, 'quorum'> & { readonly quorum: string | undefined };

/** The policy with one more line, or what is wrong with the line. */
function withLine(policy: PolicyDraft, words: readonly string[]): PolicyDraft | string {
  if (policy.logs.length + policy.members.length >= policyNamesMax) return 'too many definitions';
  switch (words[0]) {
    case 'log':
      return withLog(policy, words);
    case 'witness':
      return withWitness(policy, words);
    case 'group':
      return withGroup(policy, words);
    case 'quorum':
      return withQuorum(policy, words);
    case undefined:
    default:
      return 'expected log, witness, group or quorum';
  }
}

function withLog(policy: PolicyDraft, [, vkey, url, extra]: readonly string[]): PolicyDraft | string {
  if (vkey === undefined || extra !== undefined) return 'expected: log <vkey> [<url>]';
  const key = keyOf(vkey, logTypes);
  if (typeof key === 'string') return key;
  if (policy.logs.some((log) => isSameKey(log.key, key))) return 'the log is defined already';
  return { ...policy, logs: [...policy.logs, { key, url: url ?? null }] };
}

function withWitness(policy: PolicyDraft, [, name, vkey, url, extra]: readonly string[]): PolicyDraft | string {
  if (name === undefined || vkey === undefined || extra !== undefined) return 'expected: witness <name> <vkey> [<url>]';
  if (isTaken(policy, name)) return `the name ${name} is taken`;
  const key = keyOf(vkey, witnessTypes);
  if (typeof key === 'string') return key;
  if (policy.members.some((member) => member.kind === 'witness' && isSameKey(member.key, key)))
    return 'the witness is defined already';
  return { ...policy, members: [...policy.members, { kind: 'witness', name, key, url: url ?? null }] };
}

function withGroup(policy: PolicyDraft, [, name, rule, ...members]: readonly string[]): PolicyDraft | string {
  if (name === undefined || rule === undefined || members.length === 0) return 'expected: group <name> all|any|<k> <name>...';
  if (isTaken(policy, name)) return `the name ${name} is taken`;
  const threshold = thresholdOf(rule, members.length);
  if (threshold === undefined) return 'the threshold is not between 1 and the number of members';
  const grouped = new Set(policy.members.flatMap((member) => (member.kind === 'group' ? member.members : [])));
  for (const member of members) {
    if (!policy.members.some((known) => known.name === member)) return `${member} is not defined above`;
    if (grouped.has(member)) return `${member} is a member already`;
    grouped.add(member);
  }
  return { ...policy, members: [...policy.members, { kind: 'group', name, threshold, members }] };
}

function withQuorum(policy: PolicyDraft, [, name, extra]: readonly string[]): PolicyDraft | string {
  if (name === undefined || extra !== undefined) return 'expected: quorum <name>';
  if (policy.quorum !== undefined) return 'the quorum is defined already';
  if (name !== 'none' && !policy.members.some((member) => member.name === name)) return `${name} is not defined above`;
  return { ...policy, quorum: name };
}

function thresholdOf(rule: string, count: number): number | undefined {
  if (rule === 'all') return count;
  const threshold = rule === 'any' ? 1 : /^[1-9]\d{0,4}$/.test(rule) ? Number(rule) : 0;
  return threshold >= 1 && threshold <= count ? threshold : undefined;
}

function keyOf(vkey: string, types: readonly NoteKeyType[]): NoteKey | string {
  const key = parseVkey(vkey);
  if (!key.ok) return key.refusal.detail;
  return types.includes(key.value.type) ? key.value : `a key of type ${key.value.type} does not fit`;
}

function isTaken(policy: PolicyDraft, name: string): boolean {
  return name === 'none' || policy.members.some((member) => member.name === name);
}

function isSameKey(a: NoteKey, b: NoteKey): boolean {
  return a.verifier.algorithm === b.verifier.algorithm && a.verifier.publicKey.toHex() === b.verifier.publicKey.toHex();
}

/** Writes a policy file: one space between words, the quorum last. */
export function formatPolicy({ logs, members, quorum }: Policy): Uint8Array {
  const withUrl = (url: string | null) => (url === null ? '' : ` ${url}`);
  const lines = [
    ...logs.map(({ key, url }) => `log ${formatVkey(key)}${withUrl(url)}`),
    ...members.map((member) =>
      member.kind === 'witness'
        ? `witness ${member.name} ${formatVkey(member.key)}${withUrl(member.url)}`
        : `group ${member.name} ${member.threshold} ${member.members.join(' ')}`,
    ),
    `quorum ${quorum}`,
  ];
  return bytesOfText(lines.map((line) => `${line}\n`).join(''));
}

declare const verified: unique symbol;

/** A checkpoint that satisfies a policy. Only `verifyByPolicy` makes one; it says nothing of a policy other than the one asked. */
export type CheckpointByPolicy = Checkpoint & {
  readonly cosignatures: readonly PolicyCosignature[];
  readonly [verified]: 'by-policy';
};

/** A cosignature by a witness of the policy, under its name there, at a time in POSIX seconds; 0 if it states none. */
export interface PolicyCosignature {
  readonly witness: string;
  readonly timeS: number;
}

/**
 * Checks a checkpoint by a policy: one of the logs signed it (any origin, if the policy names no log), and the quorum is reached.
 * A line of a known key that does not hold refuses the whole. Hostile input: the note.
 */
export function verifyByPolicy(noteBytes: Uint8Array, policy: Policy): Result<CheckpointByPolicy> {
  const note = parseNote(noteBytes);
  if (!note.ok) return note;
  const checkpoint = parseCheckpointText(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  const { signatures } = note.value;
  let isSigned = policy.logs.length === 0;
  for (const { key } of policy.logs) {
    if (key.name !== checkpoint.value.origin) continue;
    const timeS = verifyLineBy(checkpoint.value, signatures, key);
    if (!timeS.ok) return timeS;
    if (timeS.value !== undefined) isSigned = true;
  }
  if (!isSigned) return refuse('note.policy', 'no log of the policy signed the checkpoint', { origin: checkpoint.value.origin });
  const cosignatures: PolicyCosignature[] = [];
  for (const member of policy.members) {
    if (member.kind !== 'witness') continue;
    const timeS = verifyLineBy(checkpoint.value, signatures, member.key);
    if (!timeS.ok) return timeS;
    if (timeS.value !== undefined) cosignatures.push({ witness: member.name, timeS: timeS.value ?? 0 });
  }
  if (!isReached(policy, cosignatures)) {
    return refuse('note.policy', `the quorum ${policy.quorum} is not reached`, {
      quorum: policy.quorum,
      witnesses: cosignatures.map(({ witness }) => witness).join(' '),
    });
  }
  const seen: readonly PolicyCosignature[] = cosignatures;
  return accept({ ...checkpoint.value, cosignatures: seen } as CheckpointByPolicy);
}

/** Members stand after what they refer to, so one pass is enough. */
function isReached(policy: Policy, cosignatures: readonly PolicyCosignature[]): boolean {
  const witnessed = new Set(['none', ...cosignatures.map(({ witness }) => witness)]);
  for (const member of policy.members) {
    if (member.kind !== 'group') continue;
    if (member.members.filter((name) => witnessed.has(name)).length >= member.threshold) witnessed.add(member.name);
  }
  return witnessed.has(policy.quorum);
}

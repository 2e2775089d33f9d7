import { hexOf } from '#base/bytes.ts';
import type { Report } from '#cli/terminal/report.ts';
import { type Style, styled, wrapped } from '#cli/terminal/style.ts';
import type { NamedKeyList } from '#cli/verify/key-lists.ts';
import type { LogFindings } from '#cli/verify/verify-log.ts';
import { nameOf, type ProvedReceipt, type ProvedRecord, secondText } from '#cli/verify/verify-proof.ts';
import type { VerifiedFork } from '#log/fork.ts';
import type { VerifiedCheckpoint } from '#log/policy.ts';
import type { VerifiedProof } from '#log/proof.ts';

/** What follows from a proof, and what does not, one sentence each. */
export interface Verdict {
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
}

/** Everything that a verification says, whatever was verified. */
export interface Statement {
  readonly verdict: string;
  readonly heading: string;
  readonly tone: Style;
  /** The log that it is about. */
  readonly origin: string;
  readonly words: Verdict;
  readonly keys: readonly NamedKeyList[];
  /** For programs. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export function statementReport({ verdict, heading, tone, origin, words, keys, facts }: Statement): Report {
  const isExercise = origin.endsWith('/exercise');
  const banner = styled('banner', 'EXERCISE — EXERCISE — EXERCISE');
  const notProved = [
    ...(isExercise ? ['EXERCISE: nothing in it happened because it is written there.'] : []),
    ...words.notProved,
  ];
  const text = [
    ...(isExercise ? [banner, ''] : []),
    styled(tone, heading),
    ...words.proved.map((line) => wrapped(`  + ${line}`, '    ')),
    '',
    styled('strong', 'NOT PROVED'),
    ...notProved.map((line) => wrapped(`  - ${line}`, '    ')),
    '',
    styled('strong', 'KEYS USED'),
    ...keys.map(keyLine),
    ...(isExercise ? ['', banner] : []),
  ].join('\n');
  return { text, json: { verdict, proved: words.proved, notProved, ...facts, keys: keys.map(keyJson) }, isWell: true };
}

function keyLine({ keyList, fingerprint, isPinned, file }: NamedKeyList): string {
  const { centre, origin, serial } = keyList.list;
  return `  ${fingerprint}  ${centre}${isPinned ? ' (as you gave it)' : ''}\n    ${origin}, list ${serial}, ${file}`;
}

function keyJson({ keyList, fingerprint, isPinned }: NamedKeyList): unknown {
  const { centre, origin, serial } = keyList.list;
  return { centre, origin, serial, fingerprint, isPinned };
}

export interface ProofFindings {
  readonly record: ProvedRecord;
  readonly receipt: ProvedReceipt | null;
  readonly keys: readonly NamedKeyList[];
  readonly hasPolicy: boolean;
}

export function proofVerdict(findings: ProofFindings): Verdict {
  return { proved: [...provedBy(findings.record), ...provedByReceipt(findings)], notProved: notProved(findings) };
}

function provedBy({ proof, bytes, known, unread, successions }: ProvedRecord): readonly string[] {
  const { owner, index, checkpoint, ended, peerCosignatures, policyCosignatures } = proof;
  const time = secondText(checkpoint.signedAtS);
  const record = known?.record;
  return [
    `These ${bytes.length} bytes are leaf ${index} of the log ${checkpoint.origin}, in its tree of ${leavesText(checkpoint.size)}.`,
    ended?.reason === 'stolen-key'
      ? `The keys of ${owner}, both of which it reported stolen later, signed that tree, by the signer's clock at ${time}.`
      : `Both log keys of ${owner} (Ed25519 and ML-DSA-44) signed that tree, by its own clock at ${time}: ${owner} cannot deny this statement without saying that both keys were in other hands.`,
    ...peerCosignatures.map(
      ({ witness, timeS }) =>
        `Both witness keys of ${witness} cosigned the same tree, by its own clock at ${secondText(timeS)}: it stood in the log no later than that, by ${witness}'s own word.`,
    ),
    ...policyCosignatures.map(
      ({ witness, timeS }) => `The witness ${witness} of the policy cosigned the tree at ${secondText(timeS)}.`,
    ),
    record === undefined
      ? `The bytes are no record that this program can read (${unread}): only that they stand there is proved.`
      : `They are the record ${record.number} of status ${record.status}, and its content is what it says was approved (${record.approved.slice(0, 16)}…).`,
    ...successionWords(proof, successions),
  ];
}

/** That a log goes on from another, or ended, is its owner's word, signed offline. */
function successionWords(
  { owner, ended, checkpoint }: VerifiedProof,
  successions: ProvedRecord['successions'],
): readonly string[] {
  const before = successions.find(({ to }) => to === checkpoint.origin);
  return [
    ...(before === undefined
      ? []
      : [
          `${owner} signed with its offline keys that this log goes on from ${before.from}, with its first ${before.size} leaves.`,
        ]),
    ...(ended === null
      ? []
      : [
          `${owner} signed with its offline keys that this log ended at ${ended.size} leaves (${ended.reason}) and goes on as ${ended.by}: this proof is of a tree within that.`,
        ]),
  ];
}

function provedByReceipt({ record, receipt }: ProofFindings): readonly string[] {
  if (receipt === null) return [];
  const { owner, index, checkpoint } = receipt.record.proof;
  const said = `${owner} said in its own log (${nameOf(receipt.record)}, leaf ${index} of ${checkpoint.origin}, signed by both of its log keys)`;
  const { origin } = record.proof.checkpoint;
  return receipt.isOfRecord
    ? [
        `${said} that it received ${nameOf(record)} at ${receipt.receivedAt}: ${owner} cannot deny having had it without saying that both keys were in other hands.`,
      ]
    : [
        `${said} that it received a leaf ${record.proof.index} of ${origin} at ${receipt.receivedAt}, under another root than the proof's: that of ${leavesText(receipt.size)}.`,
      ];
}

function notProved({ record, receipt, keys, hasPolicy }: ProofFindings): readonly string[] {
  const { owner, ended, peerCosignatures } = record.proof;
  const unpinned = keys.filter(({ isPinned }) => !isPinned).map(({ keyList }) => keyList.list.centre);
  return [
    'That what the record says is true: only who said it.',
    ...notProvedOfReceipt(receipt),
    'That anyone read, understood or accepted it: an acknowledgement (ACK) is a record of its own, with a proof of its own.',
    ...(peerCosignatures.length === 0
      ? [
          `That anyone but ${owner} saw this tree: nobody else's signature is under it, so ${owner}, or whoever has its log keys, could show others another one. Nor when it was signed: the time is the signer's alone.`,
        ]
      : []),
    'That the times are right: each is the word of who signed.',
    'That this is the only history of the log: two histories of one owner show when they meet (--fork).',
    ...(record.retired === null
      ? []
      : [`Anything by ${record.retired}: ${owner} relies on it no longer, so that the other signature alone carries this.`]),
    ...(ended?.reason === 'stolen-key'
      ? [`That ${owner} itself signed: the keys were stolen. The same record in ${ended.by} is proved by keys that were not.`]
      : []),
    ...(hasPolicy ? [] : [againstTheft(record)]),
    ...(unpinned.length === 0
      ? []
      : [
          `That the keys are those of ${unpinned.join(' and ')}: compare the groups of digits below with what the centres read out, or give them by --fingerprint.`,
        ]),
    ...carriedListsOf({ record, receipt }).map(
      ({ keyList: { list } }) =>
        `That ${list.centre} issued list ${list.serial}, which came inside the proof and counts here: ask it, since it may add keys.`,
    ),
    'That these are the newest key lists: a later one may retire a key. Ask each centre for the number of its list. Whoever has a centre’s offline keys can issue lists with the same groups of digits.',
  ];
}

/** Key lists that came with the proofs, and that nobody gave by --keys. */
export function carriedListsOf({ record, receipt }: Pick<ProofFindings, 'record' | 'receipt'>): readonly NamedKeyList[] {
  return [...record.carried, ...(receipt?.record.carried ?? [])];
}

function notProvedOfReceipt(receipt: ProvedReceipt | null): readonly string[] {
  if (receipt === null)
    return [
      'That the other side received it: its receipt, with its own proof, shows that (--receipt, --receipt-proof). Nor that it gave none: only its whole log shows that (--log).',
    ];
  return [
    'That this receipt is the first of the record: a later one is void. The log in which it stands shows which came first (--log).',
    ...(receipt.isOfRecord
      ? []
      : [
          `That the leaf received is this record: the receipt names a tree of ${leavesText(receipt.size)}, and the place of the record in it was not given (--receipt-inclusion).`,
        ]),
  ];
}

/** Between two parties alone each is the other's only witness, so that a theft by one of them leaves nobody to speak. */
function againstTheft({ proof: { owner, peerCosignatures } }: ProvedRecord): string {
  const others = peerCosignatures.map(({ witness }) => witness).join(' and ');
  const who = others === '' ? 'anyone' : `${others}, or whoever has its witness keys,`;
  return `Against a theft of keys: with the log keys of ${owner}, ${who} could have made this up. Two parties alone cannot show a third that this did not happen; a third witness can (--policy).`;
}

function historyText({ size, root, signedAtS }: VerifiedCheckpoint): string {
  return `${leavesText(size)} (root ${hexOf(root).slice(0, 16)}…, signed at ${secondText(signedAtS)})`;
}

function leavesText(count: number): string {
  return count === 1 ? '1 leaf' : `${count} leaves`;
}

export function forkVerdict(fork: VerifiedFork): Verdict {
  const { origin, smaller, larger } = fork;
  return {
    proved: [
      `The log keys of ${origin} signed two histories: one of ${historyText(smaller)}, and one of ${historyText(larger)}, which does not continue it. Times are by the signer’s own clock.`,
    ],
    notProved: [
      'Why: by fault or by intent, by its owner or by a thief of its keys, this evidence cannot say.',
      'Which of the two is the right one, or that what either says is true.',
    ],
  };
}

export function logVerdict({ checkpoint, owner, cosigned, ended, records, strange }: LogFindings): Verdict {
  const { origin, size, signedAtS } = checkpoint;
  const others = size - records;
  const shown = strange.map(({ index, refusal }) => `leaf ${index}: ${refusal.detail} (${refusal.code})`).join('; ');
  return {
    proved: [
      `These ${leavesText(size)}, in this order and no others, are the log ${origin} as ${owner} signed it with both of its keys (Ed25519 and ML-DSA-44), by its own clock at ${secondText(signedAtS)}.`,
      ...cosigned.map(
        ({ witness, timeS }) =>
          `${witness} cosigned this very tree with both of its keys, by its own clock at ${secondText(timeS)}: it saw no other log up to here.`,
      ),
      ...(ended === null
        ? []
        : [
            `${owner} signed with its offline keys that this log ended at ${ended.size} leaves (${ended.reason}) and goes on as ${ended.by}.`,
          ]),
      `${records} of them are records of this version by ${owner}, and each has the content that it says was approved.`,
      ...(others === 0
        ? []
        : [
            `${others} ${others === 1 ? 'is' : 'are'} not, and void by the rules of both sides: ${shown}${others > strange.length ? '; …' : ''}.`,
          ]),
    ],
    notProved: [
      ...(ended?.reason === 'stolen-key'
        ? [`That ${owner} itself signed: it reported both keys stolen. What was there before the theft goes on in ${ended.by}.`]
        : []),
      'That what the records say is true, or that they are acceptable to the other side: anshin check judges that.',
      ...(cosigned.length > 0
        ? []
        : ['That anyone else was shown this log: compare it with the other side’s copy, or with cosignatures.']),
    ],
  };
}

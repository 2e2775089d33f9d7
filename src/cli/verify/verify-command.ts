import type { Command } from 'commander';
import { hexOf } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { commandOf, doing, several } from '#cli/terminal/command.ts';
import { readInput } from '#cli/terminal/input.ts';
import { Refused, type Report, taken, UsageFault } from '#cli/terminal/report.ts';
import { type NamedKeyList, readKeyListFiles } from '#cli/verify/key-lists.ts';
import { verifyArchive } from '#cli/verify/verify-archive.ts';
import { verifyLogFolder } from '#cli/verify/verify-log.ts';
import {
  checkReceipt,
  nameOf,
  noPolicy,
  type ProvedReceipt,
  type ProvedRecord,
  proveRecord,
  readInclusion,
} from '#cli/verify/verify-proof.ts';
import { carriedListsOf, forkVerdict, type ProofFindings, proofVerdict, statementReport } from '#cli/verify/verify-words.ts';
import { parseFork, verifyFork } from '#log/fork.ts';
import { parsePolicy } from '#log/policy-file.ts';

export interface VerifyOptions {
  readonly record?: string;
  readonly proof?: string;
  readonly receipt?: string;
  readonly receiptProof?: string;
  readonly receiptInclusion?: string;
  readonly keys?: readonly string[];
  readonly fingerprint?: readonly string[];
  readonly policy?: string;
  readonly fork?: string;
  readonly log?: string;
  readonly archive?: string;
}

/** A program of its own: it imports nothing of a centre and reaches no network. */
export function verifyCommand(): Command {
  const command = commandOf({
    name: 'verify',
    summary:
      'Say in words what a record with its proof proves, and what not. Needs no centre and no network: record, proof and key lists in.',
    examples: [
      'verify --record R.json --proof R.tlog-proof --keys CN.keys.note --keys US.keys.note',
      'verify --record R.json --proof R.tlog-proof --receipt Q.json --receipt-proof Q.tlog-proof \\\n' +
        '    --receipt-inclusion R.inclusion --keys CN.keys.note --keys US.keys.note --fingerprint "12345 …"',
      'verify --fork evidence.fork --keys CN.keys.note',
      'verify --log ./log --keys CN.keys.note',
      'verify --archive ./archive-2026 --keys CN.keys.note --keys US.keys.note',
    ],
  })
    .option('--record <file>', 'the record, byte for byte')
    .option('--proof <file>', 'its .tlog-proof (C2SP)')
    .option('--receipt <file>', 'a receipt of the record by the other side')
    .option('--receipt-proof <file>', 'the proof of that receipt')
    .option(
      '--receipt-inclusion <file>',
      'the place of the record in the tree that the receipt names, where the proof is of another size',
    )
    .option('--keys <file>', 'a key list (keys.note) or pairing file, as it was taken at the pairing; one per party', several)
    .option('--fingerprint <groups>', 'the groups of digits that a party read out; may be repeated', several)
    .option('--policy <file>', 'a C2SP policy file: which witnesses must have cosigned')
    .option('--fork <file>', 'evidence that a log’s owner signed two histories')
    .option('--log <folder>', 'a whole log as anshin export-log wrote it (C2SP tlog-tiles)')
    .option('--archive <folder>', 'an archive as anshin archive wrote it');
  return doing<VerifyOptions>(command, 'this is not proved', verify);
}

/** What can be verified, by the option that names it, and the options that go with each; those of the keys go with all. */
const subjects = {
  log: [],
  archive: [],
  fork: [],
  record: ['proof', 'policy', 'receipt', 'receiptProof', 'receiptInclusion'],
} as const satisfies Readonly<Record<string, readonly (keyof VerifyOptions)[]>>;

export async function verify(options: VerifyOptions): Promise<Report> {
  const { record, proof, fork, log, archive, keys: files } = options;
  if (files === undefined) throw new UsageFault('name the key list of each party by --keys FILE');
  checkTogether(options);
  const keys = await readKeyListFiles(files, options.fingerprint ?? []);
  if (archive !== undefined) return await verifyArchive(archive, keys);
  if (log !== undefined) return await verifyLogFolder(log, keys);
  if (fork !== undefined) return await verifyForkFile(fork, keys);
  if (record === undefined || proof === undefined) {
    throw new UsageFault(
      'name a record and its proof (--record FILE --proof FILE), evidence of a fork (--fork FILE), a log (--log FOLDER), or an archive (--archive FOLDER)',
    );
  }
  const policy = options.policy === undefined ? noPolicy : taken(parsePolicy(new Uint8Array(await readInput(options.policy))));
  const proved = await proveRecord({ record, proof }, { keys, policy });
  const receipt = await receiptOf(proved, options, keys);
  return proofReport({ record: proved, receipt, keys, hasPolicy: options.policy !== undefined });
}

/** An option that would be passed over is refused by name: whoever gave it would believe that it was heeded. */
function checkTogether(options: VerifyOptions): void {
  const subject = (['log', 'archive', 'fork'] as const).find((each) => options[each] !== undefined) ?? 'record';
  const others = [...Object.keys(subjects), ...subjects.record].filter(
    (option) => option !== subject && !subjects[subject].some((each) => each === option),
  );
  const stray = others.filter((option) => Object.hasOwn(options, option)).map(optionName);
  if (stray.length > 0) throw new UsageFault(`--${subject} does not go with ${stray.join(', ')}: leave it away, or ask twice`);
}

function optionName(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A receipt stands in the log of another owner, which no policy of the command line names: both signatures are asked for. */
async function receiptOf(
  of: ProvedRecord,
  { receipt, receiptProof, receiptInclusion }: VerifyOptions,
  keys: readonly NamedKeyList[],
): Promise<ProvedReceipt | null> {
  if (receipt === undefined && receiptProof === undefined && receiptInclusion === undefined) return null;
  if (receipt === undefined || receiptProof === undefined) {
    throw new UsageFault('a receipt needs its own proof: --receipt FILE --receipt-proof FILE');
  }
  const proved = await proveRecord({ record: receipt, proof: receiptProof }, { keys, policy: noPolicy });
  return checkReceipt(of, proved, receiptInclusion === undefined ? null : await readInclusion(receiptInclusion));
}

function proofReport(findings: ProofFindings): Report {
  const { proof, known } = findings.record;
  const { origin, size, root, signedAtS } = proof.checkpoint;
  return statementReport({
    verdict: 'proved',
    heading: `PROVED: ${nameOf(findings.record)}`,
    tone: 'good',
    origin,
    words: proofVerdict(findings),
    keys: [...findings.keys, ...carriedListsOf(findings)],
    facts: {
      record: { id: proof.recordId, number: known?.record.number ?? null, status: known?.record.status ?? null },
      log: { origin, owner: proof.owner, index: proof.index, size, root: hexOf(root), signedAtS },
      cosigned: proof.peerCosignatures.map(({ witness, timeS }) => ({ witness, timeS })),
      witnesses: proof.policyCosignatures,
      receipt: findings.receipt === null ? null : receiptJson(findings.receipt),
    },
  });
}

function receiptJson({ record, receivedAt, size, isOfRecord }: ProvedReceipt): unknown {
  return { by: record.proof.owner, receivedAt, size, isOfRecord };
}

async function verifyForkFile(file: string, keys: readonly NamedKeyList[]): Promise<Report> {
  const evidence = taken(parseFork(new Uint8Array(await readInput(file))));
  const origin = new TextDecoder().decode(evidence.smaller).split('\n')[0] ?? '';
  const owner = keys.find(({ keyList }) => keyList.list.origin === origin);
  if (owner === undefined)
    throw new Refused(refuse('key.unknown', `the evidence is about ${origin}, whose key list was not given`));
  const fork = taken(verifyFork(evidence, owner.keyList.logKeys));
  return statementReport({
    verdict: 'fork proved',
    heading: `PROVED: ${origin} signed two histories`,
    tone: 'refused',
    origin,
    words: forkVerdict(fork),
    keys: [owner],
    facts: { origin },
  });
}

import { equalBytes } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { readInput } from '#cli/terminal/input.ts';
import { Refused, type Report, say, taken } from '#cli/terminal/report.ts';
import { styled, wrapped } from '#cli/terminal/style.ts';
import type { NamedKeyList } from '#cli/verify/key-lists.ts';
import { secondText } from '#cli/verify/verify-proof.ts';
import { keyLine } from '#cli/verify/verify-words.ts';
import { type VerifiedCheckpoint, verifyCheckpoint } from '#log/policy.ts';
import { parseEntryBundle, tilePath, tilePlaces } from '#log/tiles.ts';
import { append, emptyFrontier, type Frontier, hashLeaf, rootOf } from '#log/tree.ts';
import { parseRecord } from '#record/envelope.ts';

interface LogFindings {
  readonly checkpoint: VerifiedCheckpoint;
  readonly read: number;
}

/** Verifies a whole log in the layout of tlog-tiles: every entry, every hash of the lowest tiles, the root, both signatures. */
export async function verifyLogFolder(folder: string, keys: readonly NamedKeyList[]): Promise<Report> {
  const note = new Uint8Array(await readInput(`${folder}/checkpoint`));
  const origin = new TextDecoder().decode(note).split('\n')[0] ?? '';
  const owner = keys.find(({ keyList }) => keyList.list.origin === origin);
  if (owner === undefined) throw new Refused(refuse('key.unknown', `the log is ${origin}, whose key list was not given`));
  const checkpoint = taken(verifyCheckpoint(note, owner.keyList.logKeys));
  const findings = await readEntries(folder, checkpoint);
  const { size, signedAtS } = checkpoint;
  const proved = [
    `These ${size} records, in this order and no others, are the log ${origin} as ${owner.keyList.list.centre} signed it with both of its keys (Ed25519 and ML-DSA-44), by its own clock at ${secondText(signedAtS)}.`,
    `${findings.read} of them can be read as records of this version.`,
  ];
  const notProved = [
    'That what the records say is true, or that they are acceptable to the other side: anshin check judges that.',
    'That anyone else was shown this log: compare it with the other side’s copy, or with cosignatures.',
  ];
  const text = [
    styled('good', `PROVED: the log ${origin}`),
    ...proved.map((line) => wrapped(`  + ${line}`, '    ')),
    '',
    styled('strong', 'NOT PROVED'),
    ...notProved.map((line) => wrapped(`  - ${line}`, '    ')),
    '',
    styled('strong', 'KEYS USED'),
    keyLine(owner),
  ].join('\n');
  return { text, json: { verdict: 'log proved', origin, size, read: findings.read, proved, notProved }, isWell: true };
}

async function readEntries(folder: string, checkpoint: VerifiedCheckpoint): Promise<LogFindings> {
  let frontier: Frontier = emptyFrontier;
  let read = 0;
  for (const place of tilePlaces(checkpoint.size)) {
    if (place.level > 0) continue;
    const path = tilePath({ ...place, level: 'entries' });
    const leaves = taken(parseEntryBundle(new Uint8Array(await readInput(`${folder}/${path}`)), place.width));
    const hashes = leaves.map(hashLeaf);
    const tile = new Uint8Array(await readInput(`${folder}/${tilePath(place)}`));
    if (!equalBytes(tile, new Uint8Array(hashes.flatMap((hash) => [...hash])))) {
      throw new Refused(
        refuse('proof.inclusion', `${path} does not have the leaves that ${tilePath(place)} has the hashes of`, { path }),
      );
    }
    frontier = append(frontier, hashes).frontier;
    read += leaves.filter((leaf) => parseRecord(leaf).ok).length;
    if (place.index % 100 === 99) say(`${frontier.size} of ${checkpoint.size} records`);
  }
  if (equalBytes(rootOf(frontier), checkpoint.root)) return { checkpoint, read };
  throw new Refused(
    refuse('proof.inclusion', 'the entries do not give the root that the owner signed', { size: checkpoint.size }),
  );
}

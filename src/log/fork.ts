import { base64Of, bytesOfText, equalBytes, hexOf, textOfBytes } from '#base/bytes.ts';
import { proofBytesMax } from '#base/limits.ts';
import { accept, mustAccept, type Result, refuse } from '#base/refusal.ts';
import { formatNote, parseNote } from '#log/note.ts';
import { type LogKeys, type VerifiedCheckpoint, verifyCheckpoint } from '#log/policy.ts';
import { parseHashLines } from '#log/proof.ts';
import { consistencyNodes, type NodeReader, rootsOfNodes } from '#log/tree.ts';

// Evidence that a log's owner signed two histories (`spec/log.md` 9). By fault or by intent it cannot say.

const header = 'anshin-fork/1';

/**
 * Two signed checkpoints of one log, the smaller first. Of one size they convict by themselves (no nodes). Of two sizes, the
 * nodes hash to the larger root and give for the smaller size another root than the one signed.
 */
export interface ForkEvidence {
  readonly smaller: Uint8Array;
  readonly larger: Uint8Array;
  readonly nodes: readonly Uint8Array[];
}

declare const verified: unique symbol;

/** Two histories by one owner, shown to anyone who has the owner's keys. Only `verifyFork` makes one. */
export interface VerifiedFork {
  readonly origin: string;
  readonly smaller: VerifiedCheckpoint;
  readonly larger: VerifiedCheckpoint;
  /** What the larger tree has for the root of the smaller size. */
  readonly rootInLarger: Uint8Array;
  readonly [verified]: 'fork';
}

/** Makes evidence out of two signed checkpoints; `read` gives the nodes of the tree of the larger. It may not hold: verify it. */
export function forkEvidence(smaller: VerifiedCheckpoint, larger: VerifiedCheckpoint, read: NodeReader): ForkEvidence {
  const needsNodes = smaller.size > 0 && smaller.size < larger.size;
  return {
    smaller: formatNote(smaller.note),
    larger: formatNote(larger.note),
    nodes: needsNodes ? consistencyNodes(smaller.size, larger.size, read) : [],
  };
}

/** Checks the evidence with nothing but the owner's keys. What falls short shows at most that consistency was not shown. */
export function verifyFork(evidence: ForkEvidence, log: LogKeys): Result<VerifiedFork> {
  const smaller = verifyCheckpoint(evidence.smaller, log);
  if (!smaller.ok) return smaller;
  const larger = verifyCheckpoint(evidence.larger, log);
  if (!larger.ok) return larger;
  const rootInLarger = rootOfSmallerIn(smaller.value, larger.value, evidence.nodes);
  if (!rootInLarger.ok) return rootInLarger;
  if (equalBytes(rootInLarger.value, smaller.value.root))
    return notShown(smaller.value, larger.value, 'the two are of one history');
  return accept({
    origin: log.origin,
    smaller: smaller.value,
    larger: larger.value,
    rootInLarger: rootInLarger.value,
  } as VerifiedFork);
}

function rootOfSmallerIn(
  smaller: VerifiedCheckpoint,
  larger: VerifiedCheckpoint,
  nodes: readonly Uint8Array[],
): Result<Uint8Array> {
  const refused = (why: string) => notShown(smaller, larger, why);
  if (smaller.size > larger.size) return refused('the larger checkpoint stands first');
  if (smaller.size === larger.size) return nodes.length === 0 ? accept(larger.root) : refused('one size needs no nodes');
  if (smaller.size === 0) return refused('an empty tree begins every history');
  const roots = rootsOfNodes(smaller.size, larger.size, nodes);
  if (roots === undefined) return refused('the nodes do not fit the sizes');
  return equalBytes(roots.toRoot, larger.root) ? accept(roots.fromRoot) : refused('the nodes do not hash to the larger root');
}

function notShown(smaller: VerifiedCheckpoint, larger: VerifiedCheckpoint, why: string) {
  return refuse('log.fork-not-shown', `no fork is shown between ${smaller.size} and ${larger.size} leaves: ${why}`, {
    origin: smaller.origin,
    smaller: smaller.size,
    smallerRoot: hexOf(smaller.root),
    larger: larger.size,
    largerRoot: hexOf(larger.root),
  });
}

/** Writes evidence as text: the header and the nodes, then the two notes, an empty line between. */
export function formatFork({ smaller, larger, nodes }: ForkEvidence): Uint8Array {
  const notes = [smaller, larger].map((note) => mustAccept(textOfBytes(note)));
  return bytesOfText(`${[header, ...nodes.map(base64Of)].join('\n')}\n\n${notes.join('\n')}`);
}

/** Reads evidence. Hostile input; a checkpoint's text has no empty line, so there are exactly five parts. */
export function parseFork(bytes: Uint8Array): Result<ForkEvidence> {
  if (bytes.length > proofBytesMax) return refuse('proof.form', `the evidence has more than ${proofBytesMax} bytes`);
  const text = textOfBytes(bytes);
  if (!text.ok) return text;
  const [head = '', firstText, firstLines, secondText, secondLines, ...rest] = text.value.split('\n\n');
  const [first, ...lines] = head.split('\n');
  if (first !== header || secondLines === undefined || rest.length > 0) {
    return refuse('proof.form', 'the evidence is not a header, nodes and two notes');
  }
  const nodes = parseHashLines(lines);
  if (!nodes.ok) return nodes;
  const smaller = bytesOfText(`${firstText}\n\n${firstLines}\n`);
  const larger = bytesOfText(`${secondText}\n\n${secondLines}`);
  for (const note of [smaller, larger]) {
    const parsed = parseNote(note);
    if (!parsed.ok) return parsed;
  }
  return accept({ smaller, larger, nodes: nodes.value });
}

import { base64Of, bytesOfText, textOfBytes } from '#base/bytes.ts';
import { noteBytesMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { countOfText } from '#log/checkpoint.ts';
import { parseHashLines } from '#log/proof.ts';

// The place of a leaf in a tree whose root another statement names, such as a receipt (`spec/log.md` 7): it carries no signature.

const header = 'anshin-inclusion/1';

/** An inclusion proof as read. It shows nothing without a root that somebody signed. */
export interface InclusionFile {
  readonly index: number;
  /** Leaves of the tree that it is for. */
  readonly size: number;
  /** From the leaf's sibling up to the child of the root. */
  readonly hashes: readonly Uint8Array[];
}

export function formatInclusion({ index, size, hashes }: InclusionFile): Uint8Array {
  return bytesOfText([header, `index ${index}`, `size ${size}`, ...hashes.map(base64Of), ''].join('\n'));
}

/** Reads such a file. Hostile input: only what `formatInclusion` gives back byte for byte is accepted. */
export function parseInclusion(bytes: Uint8Array): Result<InclusionFile> {
  if (bytes.length > noteBytesMax) return refuse('proof.form', `the inclusion has more than ${noteBytesMax} bytes`);
  const text = textOfBytes(bytes);
  if (!text.ok) return text;
  const [first, indexLine = '', sizeLine = '', ...lines] = text.value.split('\n');
  if (first !== header) return refuse('proof.form', `the first line is not ${header}`);
  const index = countOfText(/^index (\d+)$/.exec(indexLine)?.[1] ?? '');
  const size = countOfText(/^size (\d+)$/.exec(sizeLine)?.[1] ?? '');
  if (index === undefined || size === undefined) return refuse('proof.form', 'no index and size where they are due');
  if (lines.pop() !== '') return refuse('proof.form', 'the last line does not end with a line feed');
  const hashes = parseHashLines(lines);
  return hashes.ok ? accept({ index, size, hashes: hashes.value }) : hashes;
}

import { readFile, writeFile } from 'node:fs/promises';
import type { Exported } from '#cli/demo/exports.ts';
import { formatInclusion } from '#log/inclusion-file.ts';
import { append, emptyFrontier, hashLeaf, inclusionProof, type NodeReader } from '#log/tree.ts';
import { type CoreContent, parseCore } from '#record/core-formats.ts';
import { parseRecord } from '#record/envelope.ts';

/** A record as it was exported, with its place in the tree that its first receipt names; null where it has no receipt. */
export type ExportedPlace = Exported & { readonly inclusion: string | null };

interface Receipt {
  readonly by: string;
  readonly content: CoreContent<'RECEIPT'>;
}

/** Writes beside each record that the other side receipted its place in the tree of the receipt, out of the exported leaves themselves. */
export async function exportInclusions(exported: readonly Exported[]): Promise<readonly ExportedPlace[]> {
  const leaves = new Map<string, Uint8Array[]>();
  const receipts: Receipt[] = [];
  for (const { centre, record } of exported) {
    const bytes = new Uint8Array(await readFile(record));
    leaves.set(centre, [...(leaves.get(centre) ?? []), bytes]);
    receipts.push(...receiptsIn(centre, bytes));
  }
  const readers = new Map([...leaves].map(([centre, own]) => [centre, readerOf(own)]));
  const places: ExportedPlace[] = [];
  for (const each of exported) {
    const read = readers.get(each.centre);
    const receipt = receipts.find(({ by, content: { from, to } }) => by !== each.centre && from <= each.index && each.index < to);
    const size = receipt?.content.size;
    places.push({
      ...each,
      inclusion: read === undefined || size === undefined ? null : await writeInclusion(each, { size, read }),
    });
  }
  return places;
}

async function writeInclusion(
  { record, index }: Exported,
  { size, read }: { readonly size: number; readonly read: NodeReader },
): Promise<string> {
  const path = record.replace(/\.json$/, '.inclusion');
  await writeFile(path, formatInclusion({ index, size, hashes: inclusionProof(index, size, read) }));
  return path;
}

function receiptsIn(by: string, bytes: Uint8Array): readonly Receipt[] {
  const known = parseRecord(bytes);
  const content = known.ok ? parseCore(known.value.record, 'RECEIPT') : known;
  return content.ok ? [{ by, content: content.value }] : [];
}

function readerOf(leaves: readonly Uint8Array[]): NodeReader {
  const { nodes } = append(emptyFrontier, leaves.map(hashLeaf));
  const hashes = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  return (level, index) => {
    const hash = hashes.get(`${level}/${index}`);
    if (hash === undefined) throw new Error(`the tree of the exported leaves has no node ${level}/${index}`);
    return hash;
  };
}

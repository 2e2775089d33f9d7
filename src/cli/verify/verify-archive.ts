import { readdir } from 'node:fs/promises';
import { hexOf } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { readInput } from '#cli/terminal/input.ts';
import { Refused, type Report } from '#cli/terminal/report.ts';
import { carriedKeyLists, type NamedKeyList } from '#cli/verify/key-lists.ts';
import { verifyLogFolder } from '#cli/verify/verify-log.ts';
import { sha256 } from '#crypto/engine.ts';
import { encodeKeyLists } from '#log/proof.ts';

/** Verifies an archive as `anshin archive` wrote it: every file by its hash, the key lists by those named, and each whole log. */
export async function verifyArchive(folder: string, named: readonly NamedKeyList[]): Promise<Report> {
  const sums = new Uint8Array(await readInput(`${folder}/SHA256SUMS`));
  const files = await checkSums(folder, new TextDecoder().decode(sums));
  const keys = await keysIn(folder, named);
  const logs: Report[] = [];
  for (const name of await readdir(`${folder}/logs`)) logs.push(await verifyLogFolder(`${folder}/logs/${name}`, keys));
  const hash = hexOf(sha256(sums));
  const head = `${files} files of the archive are those of its SHA256SUMS, whose own SHA-256 is\n  ${hash}`;
  const text = [head, ...logs.map((report) => report.text)].join('\n\n');
  return { text, json: { verdict: 'archive proved', files, sums: hash, logs: logs.map(({ json }) => json) }, isWell: true };
}

async function checkSums(folder: string, sums: string): Promise<number> {
  const lines = sums.trimEnd().split('\n');
  for (const line of lines) {
    const [, hash, path] = /^([0-9a-f]{64}) {2}(\S.*)$/.exec(line) ?? [];
    if (hash === undefined || path === undefined || path.split('/').includes('..'))
      throw new Refused(refuse('proof.form', 'SHA256SUMS has a line that is none'));
    if (hexOf(sha256(await readInput(`${folder}/${path}`))) !== hash)
      throw new Refused(refuse('proof.inclusion', `${path} is not the file that was archived`, { path }));
  }
  return lines.length;
}

/** The lists named, and those of the archive that follow from them. */
async function keysIn(folder: string, named: readonly NamedKeyList[]): Promise<readonly NamedKeyList[]> {
  const notes: Uint8Array[] = [];
  for (const name of await readdir(`${folder}/keys`)) notes.push(new Uint8Array(await readInput(`${folder}/keys/${name}`)));
  const carried = carriedKeyLists(`${folder}/keys`, encodeKeyLists(notes), named);
  const kept = carried.map((each) => ({ ...each, file: `${folder}/keys` }));
  return [...kept.toSorted((a, b) => b.keyList.list.serial - a.keyList.list.serial), ...named];
}

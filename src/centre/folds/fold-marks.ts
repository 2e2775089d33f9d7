import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOfText, hexOf } from '#base/bytes.ts';
import type { Marks } from '#centre/folds/shelf-file.ts';
import { sha256 } from '#crypto/engine.ts';
import type { LogIdentity } from '#exchange/log-view.ts';

/** Everything that decides what a fold makes of the leaves: the rooms that judge, and how the folds are kept. */
const rulesFolders = ['base', 'crypto', 'record', 'log', 'agreement', 'exchange', 'centre/folds'];

/** How far a log was folded, and its root there. */
export interface FoldedLog {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

/** A hash of what the folds are made by, beside the leaves: this program's rules, its packages, the runtime, agreements, logs. */
export function rulesMark(made: { readonly instruments: Iterable<string>; readonly logs: readonly LogIdentity[] }): string {
  const source = join(import.meta.dirname, '..', '..');
  const files = rulesFolders.flatMap((folder) => sourcesIn(join(source, folder)));
  const parts = [join(source, '..', 'package.json'), ...files].map((path) => [
    path.slice(source.length),
    readFileSync(path, 'utf8'),
  ]);
  const text = JSON.stringify([process.version, parts, [...made.instruments].toSorted(), made.logs]);
  return hexOf(sha256(bytesOfText(text)));
}

export function marksOf(rules: string, folded: readonly FoldedLog[]): Marks {
  return { rules, folded: JSON.stringify(folded) };
}

/** The logs that a file says it folded by these rules; undefined if it does not. */
export function foldedIn(marks: Marks, rules: string): readonly FoldedLog[] | undefined {
  const { folded } = marks;
  // The file's own checksums say nothing of its marks, but a root that is not the log's is noticed.
  return marks['rules'] === rules && folded !== undefined ? (JSON.parse(folded) as readonly FoldedLog[]) : undefined;
}

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .toSorted()
    .map((name) => join(folder, name));
}

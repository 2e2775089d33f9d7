import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '#test/run/test-files.ts';
import type { TextFile } from '#test/tidy/leftovers.ts';

/** Every text file that is or would be committed, but for the lock and the licence, which others wrote. */
export function readTextFiles(): readonly TextFile[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
    cwd: root,
  });
  return listed
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '' && path !== 'package-lock.json' && path !== 'LICENSE')
    .flatMap((path) => textFile(path) ?? []);
}

function textFile(path: string): TextFile | undefined {
  try {
    const text = readFileSync(join(root, path), 'utf8');
    return text.includes('\0') ? undefined : { path, text };
  } catch {
    // Deleted in the work tree and still in the index.
    return undefined;
  }
}

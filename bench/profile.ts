import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The part of Chrome's format for processor profiles that is read here. */
interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

const lines = 45;
const root = fileURLToPath(new URL('..', import.meta.url));
/** Not work: the main thread has nothing to do, or the profiler looks on. */
const idle = ['(idle)', '(program)', '(root)'];

/** Condenses the profiles that a process left in a folder to a text: in which functions the main thread was, itself. */
export function condenseProfile(folder: string, into: string, title: string): void {
  const [path] = globSync(join(folder, '*.cpuprofile'));
  if (path === undefined) throw new Error(`no profile in ${folder}`);
  const profile = JSON.parse(readFileSync(path, 'utf8')) as CpuProfile;
  const names = new Map(profile.nodes.map((node) => [node.id, nameOf(node)]));
  const selfUs = new Map<string, number>();
  for (const [at, node] of profile.samples.entries()) {
    const name = names.get(node) ?? '';
    selfUs.set(name, (selfUs.get(name) ?? 0) + (profile.timeDeltas[at] ?? 0));
  }
  const busyUs = [...selfUs].filter(([name]) => !idle.includes(name)).reduce((sum, [, us]) => sum + us, 0);
  const rows = [...selfUs]
    .filter(([name]) => !idle.includes(name))
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, lines)
    .map(([name, us]) => `${((us / busyUs) * 100).toFixed(1).padStart(5)} %  ${(us / 1000).toFixed(0).padStart(6)} ms  ${name}`);
  const share = (name: string) => `${name} ${((selfUs.get(name) ?? 0) / 1000).toFixed(0)} ms`;
  const head = `${title}\nmain thread: busy ${(busyUs / 1000).toFixed(0)} ms, ${idle.slice(0, 2).map(share).join(', ')}\n`;
  writeFileSync(into, `${head}\nself time, of what was busy\n${rows.join('\n')}\n`);
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const file = url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url;
  return `${name}  ${file}:${lineNumber + 1}`;
}

import { kernelRooms } from '#test/tidy/rooms.ts';
import { type Fault, faultAt, isTest, linesOf, nodesOf, roomOf, type SourceFile } from '#test/tidy/source-file.ts';

const fileLinesMax = 400;
const kernelLinesMax = 5_000;
/** Names that say nothing of what is inside. */
const emptyNames = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'misc',
  'type',
  'types',
  'stuff',
  'shared',
  'lib',
  'index',
]);
/** What a file that only hands on consists of. */
const handingOn = new Set(['ImportDeclaration', 'ExportAllDeclaration', 'ExportNamedDeclaration']);

/** Folders and files whose name says nothing. */
export function nameFaults(file: SourceFile): readonly Fault[] {
  const words = file.path.split('/').map((part) => part.replace(/\..*$/, ''));
  return words.filter((word) => emptyNames.has(word)).map((word) => faultAt(file, 0, `'${word}' names nothing: name the thing`));
}

export function sizeFaults(file: SourceFile): readonly Fault[] {
  const lines = linesOf(file);
  return lines > fileLinesMax ? [faultAt(file, 0, `${lines} lines, more than ${fileLinesMax}: it holds more than one idea`)] : [];
}

export function defaultExportFaults(file: SourceFile): readonly Fault[] {
  return nodesOf(file)
    .filter(({ node }) => node.type === 'ExportDefaultDeclaration')
    .map(({ node }) => faultAt(file, node.start, 'a default export has no name: export by name'));
}

/** Files that only hand on what others export, and exports of everything that another file has. */
export function barrelFaults(file: SourceFile): readonly Fault[] {
  const body = nodesOf(file)
    .filter(({ key, parent }) => key === 'body' && parent?.type === 'Program')
    .map(({ node }) => node);
  const all = body.filter((node) => node.type === 'ExportAllDeclaration');
  if (all.length > 0)
    return all.map((node) => faultAt(file, node.start, 'exports everything of another file: import from that file'));
  const handsOn = body.some((node) => node.type === 'ExportNamedDeclaration');
  const ownCode = body.some((node) => !handingOn.has(node.type) || (node['declaration'] ?? null) !== null);
  return handsOn && !ownCode ? [faultAt(file, 0, 'a barrel file: import from where things are')] : [];
}

/** The lines of the kernel without its tests, by room. */
export function kernelLines(files: readonly SourceFile[]): ReadonlyMap<string, number> {
  const counted = files.filter((file) => !isTest(file));
  const linesIn = (room: string): number =>
    counted.filter((file) => roomOf(file) === room).reduce((sum, file) => sum + linesOf(file), 0);
  return new Map(kernelRooms.map((room) => [room, linesIn(room)]));
}

export function kernelSizeFaults(files: readonly SourceFile[]): readonly Fault[] {
  const total = kernelLines(files)
    .values()
    .reduce((sum, lines) => sum + lines, 0);
  return total >= kernelLinesMax ? [`the kernel has ${total} lines; an auditor reads fewer than ${kernelLinesMax}`] : [];
}

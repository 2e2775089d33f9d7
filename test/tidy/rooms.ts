import { isBuiltin } from 'node:module';
import { type Fault, faultAt, importsOf, isTest, roomOf, type SourceFile } from '#test/tidy/source-file.ts';

/** The rooms of `src/`, lowest first: each imports only from itself and from rooms before it. */
export const rooms: readonly string[] = [
  'base',
  'crypto',
  'record',
  'log',
  'agreement',
  'exchange',
  'ledger',
  'watch',
  'rehearse',
  'centre',
  'console',
  'cli',
];
/** Rooms without a clock, chance or input and output of their own. */
const pureRooms: readonly string[] = rooms.slice(0, rooms.indexOf('centre'));
/** The rooms that a rival's auditor must trust. */
export const kernelRooms: readonly string[] = ['base', 'crypto', 'record', 'log'];

/** The one file of a pure room that reaches the machine: its portable twin has the same interface. */
const nativeEngine = 'src/crypto/native.ts';

/** What one file may not import. */
export function importFaults(file: SourceFile): readonly Fault[] {
  return importsOf(file).flatMap(({ specifier, offset }) => {
    const message = specifier === undefined ? computedFault(file) : specifierFault(file, specifier);
    return message === undefined ? [] : [faultAt(file, offset, message)];
  });
}

function computedFault(file: SourceFile): string | undefined {
  return isPure(file) ? 'a pure room imports nothing by a computed name' : undefined;
}

function specifierFault(file: SourceFile, specifier: string): string | undefined {
  if (specifier.includes('../')) return `'${specifier}' climbs out of its folder: write '#room/file.ts'`;
  if (specifier.startsWith('node:'))
    return isPure(file) ? `a pure room does not import '${specifier}': have it handed in` : undefined;
  if (isBuiltin(specifier)) return `'${specifier}' is a part of Node.js: write 'node:${specifier}'`;
  if (specifier.startsWith('#')) return roomFault(file, specifier);
  return specifier.startsWith('.') ? undefined : packageFault(file, specifier);
}

function roomFault(file: SourceFile, specifier: string): string | undefined {
  const from = roomOf(file);
  if (from === undefined) return undefined;
  const to = specifier.slice(1).split('/')[0] ?? '';
  if (!rooms.includes(to)) return `'${specifier}' is in no room of src/`;
  if (from === 'console' && to === 'centre') return 'the console does not import the centre: it need not trust a server';
  if (rooms.indexOf(to) <= rooms.indexOf(from)) return undefined;
  return `${from} is below ${to} and may not import '${specifier}'`;
}

function packageFault(file: SourceFile, specifier: string): string | undefined {
  const inKernel = kernelRooms.includes(roomOf(file) ?? '') && !isTest(file);
  if (!inKernel || specifier.startsWith('@noble/')) return undefined;
  return `the kernel imports no package but @noble/…, so not '${specifier}'`;
}

/** Whether the rules for pure rooms hold for a file: in such a room, not a test, not the native engine. */
export function isPure(file: SourceFile): boolean {
  return pureRooms.includes(roomOf(file) ?? '') && !isTest(file) && file.path !== nativeEngine;
}

/** A file of `src/` that is in no room. */
export function roomlessFaults(file: SourceFile): readonly Fault[] {
  const room = roomOf(file);
  if (room === undefined || rooms.includes(room)) return [];
  return [faultAt(file, 0, `'${room}' is no room of src/: they are ${rooms.join(', ')}`)];
}

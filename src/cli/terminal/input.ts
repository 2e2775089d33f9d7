import { readFile, stat } from 'node:fs/promises';
import { UsageFault } from '#cli/terminal/report.ts';

const inputBytesMax = 67_108_864;

/** Reads a file that the command line names. */
export async function readInput(path: string): Promise<Buffer> {
  try {
    if ((await stat(path)).size > inputBytesMax) throw new UsageFault(`${path} is larger than any file that this command reads`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof UsageFault) throw error;
    throw new UsageFault(`${path} cannot be read (${codeOf(error)}): check the path`);
  }
}

/** The short code of a system error, such as ENOENT. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}

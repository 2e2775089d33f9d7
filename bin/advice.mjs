/** Something that the person at the terminal can put right: the message says what is wrong and what to do, and no stack is shown. */
export class Advice extends Error {}

/** Runs `main`; prints advice without its stack. Exit code 1 stands for advice, since the program itself never ran. */
export async function withAdvice(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof Advice)) throw error;
    process.stderr.write(`anshin: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** Whole megabytes of 1,000,000 bytes, as disks and networks are sold. */
export function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}

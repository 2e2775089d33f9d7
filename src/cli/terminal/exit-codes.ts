/** What every command ends with, and nothing else. */
export const exitCodes = {
  /** Done; or checked and found well. */
  done: 0,
  /** Refused; or checked and found wrong. */
  refused: 1,
  /** The command line itself is wrong. */
  usage: 2,
} as const;

export const exitCodesText = 'Exit codes: 0 done, or found well; 1 refused, or found wrong; 2 the command line is wrong.';

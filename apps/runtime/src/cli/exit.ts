/** Exit codes of the command line. */
export const EXIT = {
  done: 0,
  /** The document or the data is wrong. */
  wrong: 1,
  usage: 2,
  /** A fault at run time. */
  fault: 3,
} as const;

import type { FaultName } from './faults.ts';

/** A defect put into the shipped code, which the simulator must find: it says what each check is for, and that it can fail. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** What stands in the file, and what is put in its place. */
  readonly from: string;
  readonly to: string;
  /** The worlds in which it shows. */
  readonly world: { readonly faults: readonly FaultName[] } | { readonly misdeeds: readonly string[] };
  /** Some words of what is then violated. */
  readonly shows: RegExp;
}

export const mutations: readonly Mutation[] = [
  {
    name: 'the link skips the proof of consistency',
    file: 'src/exchange/follow.ts',
    from: 'if (!consistent.ok) return consistent;',
    to: '',
    world: { misdeeds: ['bad proof', 'fork'] },
    shows: /in none of the histories/,
  },
  {
    name: 'the signer signs what does not continue its anchor',
    file: 'src/centre/signer/rules.ts',
    from: 'if (wrong !== undefined)',
    to: 'if (false)',
    world: { faults: ['store'] },
    shows: /after it had signed/,
  },
  {
    name: 'the line is open before the other side is asked',
    file: 'src/centre/line.ts',
    from: "#line: LinkState['line'] = 'opening';",
    to: "#line: LinkState['line'] = 'open';",
    world: { faults: ['machine', 'partition'] },
    shows: /two roots|not the log's|another leaf|needs an operator/,
  },
  {
    name: 'an urgent leaf is receipted although it has its receipt',
    file: 'src/centre/link/intake.ts',
    from: '&& !this.#hasReceipt(delivery.index)',
    to: '',
    world: { faults: ['cut', 'slow'] },
    shows: /receipt\.range|urgent receipts/,
  },
  {
    name: 'a clock that went back is not marked',
    file: 'src/centre/scribe.ts',
    from: 'if (this.#filedAtMs - nowMs <= clockToleranceMs) return accept([]);',
    to: 'if (nowMs > 0) return accept([]);',
    world: { faults: ['clock'] },
    shows: /record\.filing-time/,
  },
  {
    name: 'a mark that is not written keeps its number',
    file: 'src/centre/append-group.ts',
    from: 'if (built.value.records.length > 0) for (',
    to: 'for (',
    world: { faults: ['clock'] },
    shows: /record\.number-order/,
  },
  {
    name: 'a flash does not sound',
    file: 'src/centre/link/intake.ts',
    from: 'const sounds = flash ?',
    to: 'const sounds = false ?',
    world: { faults: ['slow'] },
    shows: /sounded 0 times/,
  },
];

import { agreementTargets } from '#test/rival/agreement-targets.ts';
import { deliveryTargets } from '#test/rival/follow-targets.ts';
import type { Target } from '#test/rival/hunt.ts';
import { parserTargets } from '#test/rival/parser-targets.ts';
import { proofTargets } from '#test/rival/proof-targets.ts';

/** Everything that reads what a stranger, a peer, an officer or a file may hand in, and decides by it, without a connection. */
export const targets: readonly Target[] = [...parserTargets, ...agreementTargets, ...proofTargets, ...deliveryTargets];

#!/usr/bin/env node
// The command `anshin`, on whatever Node.js the machine has: checks the pinned runtime and runs the command line with it.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withAdvice } from './advice.mjs';
import { pinnedRuntime, runInForeground } from './runtime.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

await withAdvice(() => runInForeground(pinnedRuntime(root), [join(root, 'src/cli/main.ts'), ...process.argv.slice(2)]));

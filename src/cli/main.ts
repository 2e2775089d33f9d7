import { Command } from 'commander';
import { initCommand } from '#cli/house/init.ts';
import { officerCommand } from '#cli/house/officer.ts';
import { pairCommand } from '#cli/house/pair.ts';
import { serveCommand } from '#cli/house/serve.ts';
const program = new Command('anshin');
for (const c of [initCommand(), pairCommand(), serveCommand(), officerCommand()]) program.addCommand(c);
await program.parseAsync();

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { agreementCommand } from '#cli/board/agreement-command.ts';
import { boardCommand, catalogueCommand } from '#cli/board/board-command.ts';
import { demoCommand } from '#cli/demo/demo-command.ts';
import { drillCommand } from '#cli/drill/drill-command.ts';
import { initCommand } from '#cli/house/init.ts';
import { officerCommand } from '#cli/house/officer.ts';
import { offlineCommand } from '#cli/house/offline.ts';
import { pairCommand } from '#cli/house/pair.ts';
import { serveCommand } from '#cli/house/serve.ts';
import { successionCommand } from '#cli/house/succession.ts';
import { approveCommand, draftCommand, releaseCommand, returnCommand } from '#cli/officer/drafting.ts';
import { acknowledgeCommand, clockCommand, confirmStoreCommand } from '#cli/officer/duty.ts';
import { evidenceCommand, exportCommand } from '#cli/officer/export.ts';
import { listCommand, showCommand, stateCommand } from '#cli/officer/reading.ts';
import { watchCommand } from '#cli/officer/watch.ts';
import { archiveCommand } from '#cli/store/archive.ts';
import { backupCommand } from '#cli/store/backup.ts';
import { checkCommand, rebuildCommand } from '#cli/store/check.ts';
import { exportLogCommand } from '#cli/store/export-log.ts';
import { recoverCommand } from '#cli/store/recover.ts';
import { restoreCommand } from '#cli/store/restore.ts';
import { exitCodesText } from '#cli/terminal/exit-codes.ts';
import { verifyCommand } from '#cli/verify/verify-command.ts';

/** Every command, by what it is for. */
const groups: readonly (readonly [string, readonly (() => Command)[]])[] = [
  ['See it and practise:', [demoCommand, drillCommand]],
  ['Set up and run a centre:', [initCommand, pairCommand, officerCommand, serveCommand]],
  ['Work as an officer:', [stateCommand, draftCommand, approveCommand, returnCommand, releaseCommand, listCommand, showCommand]],
  ['Be on watch:', [watchCommand, acknowledgeCommand, clockCommand, confirmStoreCommand]],
  ['Prove:', [exportCommand, evidenceCommand, exportLogCommand, archiveCommand, verifyCommand]],
  ['Keep the store:', [checkCommand, rebuildCommand, backupCommand, restoreCommand, recoverCommand]],
  ['Go on under new keys:', [successionCommand, offlineCommand]],
  ['Agreements and measures:', [agreementCommand, catalogueCommand, boardCommand]],
];

export function anshinProgram(): Command {
  const program = new Command('anshin')
    .description('The software of a risk reduction centre.')
    .helpOption('--help', 'show this')
    .version(versionOf(), '--version', 'show the version')
    .helpCommand(false)
    .showHelpAfterError('(anshin --help shows every command)')
    .addHelpText('after', `\nExample:\n  anshin demo\n\n${exitCodesText}`)
    .exitOverride();
  for (const [heading, commands] of groups) {
    program.commandsGroup(heading);
    for (const make of commands) program.addCommand(make());
  }
  return program;
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return version;
}

import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { checkInstrument } from '#agreement/check.ts';
import { loadInstrument } from '#agreement/instrument.ts';
import { agreementsFolder, filesOf } from '#centre/instruments.ts';
import { commandOf, doing, familyOf } from '#cli/terminal/command.ts';
import { taken, wellReport } from '#cli/terminal/report.ts';

/** Agreements are folders that a lawyer reads and changes; their hash is what both sides adopt. */
export function agreementCommand(): Command {
  return familyOf('agreement', 'The agreements: their problems, and the hash that both sides adopt.', [
    checkCommand(),
    hashCommand(),
  ]);
}

function checkCommand(): Command {
  const command = commandOf({
    name: 'check [folder]',
    summary: 'Show every problem of an agreement’s folder, or of all that come with the software.',
    examples: ['agreement check', 'agreement check ./agreements/bmln-full'],
  });
  return doing(command, 'checking an agreement', async (_options, [folder]) => {
    const found: { folder: string; file: string; reason: string }[] = [];
    const folders = await foldersOf(folder);
    for (const each of folders) {
      const problems = checkInstrument(taken(await filesOf(each)));
      found.push(...problems.map(({ file, reason }) => ({ folder: basename(each), file, reason })));
    }
    const lines = found.map((problem) => `${problem.folder}/${problem.file}: ${problem.reason}`);
    const verdict =
      lines.length === 0 ? `WELL: ${folders.map((each) => basename(each)).join(', ')}` : `WRONG: ${lines.length} problem(s)`;
    return { text: [verdict, ...lines].join('\n'), json: { problems: found }, isWell: lines.length === 0 };
  });
}

function hashCommand(): Command {
  const command = commandOf({
    name: 'hash [folder]',
    summary: 'The hash of an agreement’s version: both sides read it out before they adopt it.',
    examples: ['agreement hash', 'agreement hash bmln-full', 'agreement hash ./agreements/bmln-full'],
  });
  return doing(command, 'hashing an agreement', async (_options, [folder]) => {
    const versions: { folder: string; shortName: string; profile: string; hash: string }[] = [];
    for (const each of await foldersOf(folder)) {
      const { shortName, profile, hash } = taken(loadInstrument(taken(await filesOf(each))));
      versions.push({ folder: basename(each), shortName, profile, hash });
    }
    return wellReport(versions.map((each) => `${each.hash}  ${each.folder}`).join('\n'), { versions });
  });
}

/** One that comes with the software goes by its name, as in `anshin init`; any other by its path. */
async function foldersOf(folder: string | undefined): Promise<readonly string[]> {
  const entries = await readdir(agreementsFolder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (folder === undefined) return names.toSorted().map((name) => join(agreementsFolder, name));
  return [names.includes(folder) ? join(agreementsFolder, folder) : folder];
}

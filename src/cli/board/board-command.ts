import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { factsOfRunning, factsOfStore } from '#cli/board/board-source.ts';
import { readCatalogue } from '#cli/board/catalogue.ts';
import { writeBoard } from '#cli/board/write-board.ts';
import { type ClientOptions, clientOf, withClient } from '#cli/officer/client-options.ts';
import { commandOf, doing, familyOf } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { UsageFault, wellReport } from '#cli/terminal/report.ts';
import { type Language, languages } from '#ledger/measure.ts';

interface BoardOptions extends DirectoryOption, ClientOptions {
  readonly to: string;
  readonly language: string;
  readonly side?: string;
}

export function boardCommand(): Command {
  const command = commandOf({
    name: 'board',
    summary:
      'Write the board of measures as one page, by the records that a centre holds: of a running one (--url, --token-file), or of a stopped one (--dir).',
    examples: ['board --dir ./centre --to board.html', 'board --token-file lin.token --to board.html --language zh --side CN'],
  })
    .option('--to <file>', 'the page', 'board.html')
    .option('--language <code>', 'the language shown first: en, zh or ja', 'en')
    .option('--side <centre>', 'the reader’s own side, which stands left: CN or US');
  return doing<BoardOptions>(withClient(withDirectory(command)), 'writing the board', async (options) => {
    const { to, side } = options;
    const language = languages.find((each) => each === options.language);
    if (language === undefined) throw new UsageFault(`--language is one of ${languages.join(', ')}`);
    if (side !== undefined && side !== 'CN' && side !== 'US') throw new UsageFault('--side is CN or US');
    const asksRunning = options.url !== undefined || options.tokenFile !== undefined;
    const facts = asksRunning
      ? await factsOfRunning(await clientOf(options), Date.now())
      : await factsOfStore(directoryOf(options), Date.now());
    const board = await writeBoard(to, facts, { language: language satisfies Language, ownSide: side ?? null });
    const moved = board.entries.filter(({ actual, exercise }) => actual.kind === 'on-record' || exercise.kind === 'on-record');
    const address = pathToFileURL(resolve(to)).href;
    const text = `${address}\n${moved.length} of ${board.entries.length} measures have something on record${board.exerciseShown ? ', by an EXERCISE' : ''}.`;
    return wellReport(text, {
      file: to,
      address,
      measures: board.entries.length,
      onRecord: moved.map(({ measure }) => measure.id),
    });
  });
}

export function catalogueCommand(): Command {
  const command = commandOf({
    name: 'check [folder]',
    summary: 'Check the catalogue of measures and the glossary: form, texts in each language, sources, links to formats.',
    examples: ['catalogue check', 'catalogue check ./my-checkout'],
  });
  const check = doing(command, 'checking the catalogue', async (_options, [folder]) => {
    const reading = await readCatalogue(folder);
    if (reading.ok) {
      const { measures } = reading.catalogue;
      return wellReport(`WELL: ${measures.length} measures.`, { measures: measures.length, problems: [] });
    }
    const lines = reading.problems.map(({ file, id, field, reason }) => `${file}  ${id} ${field}: ${reason}`);
    return {
      text: [`WRONG: ${lines.length} problem(s)`, ...lines].join('\n'),
      json: { problems: reading.problems },
      isWell: false,
    };
  });
  return familyOf('catalogue', 'The catalogue of measures.', [check]);
}

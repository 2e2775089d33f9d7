import { join, resolve } from 'node:path';
import { agreementsFolder, loadInstruments } from '#centre/instruments.ts';
import { factsOfRunning } from '#cli/board/board-source.ts';
import { writeBoard } from '#cli/board/write-board.ts';
import { type CastCentre, castCentres, type Ports } from '#cli/demo/cast.ts';
import { exportAll } from '#cli/demo/exports.ts';
import { type ExportedPlace, exportInclusions } from '#cli/demo/inclusions.ts';
import { Play, type Played } from '#cli/demo/play.ts';
import { portNear } from '#cli/demo/ports.ts';
import { type Proving, proveAll } from '#cli/demo/proving.ts';
import { readScenario, type Scenario, scenarioFolder } from '#cli/demo/scenario.ts';
import { StageCentre, waitFor, waitForQuiet } from '#cli/demo/stage.ts';
import type { Teller } from '#cli/demo/teller.ts';
import { taken } from '#cli/terminal/report.ts';

export interface PerformOptions {
  readonly folder: string;
  readonly teller: Teller;
  readonly ports: 'usual' | 'free';
}

/** A play that was performed: its centres run until `stop`, its files stay. */
export interface Performed {
  readonly folder: string;
  readonly scenario: Scenario;
  readonly cast: readonly CastCentre[];
  readonly centres: readonly StageCentre[];
  readonly played: Played;
  readonly exported: readonly ExportedPlace[];
  readonly keyFiles: readonly string[];
  readonly board: string;
  readonly proved: Proving | undefined;
  /** The files of the first notification, and of the receipt that answers it. */
  readonly shown: { readonly record: ExportedPlace; readonly receipt: ExportedPlace };
  prove(): Promise<Proving>;
  stop(): Promise<void>;
}

/** Sets the stage, plays the scenario, exports every record and writes the board. */
export async function perform({ folder: given, teller, ports }: PerformOptions): Promise<Performed> {
  const folder = resolve(given);
  const scenario = await readScenario(scenarioFolder);
  teller.banner(scenario.exercise);
  prologue(scenario, teller);
  const cast = await castCentres(folder, scenario, await portsFor(ports));
  const keyFiles = cast.map(({ centre }) => join(folder, 'keys', `${centre}.keys.note`));
  const centres: StageCentre[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(centres.map((centre) => centre.process.stop()));
  };
  try {
    for (const each of cast) centres.push(await StageCentre.enter(each));
    await tellCentres(centres, teller);
    const [hash = ''] = taken(await loadInstruments(agreementsFolder, [scenario.agreement])).keys();
    const played = await new Play({ scenario, centres, agreementHash: hash, teller, folder, keyFiles }).run();
    await waitForQuiet(centres);
    const exported = await exportInclusions(await exportAll(folder, centres));
    const board = await boardOf(folder, centres);
    const shown = shownOf(exported, played);
    return new Performance({ folder, scenario, cast, centres, played, exported, keyFiles, board, shown }, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

type PerformedParts = Omit<Performed, 'prove' | 'stop' | 'proved'>;

class Performance implements Performed {
  readonly folder: string;
  readonly scenario: Scenario;
  readonly cast: readonly CastCentre[];
  readonly centres: readonly StageCentre[];
  readonly played: Played;
  readonly exported: readonly ExportedPlace[];
  readonly keyFiles: readonly string[];
  readonly board: string;
  readonly shown: Performed['shown'];
  readonly stop: () => Promise<void>;
  proved: Proving | undefined;

  constructor(parts: PerformedParts, stop: () => Promise<void>) {
    this.folder = parts.folder;
    this.scenario = parts.scenario;
    this.cast = parts.cast;
    this.centres = parts.centres;
    this.played = parts.played;
    this.exported = parts.exported;
    this.keyFiles = parts.keyFiles;
    this.board = parts.board;
    this.shown = parts.shown;
    this.stop = stop;
  }

  /** Needs the stores, so the centres have been stopped. */
  async prove(): Promise<Proving> {
    const { exported, shown, keyFiles, cast } = this;
    this.proved = await proveAll({ exported, shown, keyFiles, cast });
    return this.proved;
  }
}

function prologue(scenario: Scenario, teller: Teller): void {
  teller.paragraph(
    'Two centres on this machine, each with a store and keys of its own, play two real missile tests of 2024 as an exercise. ' +
      'Nothing here is a statement by any government. Times on the left are the scenario’s.',
  );
  teller.print('');
  teller.paragraph(`From the sources: ${scenario.given.join('; ')}.`);
  teller.paragraph(`Invented for the exercise, and marked in each record: ${scenario.invented.join('; ')}.`);
}

async function tellCentres(centres: readonly StageCentre[], teller: Teller): Promise<void> {
  teller.heading('Two centres start');
  for (const centre of centres) {
    await waitFor(`the line of ${centre.name}`, async () => ((await centre.link()).line === 'open' ? true : undefined));
    const { http, link, fingerprint } = centre.cast;
    await teller.line(null, centre.name, `process ${centre.process.pid}, officers ${http}, link ${link}`);
    await teller.line(null, '', `keys ${fingerprint}`);
  }
  teller.heading('Both sides adopt the agreement');
}

async function portsFor(which: PerformOptions['ports']): Promise<Ports> {
  const wanted = which === 'usual' ? [7401, 7402, 7411, 7412] : [0, 0, 0, 0];
  const found: number[] = [];
  for (const port of wanted) found.push(await portNear(port));
  const [first = 0, second = 0, third = 0, fourth = 0] = found;
  return { link: [first, second], http: [third, fourth] };
}

/** The board by the records that a centre holds; each centre's must come out the same. */
async function boardOf(folder: string, centres: readonly StageCentre[]): Promise<string> {
  const path = join(folder, 'board.html');
  const standings: string[] = [];
  for (const centre of centres) {
    const facts = await factsOfRunning(centre.as('watch'), Date.now());
    const { entries } = await writeBoard(path, facts, { language: 'en', ownSide: null });
    standings.push(JSON.stringify(entries.map(({ exercise }) => (exercise.kind === 'on-record' ? exercise.sides : null))));
  }
  if (new Set(standings).size > 1) throw new Error('the two centres come to different boards');
  return path;
}

function shownOf(exported: readonly ExportedPlace[], { shown }: Played): Performed['shown'] {
  const find = (of: { readonly centre: string; readonly index: number }) =>
    exported.find(({ centre, index }) => centre === of.centre && index === of.index);
  const [record, receipt] = [find(shown), find(shown.receipt)];
  if (record === undefined || receipt === undefined) throw new Error('the first notification was not exported');
  return { record, receipt };
}

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instrument } from '#agreement/instrument.ts';
import { agreementsFolder, loadInstruments } from '#centre/instruments.ts';
import { readInput } from '#cli/terminal/input.ts';
import { taken, UsageFault } from '#cli/terminal/report.ts';
import { type CatalogueReading, parseCatalogue } from '#ledger/check-catalogue.ts';
import type { FormatName } from '#ledger/linked-format.ts';
import { coreAgreement, coreFormats } from '#record/core-formats.ts';

const root = join(import.meta.dirname, '../../..');
const folders = ['catalogue', 'glossary'] as const;

/** Reads catalogue and glossary as they ship, or below another folder, against the formats of every agreement that ships. */
export async function readCatalogue(below: string = root): Promise<CatalogueReading> {
  const formats = formatsOf(await shippedInstruments());
  const files = new Map<string, unknown>();
  for (const folder of folders) {
    for (const name of await jsonFilesIn(join(below, folder))) {
      files.set(`${folder}/${name}`, jsonOf(name, await readInput(join(below, folder, name))));
    }
  }
  return parseCatalogue(files, formats);
}

async function jsonFilesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => {
    throw new UsageFault(`there is no folder ${folder}: name the folder that holds catalogue and glossary`);
  });
  return names.filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json')).toSorted();
}

/** Every agreement that comes with the software, by hash. */
export async function shippedInstruments(): Promise<ReadonlyMap<string, Instrument>> {
  const names = (await readdir(agreementsFolder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  return taken(await loadInstruments(agreementsFolder, names.map(({ name }) => name).toSorted()));
}

function formatsOf(instruments: ReadonlyMap<string, Instrument>): readonly FormatName[] {
  const core = Object.keys(coreFormats).map((format) => ({ agreement: coreAgreement, format }));
  const own = [...instruments.values()].flatMap(({ shortName, formats }) =>
    [...formats.keys()].map((format) => ({ agreement: shortName, format })),
  );
  return [...core, ...own];
}

function jsonOf(name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    throw new UsageFault(`${name} is not JSON`);
  }
}

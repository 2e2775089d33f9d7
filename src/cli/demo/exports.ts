import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageCentre } from '#cli/demo/stage.ts';

/** A record as it was exported: two files that prove it to anyone who has the key lists. */
export interface Exported {
  readonly centre: string;
  readonly index: number;
  readonly record: string;
  readonly proof: string;
}

interface Page {
  readonly records: readonly {
    readonly index: number;
    readonly basis: { readonly agreement: string; readonly format: string } | null;
  }[];
  readonly next: number | null;
}

/** Every record of every log with its proof, each given out by the centre that said it, below `records/`. */
export async function exportAll(folder: string, centres: readonly StageCentre[]): Promise<readonly Exported[]> {
  const exported: Exported[] = [];
  for (const centre of centres) {
    const place = join(folder, 'records', centre.name);
    await mkdir(place, { recursive: true });
    for (let from: number | null = 0; from !== null; ) {
      const page: Page = await centre.as('releaser').get<Page>(`/v1/records?log=own&from=${from}&limit=200`);
      for (const { index, basis } of page.records) {
        const name = `${String(index).padStart(6, '0')}-${basis?.agreement ?? 'UNREAD'}-${basis?.format ?? 'LEAF'}`;
        exported.push(await exportOne(centre, { index, path: join(place, name) }));
      }
      from = page.next;
    }
  }
  return exported;
}

async function exportOne(
  centre: StageCentre,
  { index, path }: { readonly index: number; readonly path: string },
): Promise<Exported> {
  const officer = centre.as('releaser');
  const [record, proof] = [`${path}.json`, `${path}.tlog-proof`];
  await writeFile(record, await officer.bytes(`/v1/records/own/${index}/bytes`));
  await writeFile(proof, await officer.bytes(`/v1/records/own/${index}/proof`));
  return { centre: centre.name, index, record, proof };
}

import { join } from 'node:path';
import type { Command } from 'commander';
import { bytesOfText } from '#base/bytes.ts';
import { refuse } from '#base/refusal.ts';
import { writeDurably } from '#centre/store/durable-file.ts';
import { type ClientOptions, clientOf, withClient } from '#cli/officer/client-options.ts';
import { indexOf, logOf } from '#cli/officer/reading.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { taken, wellReport } from '#cli/terminal/report.ts';

interface ExportOptions extends ClientOptions {
  readonly to: string;
  readonly inclusionSize?: string;
}

export function exportCommand(): Command {
  const command = commandOf({
    name: 'export <log> <index>',
    summary:
      'Write a record and its .tlog-proof, for anyone who has the key lists. What is for the parties alone needs a releaser.',
    examples: ['export own 2 --to ./proofs --token-file ana.token'],
  })
    .option('--to <folder>', 'an existing folder', '.')
    .option('--inclusion-size <n>', 'also where the record stands in the tree of so many leaves that its receipt names');
  return doing<ExportOptions>(withClient(command), 'exporting a record', async (options, [log = '', index = '']) => {
    const client = await clientOf(options);
    const path = `/v1/records/${logOf(log)}/${indexOf(index)}`;
    const proof = await client.bytes(`${path}/proof`);
    const record = await client.bytes(`${path}/bytes`);
    const name = join(options.to, `${log}-${index}`);
    const files = { record: `${name}.json`, proof: `${name}.tlog-proof` };
    await writeNew(files.record, record);
    await writeNew(files.proof, proof);
    const place = await writeInclusion(client, { path, name, size: options.inclusionSize });
    const next = `anshin verify --record ${files.record} --proof ${files.proof} --keys OURS --keys THEIRS`;
    const written = [files.record, files.proof, ...(place === null ? [] : [place])];
    return wellReport(`${written.join('\n')}\nNext: ${next}`, { ...files, inclusion: place });
  });
}

export function evidenceCommand(): Command {
  const command = commandOf({
    name: 'evidence',
    summary:
      'Write out what is kept of two histories signed by the other side: evidence for anyone who has its key list, and urgent records of the history that is not followed.',
    examples: ['evidence --to ./evidence --token-file lin.token'],
  }).option('--to <folder>', 'an existing folder', '.');
  return doing<ExportOptions>(withClient(command), 'writing evidence', async (options) => {
    const kept = await (await clientOf(options)).get<EvidenceAnswer>('/v1/evidence');
    const files: string[] = [];
    for (const [name, extension, pieces] of [
      ['evidence', 'fork', kept.forks],
      ['apart', 'json', kept.apart],
    ] as const) {
      for (const [position, { text }] of pieces.entries()) {
        const file = join(options.to, `${name}-${position + 1}.${extension}`);
        await writeNew(file, bytesOfText(text));
        files.push(file);
      }
    }
    const next = kept.forks.length === 0 ? [] : [`Next: anshin verify --fork ${files[0]} --keys THEIRS`];
    return wellReport([...files, ...next].join('\n') || 'No evidence of two histories is kept here.', { files });
  });
}

/** What is kept of two histories: evidence that convicts, and urgent records of the history that is not followed. */
export interface EvidenceAnswer {
  readonly forks: readonly { readonly keptAt: string; readonly text: string }[];
  readonly apart: readonly { readonly keptAt: string; readonly text: string }[];
}

/** What shows that a receipt under an older root is for this record: for `anshin verify --receipt-inclusion`. */
async function writeInclusion(
  client: Awaited<ReturnType<typeof clientOf>>,
  { path, name, size }: { readonly path: string; readonly name: string; readonly size: string | undefined },
): Promise<string | null> {
  if (size === undefined) return null;
  await writeNew(`${name}.inclusion`, await client.bytes(`${path}/inclusion?size=${indexOf(size)}`));
  return `${name}.inclusion`;
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  if (await writeDurably(path, bytes, { mode: 0o644, how: 'create' })) return;
  taken(refuse('store.exists', `${path} exists already and is not overwritten`));
}

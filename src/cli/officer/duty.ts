import type { Command } from 'commander';
import { type ClientOptions, clientOf, withClient } from '#cli/officer/client-options.ts';
import { indexOf, logOf } from '#cli/officer/reading.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { wellReport } from '#cli/terminal/report.ts';

interface AcknowledgeOptions extends ClientOptions {
  readonly rung: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly key?: string;
}

export function acknowledgeCommand(): Command {
  const command = commandOf({
    name: 'acknowledge <log> <index>',
    summary: 'Say of a record of the other side that a person has it (A1), or what became of it (A2 to A4).',
    examples: [
      'acknowledge theirs 3 --token-file watch.token',
      'acknowledge theirs 3 --rung A2 --outcome rejected --reason "/window is in the past" --token-file watch.token',
    ],
  })
    .option('--rung <rung>', 'A1 a person has it; A2 format accepted or rejected; A3 passed on; A4 answered', 'A1')
    .option('--outcome <outcome>', 'received, accepted, rejected, passed, replied, declined, no-reply-intended', 'received')
    .option('--reason <text>', 'why, where it is rejected')
    .option('--key <key>', 'a name for this request: repeated under it, the same record comes back');
  return doing<AcknowledgeOptions>(withClient(command), 'acknowledging', async (options, [log = '', index = '']) => {
    const { rung, outcome, reason, key } = options;
    const body = { rung, outcome, ...(reason === undefined ? {} : { reason }) };
    interface Said {
      readonly filed: { readonly index: number; readonly record: { readonly number: string } };
    }
    const path = `/v1/records/${logOf(log)}/${indexOf(index)}/acknowledge`;
    const { filed } = await (await clientOf(options)).postOnce<Said>(path, body, key);
    return wellReport(`Said ${rung} (${outcome}): ${filed.record.number}, leaf ${filed.index} of our log.`, { filed });
  });
}

export function clockCommand(): Command {
  const command = commandOf({
    name: 'clock <time>',
    summary: 'Set the scenario clock of an exercise forward. Set it alike on both sides.',
    examples: ['clock 2024-09-23T21:06:00.000Z --token-file supervisor.token'],
  });
  return doing<ClientOptions>(withClient(command), 'setting the scenario clock', async (options, [at = '']) => {
    const set = await (await clientOf(options)).post<{ readonly at: string }>('/v1/exercise/clock', { at });
    return wellReport(`EXERCISE: the scenario clock stands at ${set.at}.`, set);
  });
}

interface ConfirmOptions extends ClientOptions {
  readonly reason: string;
}

export function confirmStoreCommand(): Command {
  const command = commandOf({
    name: 'confirm-store',
    summary:
      'When the other side is silent at a start: a supervisor’s word, on the record, that this store is the newest. Then the line opens.',
    examples: ['confirm-store --reason "cut off since the storm; this machine was never restored" --token-file supervisor.token'],
  }).requiredOption('--reason <text>', 'how you know');
  return doing<ConfirmOptions>(withClient(command), 'confirming the store', async (options) => {
    const answer = await (await clientOf(options)).post<{ readonly line: string }>('/v1/store/confirm', {
      reason: options.reason,
    });
    return wellReport(`Confirmed and logged; the line is ${answer.line}.`, answer);
  });
}

import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { CentreClient } from '#cli/officer/centre-client.ts';
import { type ClientOptions, clientOf, withClient } from '#cli/officer/client-options.ts';
import { eventsOf, type ServerEvent } from '#cli/officer/event-reader.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { say, UsageFault, wellReport } from '#cli/terminal/report.ts';

interface WatchOptions extends ClientOptions {
  readonly json?: true;
}

const againAfterMs = 2_000;

export function watchCommand(): Command {
  const command = commandOf({
    name: 'watch',
    summary: 'Follow everything that changes at a running centre, until it is interrupted; lost connections are taken up again.',
    examples: ['watch --token-file watch.token', 'watch --json --token-file watch.token'],
  });
  return doing<WatchOptions>(withClient(command), 'watching', async (options) => {
    const client = await clientOf(options);
    const interrupt = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
    await follow(client, interrupt.signal, options.json === true);
    return wellReport('', undefined);
  });
}

async function follow(client: CentreClient, signal: AbortSignal, isJson: boolean): Promise<void> {
  let lastId: string | undefined;
  for (let connected = false; !signal.aborted; ) {
    try {
      for await (const event of eventsOf(await client.events(signal, lastId))) {
        connected = true;
        lastId = event.id ?? lastId;
        process.stdout.write(`${isJson ? JSON.stringify(event) : eventText(event)}\n`);
      }
    } catch (error) {
      // What was never reached is told at once; what was lost is tried again.
      if (signal.aborted) return;
      if (!connected || !(error instanceof UsageFault || error instanceof TypeError)) throw error;
    }
    if (signal.aborted) return;
    say('the connection was lost; trying again');
    await pause(againAfterMs, undefined, { signal }).catch(() => undefined);
  }
}

function eventText({ kind, data }: ServerEvent): string {
  return `${kind.padEnd(10)} ${JSON.stringify(data)}`;
}

import type { ServerResponse } from 'node:http';
import { eventWaitingBytesMax } from '#base/limits.ts';
import type { EventFeed, FeedEvent } from '#centre/http/event-feed.ts';

/** What a stream needs of the house: the time to tell, and whether its reader may still read. */
export interface StreamHouse {
  readonly feed: EventFeed;
  readonly heartbeatMs: number;
  readonly times: () => unknown;
  readonly mayRead: () => Promise<boolean>;
}

/**
 * Sends events to one reader until either side ends it (server-sent events, WHATWG HTML 9.2). A reader who comes back with an id
 * gets what it missed, or `reload` where that is not known any more. Returns the function that ends the stream.
 */
export function streamEvents(response: ServerResponse, house: StreamHouse, lastId: string | undefined): () => void {
  const missed = lastId === undefined ? [] : house.feed.after(lastId);
  response.write('retry: 2000\n\n');
  if (missed === undefined) send(response, { id: house.feed.newest(), kind: 'reload', data: {} });
  else if (lastId === undefined) send(response, { id: house.feed.newest(), kind: 'ready', data: house.times() });
  for (const event of missed ?? []) send(response, event);
  const stopReading = house.feed.read((event) => send(response, event));
  const heartbeat = setInterval(() => {
    void beat(response, house);
  }, house.heartbeatMs);
  const end = (): void => {
    clearInterval(heartbeat);
    stopReading();
    response.end();
  };
  response.on('close', end);
  response.on('error', end);
  return end;
}

/** Tells the time, by which deadlines pass without any record; a token that was withdrawn ends the stream here. */
async function beat(response: ServerResponse, house: StreamHouse): Promise<void> {
  const mayRead = await house.mayRead().catch(() => false);
  if (mayRead) response.write(`event: time\ndata: ${JSON.stringify(house.times())}\n\n`);
  else response.end();
}

/** A reader that does not keep up is let go; it comes back with its last id. */
function send(response: ServerResponse, { id, kind, data }: FeedEvent): void {
  if (response.writableEnded || response.destroyed) return;
  response.write(`id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
  if (response.writableLength > eventWaitingBytesMax) response.destroy();
}

import { textOfTime } from '#base/time.ts';
import type { Identity, News } from '#centre/desk.ts';
import { logNameOf } from '#centre/people/log-name.ts';

/** What readers of events are told of a piece of news: which thing changed, to be read again, never the thing itself. */
export function eventOfNews(identity: Identity, news: News): unknown {
  switch (news.kind) {
    case 'record':
      return { log: logNameOf(identity, news.origin), index: news.index, urgent: news.urgent };
    case 'cosigned':
      return { log: logNameOf(identity, news.origin), size: news.size };
    case 'link':
      return { lane: news.lane, connected: news.connected };
    case 'line':
      return { line: news.line };
    case 'alarm':
      return { refusal: news.refusal };
    case 'scenario':
      return { at: textOfTime(news.timeMs) };
    case 'draft':
      return { id: Number(news.id) };
  }
}

import { textOfTime } from '#base/time.ts';
import type { News } from '#centre/desk.ts';

/** A piece of news in one line. */
export function newsText(news: News): string {
  switch (news.kind) {
    case 'record':
      return `record ${news.index} of ${news.origin}${news.urgent ? ' (urgent)' : ''}`;
    case 'cosigned':
      return `the other side cosigned our log up to ${news.size}`;
    case 'link':
      return `${news.lane === 'next' ? 'line' : 'urgent line'} ${news.connected ? 'connected' : 'lost'}`;
    case 'line':
      return lineText(news.line);
    case 'alarm':
      return `ALARM ${news.refusal.detail} (${news.refusal.code}, spec/ ${news.refusal.clause})`;
    case 'scenario':
      return `scenario time ${textOfTime(news.timeMs)}`;
    case 'draft':
      return `draft ${news.id} changed`;
  }
}

function lineText(line: Extract<News, { readonly kind: 'line' }>['line']): string {
  switch (line) {
    case 'opening':
      return 'the other side is being asked how far it holds our log';
    case 'confirm':
      return 'the other side does not answer: a supervisor may confirm that this store is the newest (anshin confirm-store)';
    case 'open':
      return 'the line is open: records can be filed';
  }
}

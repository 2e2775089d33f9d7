/** One server-sent event. */
export interface ServerEvent {
  readonly id: string | undefined;
  readonly kind: string;
  readonly data: unknown;
}

const eventBytesMax = 1_048_576;

/** Reads server-sent events (WHATWG HTML 9.2) as centres send them: one `data` line each, in JSON. */
export async function* eventsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > eventBytesMax) throw new Error('an event is longer than any that a centre sends');
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const event = eventOf(text.slice(0, end).split('\n'));
      text = text.slice(end + 2);
      if (event !== undefined) yield event;
    }
  }
}

function eventOf(lines: readonly string[]): ServerEvent | undefined {
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const [kind, data] = [field('event'), field('data')];
  return kind === undefined || data === undefined ? undefined : { id: field('id'), kind, data: JSON.parse(data) as unknown };
}

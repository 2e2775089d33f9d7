import { eventBacklogMax } from '#base/limits.ts';

/** One thing that changed, as readers of events get it. */
export interface FeedEvent {
  readonly id: string;
  readonly kind: string;
  readonly data: unknown;
}

/**
 * What changed lately, for readers who come back after an interruption. Owner of the backlog and of its readers. An id names the
 * run of the server and the event's number in it, so that an id of an earlier run is known to be old.
 */
export class EventFeed {
  readonly #run: string;
  readonly #readers = new Set<(event: FeedEvent) => void>();
  readonly #backlog: FeedEvent[] = [];
  #number = 0;

  constructor(run: string) {
    this.#run = run;
  }

  publish(kind: string, data: unknown): void {
    this.#number += 1;
    const event = { id: this.#idOf(this.#number), kind, data };
    this.#backlog.push(event);
    // Cut in halves, so that each event is moved at most once.
    if (this.#backlog.length > 2 * eventBacklogMax) this.#backlog.splice(0, eventBacklogMax);
    for (const reader of this.#readers) reader(event);
  }

  /** The id of the newest event, for a reader who begins here. */
  newest(): string {
    return this.#idOf(this.#number);
  }

  /** What came after an event; undefined if that cannot be told any more, so that the reader must read everything again. */
  after(id: string): readonly FeedEvent[] | undefined {
    const number = /^(.+)\.(0|[1-9]\d{0,14})$/.exec(id);
    const from = number?.[1] === this.#run ? Number(number[2]) : -1;
    const oldest = this.#number - this.#backlog.length;
    return from < oldest || from > this.#number ? undefined : this.#backlog.slice(from - oldest);
  }

  /** Hears each event from now on; the returned function stops it. */
  read(reader: (event: FeedEvent) => void): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  get readers(): number {
    return this.#readers.size;
  }

  #idOf(number: number): string {
    return `${this.#run}.${number}`;
  }
}

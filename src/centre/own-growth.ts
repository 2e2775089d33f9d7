import type { Result } from '#base/refusal.ts';
import type { Appended, Appender } from '#centre/append.ts';
import type { AppendWork } from '#centre/append-group.ts';
import type { ReadLeaf } from '#exchange/acceptance.ts';
import type { Precedence } from '#record/envelope-schema.ts';

/** Whether a leaf goes by the urgent lane: FLASH and IMMEDIATE do, and the receipts that answer them at their precedence. */
export function isUrgent({ parsed }: ReadLeaf): boolean {
  return parsed.ok && isUrgentPrecedence(parsed.value.record.precedence.action);
}

export function isFlash({ parsed }: ReadLeaf): boolean {
  return parsed.ok && parsed.value.record.precedence.action === 'Z';
}

export function isUrgentPrecedence(precedence: Precedence): boolean {
  return precedence === 'Z' || precedence === 'O';
}

/**
 * Appends to our log and hands on what was appended in the order of the log, whatever the order in which the callers wake.
 * Owner of what waits for those before it.
 */
export class OwnGrowth {
  readonly #appender: Appender;
  readonly #entered: (index: number, record: Uint8Array) => void;
  readonly #waiting = new Map<number, readonly Uint8Array[]>();
  #next: number;

  constructor(appender: Appender, next: number, entered: (index: number, record: Uint8Array) => void) {
    this.#appender = appender;
    this.#next = next;
    this.#entered = entered;
  }

  async append(work: AppendWork): Promise<Result<Appended>> {
    let written: readonly Uint8Array[] = [];
    const appended = await this.#appender.append({
      ...work,
      build: (place) => {
        const built = work.build(place);
        if (built.ok) written = built.value.records;
        return built;
      },
    });
    if (appended.ok && written.length > 0) this.#enter(appended.value.index, written);
    return appended;
  }

  #enter(index: number, records: readonly Uint8Array[]): void {
    this.#waiting.set(index, records);
    for (;;) {
      const next = this.#waiting.get(this.#next);
      if (next === undefined) return;
      this.#waiting.delete(this.#next);
      for (const record of next) {
        this.#entered(this.#next, record);
        this.#next += 1;
      }
    }
  }
}

import { bytesOfText } from '#base/bytes.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { type TimeMs, textOfTime, timeOfText } from '#base/time.ts';
import type { Store } from '#centre/store/store.ts';

const collection = 'scenario';
const key = 'now';

/**
 * The scenario clock of an exercise. Until it is set it runs as the real one; after that it stands still and moves when the
 * exercise's director moves it, so that both centres count margins from the same minute.
 */
export class ScenarioClock {
  readonly #store: Store;
  readonly #failed: (error: unknown) => void;
  #timeMs: TimeMs | undefined;

  private constructor(store: Store, failed: (error: unknown) => void, timeMs: TimeMs | undefined) {
    this.#store = store;
    this.#failed = failed;
    this.#timeMs = timeMs;
  }

  /** `failed` hears that a setting could not be kept; it holds until the next start all the same. */
  static async open(store: Store, failed: (error: unknown) => void): Promise<ScenarioClock> {
    const kept = await store.document(collection, key);
    const timeMs = kept === undefined ? undefined : timeOfText(new TextDecoder().decode(kept));
    return new ScenarioClock(store, failed, timeMs?.ok === true ? timeMs.value : undefined);
  }

  at(nowMs: TimeMs): TimeMs {
    return this.#timeMs ?? nowMs;
  }

  set(timeMs: TimeMs): Result<TimeMs> {
    if (this.#timeMs !== undefined && timeMs < this.#timeMs) {
      return refuse('request.form', `the scenario clock stands at ${textOfTime(this.#timeMs)} and does not go back`);
    }
    this.#timeMs = timeMs;
    const documents = [{ collection, key, value: bytesOfText(textOfTime(timeMs)) }];
    this.#store.commit({ leaves: [], tiles: [], documents }).catch(this.#failed);
    return accept(timeMs);
  }
}

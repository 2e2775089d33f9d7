/** Values read lately, within a bound of what they took as text; the one used longest ago goes first. */
export class RecentValues {
  readonly #unitsMax: number;
  readonly #values = new Map<string, { readonly value: unknown; readonly units: number }>();
  #units = 0;

  constructor(unitsMax: number) {
    this.#unitsMax = unitsMax;
  }

  get(key: string): unknown {
    const found = this.#values.get(key);
    if (found === undefined) return undefined;
    // A map gives its keys in the order of insertion.
    this.#values.delete(key);
    this.#values.set(key, found);
    return found.value;
  }

  set(key: string, value: unknown, units: number): void {
    this.delete(key);
    this.#values.set(key, { value, units });
    this.#units += units;
    if (this.#units > this.#unitsMax) this.#cut();
  }

  #cut(): void {
    for (const oldest of this.#values.keys()) {
      if (this.#units <= this.#unitsMax) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const found = this.#values.get(key);
    if (found === undefined) return;
    this.#values.delete(key);
    this.#units -= found.units;
  }
}

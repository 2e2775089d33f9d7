const stepMs = 200;

/** A line on the error stream that says how far a long work is; shown on a terminal alone, and gone at the end. */
export class Progress {
  #shownAtMs = 0;

  /** Shows a text in the place of the one before, a few times a second at most. */
  show(text: string): void {
    const nowMs = performance.now();
    if (!process.stderr.isTTY || nowMs - this.#shownAtMs < stepMs) return;
    this.#shownAtMs = nowMs;
    process.stderr.write(`\r${text}\u001b[K`);
  }

  end(): void {
    if (this.#shownAtMs > 0) process.stderr.write('\r\u001b[K');
  }
}

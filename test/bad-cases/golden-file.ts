import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../golden/bad-cases');

/** A case as it reads in its golden file: headings and what was seen under each. */
export class CaseFile {
  readonly #name: string;
  readonly #parts: string[];

  constructor(name: string, title: string) {
    this.#name = name;
    this.#parts = [title];
  }

  add(heading: string, text: string): void {
    this.#parts.push(`──── ${heading} ────\n\n${text.trimEnd()}`);
  }

  /** Compares with the golden file; `ANSHIN_GOLDEN=write` writes it anew, to be reviewed in the diff. */
  compare(masked: (text: string) => string): void {
    const path = join(folder, `${this.#name}.txt`);
    const text = `${masked(this.#parts.join('\n\n'))}\n`;
    if (process.env['ANSHIN_GOLDEN'] === 'write') writeFileSync(path, text);
    assert.ok(existsSync(path), `${path} is missing: run with ANSHIN_GOLDEN=write and review it`);
    assert.equal(text, readFileSync(path, 'utf8'));
  }
}

/**
 * Takes out what chance makes, and nothing else: each hash, group of digits and folder becomes a name by the order in which it first
 * appears, so that one that comes twice can still be seen to be the same.
 */
export function maskOf(folderOfCase: string): (text: string) => string {
  return (text) => {
    const names = new Map<string, string>();
    const named = (kind: string, found: string): string => {
      const name =
        names.get(found) ?? `⟨${kind} ${[...names.values()].filter((each) => each.startsWith(`⟨${kind} `)).length + 1}⟩`;
      names.set(found, name);
      return name;
    };
    return text
      .replaceAll(folderOfCase, '.')
      .replaceAll(/\b\d{5}(?: \d{5}){7}\b/g, (digits) => named('groups of digits', digits))
      .replaceAll(/\b[0-9a-f]{64}\b/g, (hash) => named('hash', hash.slice(0, 16)))
      .replaceAll(/\b[0-9a-f]{16}(?=…)/g, (hash) => named('hash', hash))
      .replaceAll(/\b[0-9a-f]{4}(?: [0-9a-f]{4}){3}(?=…)/g, (hash) => named('hash', hash.replaceAll(' ', '')))
      .replaceAll(/\+[0-9a-f]{8}\b/g, '+⟨key id⟩')
      .replaceAll(/[ \t]+$/gm, '');
  };
}

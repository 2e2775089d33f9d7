import { base64Of, bytesOfBase64, equalBytes } from '#base/bytes.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { isKeyName } from '#log/note.ts';
import { emptyRoot, hashBytes } from '#log/tree.ts';

// C2SP tlog-checkpoint v1.0.0, narrowed: no extension lines, and an origin that can be a key name.

/** A log's whole content in three facts. Nothing in it is verified. */
export interface Checkpoint {
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  readonly root: Uint8Array;
}

/** Writes the text that is signed: origin, size and root, a line each. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${base64Of(root)}\n`;
}

/** Reads the text of a checkpoint. Hostile input: only what `checkpointText` gives back is accepted. */
export function parseCheckpointText(text: string): Result<Checkpoint> {
  const [origin = '', sizeLine = '', rootLine = '', ...rest] = text.split('\n');
  if (rest.length !== 1 || rest[0] !== '')
    return refuse('checkpoint.form', 'a checkpoint has three lines and no extension lines');
  if (!isKeyName(origin)) return refuse('checkpoint.origin', 'the origin is empty or cannot be a key name');
  const size = countOfText(sizeLine);
  if (size === undefined) return refuse('checkpoint.size', 'the size is not a decimal of at most 2^53 - 1 without leading zeros');
  const root = bytesOfBase64(rootLine);
  if (!root.ok) return root;
  if (root.value.length !== hashBytes) return refuse('checkpoint.form', 'the root has not 32 bytes');
  if (size === 0 && !equalBytes(root.value, emptyRoot)) return refuse('checkpoint.form', 'the root is not that of an empty tree');
  return accept({ origin, size, root: root.value });
}

/** Reads a count as these formats write it: decimal, no sign, no leading zero, a safe integer. */
export function countOfText(text: string): number | undefined {
  const count = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(count) ? count : undefined;
}

/** What an origin names: `cn.anshin.example/us-cn/exercise`. */
export interface OriginParts {
  readonly host: string;
  readonly circle: string;
  readonly status: LogStatus;
}

export type LogStatus = 'actual' | 'exercise' | 'test';

export function originOf({ host, circle, status }: OriginParts): string {
  return `${host}/${circle}/${status}`;
}

export function parseOrigin(origin: string): Result<OriginParts> {
  const parts = /^([a-z0-9][a-z0-9.-]{0,99})\/([a-z0-9][a-z0-9-]{0,39})\/(actual|exercise|test)$/.exec(origin);
  const [, host, circle, status] = parts ?? [];
  if (host === undefined || circle === undefined || status === undefined) {
    return refuse('checkpoint.origin', 'the origin is not of the form host/circle/status');
  }
  return accept({ host, circle, status: status as LogStatus });
}

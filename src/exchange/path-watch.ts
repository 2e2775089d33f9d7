import type { TimeMs } from '#base/time.ts';

/** What the heartbeats of one path showed since the last hourly summary. */
export interface PathWatch {
  readonly path: string;
  readonly sinceMs: TimeMs;
  readonly verified: number;
  readonly lastMs: TimeMs | null;
  readonly longestGapMs: number;
  /** The other side's clock less ours when its last heartbeat came, in milliseconds; it holds the time on the way too. */
  readonly clockOffsetMs: number;
}

export type PathState = 'alive' | 'silent' | 'never-heard';

export function beginWatch(path: string, nowMs: TimeMs): PathWatch {
  return { path, sinceMs: nowMs, verified: 0, lastMs: null, longestGapMs: 0, clockOffsetMs: 0 };
}

/** Takes one verified heartbeat: when it came and the time that it states. */
export function hear(watch: PathWatch, heard: { readonly nowMs: TimeMs; readonly statedMs: TimeMs }): PathWatch {
  const gapMs = Math.max(0, heard.nowMs - (watch.lastMs ?? watch.sinceMs));
  return {
    ...watch,
    verified: watch.verified + 1,
    lastMs: heard.nowMs,
    longestGapMs: Math.max(watch.longestGapMs, gapMs),
    clockOffsetMs: heard.statedMs - heard.nowMs,
  };
}

/**
 * A path is alive while the last verified heartbeat is younger than three intervals. One that seems to come from the future was
 * heard before our clock went back: how old it is nobody knows, and silence must not look like life.
 */
export function pathState(watch: PathWatch, at: { readonly nowMs: TimeMs; readonly intervalMs: number }): PathState {
  if (watch.lastMs === null) return 'never-heard';
  return Math.abs(at.nowMs - watch.lastMs) < 3 * at.intervalMs ? 'alive' : 'silent';
}

/** The entry of this path in the hourly record, and the watch of the hour that begins. */
export function summarise(watch: PathWatch, at: { readonly nowMs: TimeMs; readonly intervalMs: number }) {
  const longestGapMs = Math.max(watch.longestGapMs, at.nowMs - (watch.lastMs ?? watch.sinceMs));
  return {
    entry: {
      path: watch.path,
      expected: Math.max(0, Math.floor((at.nowMs - watch.sinceMs) / at.intervalMs)),
      verified: watch.verified,
      longestGapMs,
      clockOffsetMs: watch.clockOffsetMs,
    },
    next: { ...watch, sinceMs: at.nowMs, verified: 0, longestGapMs: 0 },
  };
}

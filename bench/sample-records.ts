import { mustAccept } from '#base/refusal.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import { type KnownRecord, sealRecord } from '#record/envelope.ts';

const identity = {
  centre: 'CN',
  host: 'cn.anshin.example',
  circle: 'us-cn',
  status: 'test',
  exercise: null,
  origin: 'cn.anshin.example/us-cn/test',
  peer: { centre: 'US', origin: 'us.anshin.example/us-cn/test' },
  successions: [],
} as const;

/** Test records of some 600 bytes, numbered from 1. */
export function sampleRecords(count: number): readonly KnownRecord[] {
  const filedAtMs = Date.parse('2026-01-01T00:00:00.000Z');
  return Array.from({ length: count }, (_, position) => {
    const context = { identity, peerCentre: 'US', salt: position.toString(16).padStart(32, '0'), dutyTimeMs: filedAtMs };
    const content = { text: 'twenty bytes of text' };
    const draft = coreDraft(context, { format: 'TEST', content, role: 'machine', precedence: 'R', references: [] });
    return mustAccept(sealRecord(draft, { serial: position + 1, filedAtMs }));
  });
}

// The oracles of the hunt, each shown to find what it is there for: readers that are wrong in one way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { accept, refuse } from '#base/refusal.ts';
import { followNext, followUrgent } from '#exchange/follow.ts';
import { consistencyProof } from '#log/tree.ts';
import { refuseRunaway } from '#test/rival/agreement-targets.ts';
import { type Followers, followTargets } from '#test/rival/follow-targets.ts';
import { Broken, type HuntReport, hunt, memoryGrowthMiBMax, type Target } from '#test/rival/hunt.ts';
import { jsonMutations, textMutations } from '#test/rival/mutation.ts';
import { exact } from '#test/rival/parser-targets.ts';
import { first } from '#test/rival/world.ts';

const seed = 20_241_106;

function found(targets: readonly Target[], count: number): HuntReport['failures'] {
  return hunt(targets, { seed, from: 0, count, failuresMax: 1 }).failures;
}

function reader(name: string, read: Target['read']): Target {
  return { name, weight: 1, seeds: [bytesOfText('{"action":["US"],"text":"launch"}')], mutations: jsonMutations, read };
}

test('a parser that takes two texts for one value is found, and what shows it is made short', () => {
  const parser = exact({
    name: 'lax JSON',
    seeds: [bytesOfText('{"a":[1,2,{"b":"c"}]}')],
    mutations: textMutations,
    parse: (bytes) => {
      try {
        return accept(JSON.parse(new TextDecoder().decode(bytes)) as unknown);
      } catch {
        return refuse('record.json', 'no JSON');
      }
    },
    write: (value) => bytesOfText(JSON.stringify(value)),
  });
  const [failure] = found([parser], 2_000);
  assert.match(failure?.reason ?? '', /accepted wrongly/);
  assert.ok(Uint8Array.fromBase64(failure?.input ?? '').length <= 16, failure?.input ?? 'nothing was found');
});

test('a reader that throws where it should refuse is found', () => {
  const [failure] = found([reader('depth', (bytes) => depthOf(JSON.parse(new TextDecoder().decode(bytes))) < 5)], 2_000);
  assert.match(failure?.reason ?? '', /thrown: SyntaxError/);
});

test('a reader that takes far longer than its input is long is found', () => {
  const slow = reader('quadratic', (bytes) => {
    let sum = 0;
    if (bytes.length > 4_000) for (const one of bytes) for (const other of bytes) sum += one ^ other;
    return sum > 0;
  });
  const [failure] = found([slow], 2_000);
  assert.match(failure?.reason ?? '', /^slow: /);
});

test('a reader that hoards what it reads is found by what it leaves in memory', () => {
  const hoard: unknown[] = [];
  const hoarder = reader('hoarder', (bytes) => hoard.push(Array(10_000).fill(bytes.length)) > 0);
  assert.ok(hunt([hoarder], { seed, from: 0, count: 2_000, failuresMax: 1 }).memoryGrowthMiB > memoryGrowthMiBMax);
});

test('a pattern that runs away is found, and those of the subset are not', () => {
  for (const pattern of ['^(?:a+)+$', '^(?:a|a)*$', '^(?:a*)*b$']) assert.throws(() => refuseRunaway(pattern), Broken, pattern);
  for (const pattern of ['^[A-Z]{2,8}$', '^[0-9a-f]{64}$', '^[a-z]+(?:-[a-z]+)*$']) refuseRunaway(pattern);
});

const worse: Readonly<Record<string, Partial<Followers>>> = {
  'without consistency': {
    next: (following, delivery) => {
      const followed = followNext(following, delivery);
      if (followed.ok || followed.refusal.code !== 'proof.consistency') return followed;
      const { from, leaves } = delivery;
      const size = Number(new TextDecoder().decode(delivery.checkpoint).split('\n')[1]);
      const to = Math.min(from + leaves.length, size);
      const proper = { ...delivery, leaves: first.leaves.slice(from, to), proof: consistencyProof(to, size, first.read) };
      const honest = followNext(following, proper);
      return honest.ok ? accept({ ...honest.value, leaves: leaves.slice(following.frontier.size - from) }) : followed;
    },
  },
  'without what was verified ahead': {
    next: (following, delivery) => followNext({ ...following, ahead: [], anchored: null }, delivery),
  },
  'without the urgent leaves': { next: (following, delivery) => followNext({ ...following, urgent: new Map() }, delivery) },
  'without the base of an urgent leaf': {
    urgent: (following, delivery, read) => {
      const followed = followUrgent(following, delivery, read);
      return followed.ok ? followed : followUrgent(following, { ...delivery, base: 0, consistency: [] }, read);
    },
  },
};

for (const [name, followers] of Object.entries(worse)) {
  test(`a follower ${name} is found`, () => {
    const targets = followTargets({ next: followNext, urgent: followUrgent, ...followers });
    const failures = found(targets, 4_000);
    assert.ok(failures.length > 0);
    for (const { reason } of failures) assert.match(reason, /accepted wrongly/);
  });
}

function depthOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
}

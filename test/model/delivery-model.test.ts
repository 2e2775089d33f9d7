import assert from 'node:assert/strict';
import { test } from 'node:test';
import { share } from '#test/model/bounds.ts';
import { brokenDesigns, shipped } from '#test/model/broken-designs.ts';
import { search } from '#test/model/search.ts';
import type { Bound } from '#test/model/world.ts';

const quiet = { onProgress: () => undefined } as const;

for (const { name, bound, receiptsTravel } of share) {
  test(`every state is visited and no invariant broken: ${name}`, (context) => {
    const { states, depth, broken } = search({ ...quiet, waiting: true, bound, design: { ...shipped, receiptsTravel } });
    assert.equal(broken, undefined, [broken?.invariant, ...(broken?.trace ?? [])].join('\n'));
    context.diagnostic(`${states} states, the farthest after ${depth} moves`);
  });
}

const small = { inFlight: 2, restores: 0, splits: false, grain: 'coarse', faults: 1 } as const;
const withBackups: Bound = { ...small, grain: 'coarsest', files: [['routine', 'routine', 'routine'], []], restores: 1 };
const threeRecords: Bound = { ...small, files: [['urgent', 'routine', 'unacceptable'], []] };

for (const { name, design, says } of brokenDesigns) {
  test(`the search finds ${name}, and shows the shortest way to it`, (context) => {
    const signsTwice = says.source.includes('histories');
    const { broken } = search({ ...quiet, design, waiting: !signsTwice, bound: signsTwice ? withBackups : threeRecords });
    assert.match(broken?.invariant ?? 'nothing was found', says);
    assert(broken !== undefined && broken.trace.length > 0);
    context.diagnostic([broken.invariant, ...broken.trace].join('\n'));
  });
}

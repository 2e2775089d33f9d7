import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { mustAccept, type Result } from '#base/refusal.ts';
import { noTree } from '#centre/signer/anchor.ts';
import type { LocalSigner } from '#centre/signer/local-signer.ts';
import { americaOrigin, chinaOrigin, PracticeHistory, practiceCentre } from '#centre/signer/practice-centre.ts';
import { verifierOfKey } from '#crypto/engine.ts';
import { verifyHeartbeat } from '#log/heartbeat.ts';
import { type NoteKeyType, noteKey } from '#log/note.ts';
import { type PeerWitness, verifyCheckpoint, verifyCosignatures } from '#log/policy.ts';

const china = await practiceCentre(chinaOrigin, americaOrigin);
const america = await practiceCentre(americaOrigin, chinaOrigin);
after(() => Promise.all([china.remove(), america.remove()]));
const codeOf = (result: Result<unknown>) => (result.ok ? 'signed' : result.refusal.code);
const clock = () => 1_727_224_000_000;

const parting = 20;
const originOfRole = { own: chinaOrigin, followed: americaOrigin };
const ours = new PracticeHistory(chinaOrigin, { name: 'first', parting: 0, size: 64 });
const forked = new PracticeHistory(chinaOrigin, { name: 'second', parting, size: 64 });
const theirs = new PracticeHistory(americaOrigin, { name: 'first', parting: 0, size: 64 });
const theirFork = new PracticeHistory(americaOrigin, { name: 'second', parting, size: 64 });

/** A signer of a centre that has signed and cosigned nothing yet. */
async function freshSigner(
  now: () => number = clock,
): Promise<{ readonly signer: LocalSigner; readonly anchorPath: string; readonly reopen: () => Promise<LocalSigner> }> {
  const centre = await practiceCentre(chinaOrigin, americaOrigin);
  after(() => centre.remove());
  let signer = mustAccept(await centre.openSigner(now));
  after(() => signer.close());
  const reopen = async () => {
    await signer.close();
    signer = mustAccept(await centre.openSigner(now));
    return signer;
  };
  return { signer, anchorPath: centre.anchorPath, reopen };
}

const anchoredSize = (signer: LocalSigner) => signer.anchor().own[0]?.size ?? 0;
const sign = (signer: LocalSigner, history: PracticeHistory, size: number) =>
  signer.signCheckpoint({ checkpoint: history.checkpoint(size), proof: history.proof(anchoredSize(signer), size) });

test('an own checkpoint gets the two signatures of the policy, and again for the same tree', async () => {
  const signer = mustAccept(await china.openSigner(clock));
  for (const size of [0, 5, 5, 40]) {
    const note = mustAccept(await sign(signer, ours, size));
    const verified = mustAccept(verifyCheckpoint(note, china.logKeys));
    assert.deepEqual(
      [verified.size, verified.root.toHex(), verified.signedAtS],
      [size, ours.checkpoint(size).root.toHex(), 1_727_224_000],
    );
  }
  assert.deepEqual(signer.anchor().own[0], {
    origin: chinaOrigin,
    size: 40,
    root: ours.checkpoint(40).root.toHex(),
    timeS: 1_727_224_000,
  });
  await signer.close();
});

test('what does not continue the last signed tree is refused with evidence, and the anchor stays', async () => {
  const { signer, reopen } = await freshSigner();
  mustAccept(await sign(signer, ours, 30));
  const attempts = [
    { checkpoint: ours.checkpoint(29), proof: [] },
    { checkpoint: forked.checkpoint(30), proof: [] },
    { checkpoint: forked.checkpoint(40), proof: forked.proof(30, 40) },
    { checkpoint: ours.checkpoint(40), proof: [] },
    { checkpoint: ours.checkpoint(0), proof: [] },
  ];
  for (const next of [async () => signer, reopen]) {
    const again = await next();
    for (const attempt of attempts) {
      const refused = await again.signCheckpoint(attempt);
      assert.ok(!refused.ok);
      assert.deepEqual(
        [refused.refusal.code, refused.refusal.evidence['signedSize'], refused.refusal.evidence['size']],
        ['signer.went-back', 30, attempt.checkpoint.size],
      );
    }
    assert.equal(anchoredSize(again), 30);
  }
});

test('a log of other keys, or one that the anchor does not name, is not signed for', async () => {
  const { signer } = await freshSigner();
  assert.equal(codeOf(await signer.signCheckpoint({ checkpoint: theirs.checkpoint(1), proof: [] })), 'key.unknown');
  const stranger = await practiceCentre('fr.example/us-cn/test', chinaOrigin);
  after(() => stranger.remove());
  const strange = new PracticeHistory('fr.example/us-cn/test', { name: 'x', parting: 0, size: 1 });
  assert.equal(codeOf(await signer.cosign({ checkpoint: await strange.signed(1, stranger), proof: [] })), 'checkpoint.origin');
  mustAccept(await signer.admit({ role: 'followed', origin: 'fr.example/us-cn/test', begins: noTree }));
  assert.equal(codeOf(await signer.cosign({ checkpoint: await strange.signed(1, stranger), proof: [] })), 'signed');
  assert.equal(codeOf(await signer.admit({ role: 'followed', origin: 'fr.example/us-cn/test', begins: noTree })), 'store.exists');
  assert.equal(
    codeOf(await signer.admit({ role: 'followed', origin: 'fr.example/us-cn/actual', begins: noTree })),
    'checkpoint.origin',
  );
  assert.equal(codeOf(await signer.admit({ role: 'own', origin: 'cn.example/p5/test', begins: noTree })), 'key.unknown');
});

const witness: PeerWitness = (() => {
  const { name, ed25519, mldsa44 } = china.log.witness;
  const key = (type: NoteKeyType, { algorithm, publicKey }: typeof ed25519) =>
    noteKey(name, type, verifierOfKey(algorithm, publicKey));
  return {
    kind: 'peer',
    centre: 'CN',
    pairs: [{ ed25519: key('ed25519-cosignature', ed25519), mldsa44: key('ml-dsa-44-cosignature', mldsa44), until: null }],
  };
})();

test('a cosignature has both lines with one time, and the policy for a peer accepts it', async () => {
  const signer = mustAccept(await china.openSigner(clock));
  const checkpoint = await theirs.signed(17, america);
  const cosigned = mustAccept(await signer.cosign({ checkpoint, proof: [] }));
  const [seen] = mustAccept(verifyCosignatures(checkpoint, cosigned.signatures, [witness]));
  assert.deepEqual([seen?.witness, seen?.timeS, seen?.size], ['CN', 1_727_224_000, 17]);
  assert.equal(cosigned.timeS, 1_727_224_000);
  await signer.close();
});

test('a log that goes on from another is signed for from that tree on, and for no tree that does not continue it', async () => {
  const { signer } = await freshSigner();
  const origin = 's2.us.example/us-cn/test';
  const successor = await practiceCentre(origin, chinaOrigin);
  after(() => successor.remove());
  const [same, parted] = [2, 9].map((parting) => new PracticeHistory(origin, { name: 'other', parting, size: 9 }));
  assert.ok(same !== undefined && parted !== undefined);
  const begins = parted.checkpoint(4);
  mustAccept(await signer.admit({ role: 'followed', origin, begins }));
  assert.deepEqual(signer.anchor().followed.find((entry) => entry.origin === origin)?.size, 4);
  const cosign = async (history: PracticeHistory, size: number) =>
    codeOf(await signer.cosign({ checkpoint: await history.signed(size, successor), proof: history.proof(4, size) }));
  assert.equal(await cosign(parted, 3), 'log.shrunk');
  assert.equal(await cosign(same, 4), 'log.fork');
  assert.equal(await cosign(same, 6), 'proof.consistency');
  assert.equal(await cosign(parted, 6), 'signed');
});

test('before cosigning: not smaller, one root at one size, consistency, and our clock not before our last cosignature', async () => {
  let now = 2_000_000;
  const { signer } = await freshSigner(() => now);
  mustAccept(await signer.admit({ role: 'followed', origin: 'fr.example/us-cn/test', begins: noTree }));
  const cosign = async (history: PracticeHistory, size: number, proof: readonly Uint8Array[]) =>
    codeOf(await signer.cosign({ checkpoint: await history.signed(size, america), proof }));
  assert.equal(await cosign(theirs, 30, []), 'signed');
  assert.equal(await cosign(theirs, 29, []), 'log.shrunk');
  assert.equal(await cosign(theirFork, 30, []), 'log.fork');
  assert.equal(await cosign(theirFork, 40, theirFork.proof(30, 40)), 'proof.consistency');
  assert.equal(await cosign(theirs, 40, []), 'proof.consistency');
  assert.equal(await cosign(theirs, 30, []), 'signed');
  now = 1_999_999;
  assert.equal(await cosign(theirs, 40, theirs.proof(30, 40)), 'signer.clock');
  const stranger = await practiceCentre('fr.example/us-cn/test', chinaOrigin);
  after(() => stranger.remove());
  const strange = new PracticeHistory('fr.example/us-cn/test', { name: 'x', parting: 0, size: 1 });
  const elsewhere = await signer.cosign({ checkpoint: await strange.signed(1, stranger), proof: [] });
  assert.ok(!elsewhere.ok);
  assert.deepEqual([elsewhere.refusal.code, elsewhere.refusal.evidence], ['signer.clock', { timeS: 1999, lastTimeS: 2000 }]);
  now = 2_000_000;
  assert.equal(await cosign(theirs, 40, theirs.proof(30, 40)), 'signed');
});

test('a group is answered part by part', async () => {
  const { signer } = await freshSigner();
  const sign = { checkpoint: ours.checkpoint(9), proof: [] };
  const cosign = [
    { checkpoint: await theirs.signed(9, america), proof: [] },
    { checkpoint: await theirs.signed(8, america), proof: [] },
  ];
  const both = await signer.signGroup({ sign, cosign });
  assert.deepEqual([both.sign?.ok, both.cosign.map(codeOf)], [true, ['signed', 'log.shrunk']]);
  assert.deepEqual(await signer.signGroup({ sign: null, cosign: [] }), { sign: null, cosign: [] });
});

test('a heartbeat is over the last signed checkpoint, and verifies', async () => {
  const signer = mustAccept(await china.openSigner(clock));
  const nonce = new Uint8Array(32).fill(9);
  const note = mustAccept(await signer.heartbeat({ origin: chinaOrigin, path: 'direct', nonce }));
  const heartbeat = mustAccept(verifyHeartbeat({ note, log: china.logKeys, path: 'direct', nonce }));
  assert.deepEqual([heartbeat.checkpoint.size, heartbeat.timeS], [anchoredSize(signer), 1_727_224_000]);
  assert.equal(codeOf(await signer.heartbeat({ origin: americaOrigin, path: 'direct', nonce })), 'key.unknown');
  await signer.close();
});

test('a restored old anchor is raised by our own signed checkpoint, and then refuses the old store', async () => {
  const { signer, anchorPath, reopen } = await freshSigner();
  await sign(signer, ours, 10);
  await copyFile(anchorPath, `${anchorPath}.old`);
  const shown = await ours.signed(30, china);
  mustAccept(await sign(signer, ours, 30));
  await signer.close();
  await copyFile(`${anchorPath}.old`, anchorPath);
  const old = await reopen();
  assert.equal(anchoredSize(old), 10);
  mustAccept(await old.raise({ checkpoint: shown, cosignatures: [] }));
  mustAccept(await old.raise({ checkpoint: await ours.signed(20, china), cosignatures: [] }));
  assert.equal(anchoredSize(old), 30);
  assert.equal(codeOf(await sign(old, ours, 12)), 'signer.went-back');
  assert.equal(codeOf(await old.raise({ checkpoint: await forked.signed(30, china), cosignatures: [] })), 'signer.went-back');
  assert.equal(codeOf(await sign(old, ours, 31)), 'signed');
});

test('a followed log is raised by our own cosignature alone', async () => {
  const { signer } = await freshSigner();
  const checkpoint = await theirs.signed(30, america);
  assert.equal(codeOf(await signer.raise({ checkpoint, cosignatures: [] })), 'key.signature');
  const { signatures } = mustAccept(await signer.cosign({ checkpoint, proof: [] }));
  mustAccept(await signer.raise({ checkpoint, cosignatures: signatures }));
  assert.deepEqual(signer.anchor().followed[0]?.size, 30);
});

// The heart of it: whatever is asked, in whatever order and at once, with the process opened anew in between, no two roots are
// ever signed at one size, and no size after a larger one.
test('any interleaving of requests signs one history that only grows', async () => {
  const step = fc.record({
    fork: fc.boolean(),
    size: fc.nat(64),
    proofFrom: fc.option(fc.nat(64), { nil: 'anchor' as const }),
    cosign: fc.boolean(),
    together: fc.boolean(),
    reopen: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
  });
  const run = async (steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) => {
    const { signer: first, reopen } = await freshSigner();
    let signer = first;
    const asked: {
      readonly role: 'own' | 'followed';
      readonly fork: boolean;
      readonly size: number;
      readonly signed: Promise<boolean>;
    }[] = [];
    for (const { fork, size, proofFrom, cosign, together, reopen: opensAnew } of steps) {
      const role = cosign ? 'followed' : 'own';
      const history = cosign ? (fork ? theirFork : theirs) : fork ? forked : ours;
      const from = proofFrom === 'anchor' ? (signer.anchor()[role][0]?.size ?? 0) : proofFrom;
      const proof = history.proof(from, size);
      const answer = cosign
        ? signer.cosign({ proof, checkpoint: await history.signed(size, america) })
        : signer.signCheckpoint({ proof, checkpoint: history.checkpoint(size) });
      asked.push({ role, fork, size, signed: answer.then(({ ok }) => ok) });
      if (!together) await answer;
      if (!together && opensAnew) signer = await reopen();
    }
    const outcomes = await Promise.all(asked.map(async (question) => ({ ...question, signed: await question.signed })));
    for (const role of ['own', 'followed'] as const) {
      const signed = outcomes.filter((outcome) => outcome.signed && outcome.role === role);
      const sizes = signed.map(({ size }) => size);
      assert.deepEqual(
        sizes,
        sizes.toSorted((a, b) => a - b),
        'never a smaller size after a larger one',
      );
      assert.ok(new Set(signed.filter(({ size }) => size > parting).map(({ fork }) => fork)).size <= 1, 'never two histories');
      assert.equal(signer.anchor()[role].find((entry) => entry.origin === originOfRole[role])?.size, sizes.at(-1) ?? 0);
    }
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), run), { numRuns: 60 });
});

test('concurrent requests are decided one after another: of two histories of one size, one is signed', async () => {
  const { signer } = await freshSigner();
  const requests = Array.from({ length: 200 }, (_, position) => {
    const history = position % 2 === 0 ? ours : forked;
    return signer.signCheckpoint({ checkpoint: history.checkpoint(40), proof: [] });
  });
  const outcomes = (await Promise.all(requests)).map(codeOf);
  assert.deepEqual(
    outcomes,
    Array.from({ length: 200 }, (_, position) => (position % 2 === 0 ? 'signed' : 'signer.went-back')),
  );
});

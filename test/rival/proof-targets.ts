import { equalBytes, hexOf } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { forkEvidence, formatFork, parseFork, verifyFork } from '#log/fork.ts';
import { signHeartbeat, verifyHeartbeat } from '#log/heartbeat.ts';
import { parseKeyList, verifyKeyList } from '#log/keys.ts';
import { verifyCheckpoint } from '#log/policy.ts';
import { encodeKeyLists, formatProof, parseKeyLists, parseProof, verifyProof } from '#log/proof.ts';
import { inclusionProof, rootAt } from '#log/tree.ts';
import { Broken, type Target } from '#test/rival/hunt.ts';
import { textMutations } from '#test/rival/mutation.ts';
import { cn, first, histories, historySize, isSigned, known, us, vectorBytes } from '#test/rival/world.ts';

// What a third party verifies: accepted is only what the owner's keys signed, and what the whole tree shows.

const { logKeys } = cn.keyList;
const place = { index: 33, size: historySize };
const record = first.leaves[place.index] ?? new Uint8Array();
const notes = await Promise.all(histories.flatMap((history) => [history.note(historySize), history.note(45), history.note(21)]));
const proofs = await Promise.all(
  [place, { index: 33, size: 45 }, { index: 12, size: historySize }].map(async ({ index, size }) =>
    formatProof({
      extra: index === place.index ? encodeKeyLists([cn.listNote, us.listNote]) : null,
      index,
      hashes: inclusionProof(index, size, first.read),
      checkpoint: await first.note(size),
    }),
  ),
);
const policy = { logs: [], members: [], quorum: 'none' };

const proofTarget: Target = {
  name: 'proof of a record, verified',
  weight: 3,
  seeds: proofs,
  mutations: textMutations,
  read: (bytes) => {
    const proof = parseProof(bytes);
    if (!proof.ok) return false;
    // Lists that a proof carries are each judged by the offline keys that were pinned.
    const carried = proof.value.extra === null ? undefined : parseKeyLists(proof.value.extra);
    const lists = (carried?.ok === true ? carried.value : []).flatMap((list) => {
      const parsed = parseKeyList(list);
      const verified = parsed.ok ? verifyKeyList(parsed.value, cn.pinned) : parsed;
      return verified.ok ? [verified.value] : [];
    });
    const verified = verifyProof({ record, proof: proof.value, keyLists: [cn.keyList, ...lists], policy });
    if (!verified.ok) return false;
    const { checkpoint, index } = verified.value;
    if (!isSigned(proof.value.checkpoint)) throw new Broken('its checkpoint is not signed');
    const among = known.having(record, index).filter((history) => known.hasRoot(history, checkpoint.size, checkpoint.root));
    if (among.length === 0) throw new Broken(`no history has the record at ${index} under the root of ${checkpoint.size} leaves`);
    return true;
  },
};

const checkpointTarget: Target = {
  name: 'checkpoint, verified',
  weight: 3,
  seeds: notes,
  mutations: textMutations,
  read: (bytes) => {
    const checkpoint = verifyCheckpoint(bytes, logKeys);
    if (checkpoint.ok && !isSigned(bytes)) throw new Broken(`a checkpoint of ${checkpoint.value.size} leaves that nobody signed`);
    return checkpoint.ok;
  },
};

const listTexts = new Set(vectorBytes('log/key-list', 'note').map((note) => new TextDecoder().decode(note).split('\n\n')[0]));

const keyListTarget: Target = {
  name: 'key list, verified',
  weight: 2,
  seeds: [cn.listNote, ...vectorBytes('log/key-list', 'note')],
  mutations: textMutations,
  read: (bytes) => {
    const parsed = parseKeyList(bytes);
    const verified = parsed.ok ? verifyKeyList(parsed.value, cn.pinned) : parsed;
    if (!verified.ok) return false;
    const text = new TextDecoder().decode(bytes).split('\n\n')[0];
    if (!listTexts.has(text) && text !== new TextDecoder().decode(cn.listNote).split('\n\n')[0])
      throw new Broken('a list that nobody signed');
    return true;
  },
};

const nonce = new Uint8Array(32).fill(9);
const checkpoint = { origin: cn.list.origin, size: historySize, root: rootAt(historySize, first.read) };
const beat = await signHeartbeat({ checkpoint, timeS: 1_767_600_000, path: 'next', nonce }, cn.log);
const otherBeat = await signHeartbeat({ checkpoint, timeS: 1_767_600_000, path: 'urgent', nonce: nonce.with(0, 1) }, cn.log);

const heartbeatTarget: Target = {
  name: 'heartbeat, verified',
  weight: 2,
  seeds: [beat, otherBeat],
  mutations: textMutations,
  read: (bytes) => {
    const heartbeat = verifyHeartbeat({ note: bytes, log: logKeys, path: 'next', nonce });
    if (!heartbeat.ok) return false;
    const { size, root } = heartbeat.value.checkpoint;
    const same = size === historySize && equalBytes(root, checkpoint.root) && heartbeat.value.timeS === 1_767_600_000;
    if (!same || !equalBytes(heartbeat.value.nonce, nonce))
      throw new Broken(`a heartbeat over ${size} leaves that nobody signed`);
    return true;
  },
};

const evidence = await Promise.all(
  [
    [historySize, 45, 1],
    [21, historySize, 2],
    [45, 45, 2],
    [45, historySize, 0],
  ].map(async ([smaller = 0, larger = 0, other = 0]) => {
    const [a, b] = [await first.note(smaller), await (histories[other] ?? first).note(larger)];
    const [one, two] = [mustAccept(verifyCheckpoint(a, logKeys)), mustAccept(verifyCheckpoint(b, logKeys))];
    const [small, large, owner] = one.size <= two.size ? [one, two, histories[other] ?? first] : [two, one, first];
    return formatFork(forkEvidence(small, large, owner.read));
  }),
);

const forkTarget: Target = {
  name: 'evidence of a fork, verified',
  weight: 2,
  seeds: evidence,
  mutations: textMutations,
  read: (bytes) => {
    const fork = parseFork(bytes);
    const verified = fork.ok ? verifyFork(fork.value, logKeys) : fork;
    if (!fork.ok || !verified.ok) return false;
    const { smaller, larger } = verified.value;
    if (!isSigned(fork.value.smaller) || !isSigned(fork.value.larger))
      throw new Broken('a checkpoint that nobody signed convicts');
    const innocent = histories
      .keys()
      .find((one) => known.hasRoot(one, smaller.size, smaller.root) && known.hasRoot(one, larger.size, larger.root));
    if (innocent !== undefined)
      throw new Broken(`both ${smaller.size} and ${larger.size} are of history ${innocent}: ${hexOf(larger.root)}`);
    return true;
  },
};

export const proofTargets: readonly Target[] = [proofTarget, checkpointTarget, keyListTarget, heartbeatTarget, forkTarget];

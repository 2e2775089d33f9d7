import { bytesOfText } from '#base/bytes.ts';
import { sha256 } from '#crypto/engine.ts';
import { hashNode, type NodeReader } from '#log/tree.ts';
import type { HostileLog } from '#test/rival/hostile-log.ts';

/**
 * The nodes of a tree that begins with a real log and goes on, to any size at all, with hashes of leaves that nobody has. Proofs in
 * it verify: they speak of hashes alone.
 */
export function phantomOf(log: HostileLog): NodeReader {
  const read: NodeReader = (level, index) => {
    const [from, to] = [index * 2 ** level, (index + 1) * 2 ** level];
    if (to <= log.size) return log.read(level, index);
    if (from >= log.size) return sha256(bytesOfText(`phantom ${level} ${index}`));
    return hashNode(read(level - 1, 2 * index), read(level - 1, 2 * index + 1));
  };
  return read;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText, concatBytes } from '#base/bytes.ts';
import {
  encodeEntryBundle,
  parseEntryBundle,
  parseTilePath,
  type TileReader,
  TileTree,
  tilePath,
  tilePlaces,
  tilesAfterAppend,
  tileWidth,
  tileWidthAt,
} from '#log/tiles.ts';
import { append, emptyFrontier, type Frontier, hashLeaf, inclusionProof, rootAt, rootOf, verifyInclusion } from '#log/tree.ts';

class StoredTiles {
  readonly tiles = new Map<string, Uint8Array>();
  frontier: Frontier = emptyFrontier;
  reads = 0;

  readonly read: TileReader = (level, index) => {
    this.reads += 1;
    return this.tiles.get(`${level}/${index}`);
  };

  append(count: number): void {
    const leaves = Array.from({ length: count }, (_, offset) => hashLeaf(bytesOfText(`leaf ${this.frontier.size + offset}`)));
    const { frontier, nodes } = append(this.frontier, leaves);
    for (const { level, index, bytes } of tilesAfterAppend(nodes, this.read)) this.tiles.set(`${level}/${index}`, bytes);
    this.frontier = frontier;
  }
}

test('tiles after any appends have the widths of the specification, and give the root at every size', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(700), { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 6 }), (counts, tilesMax) => {
      const stored = new StoredTiles();
      const tree = new TileTree(stored.read, tilesMax);
      for (const count of counts) {
        stored.append(count);
        assert.equal(rootAt(stored.frontier.size, tree.read).toHex(), rootOf(stored.frontier).toHex());
      }
      for (const [key, bytes] of stored.tiles) {
        const [level = 0, index = 0] = key.split('/').map(Number);
        assert.equal(bytes.length / 32, tileWidthAt(level, index, stored.frontier.size));
      }
    }),
    { numRuns: 40 },
  );
});

test('the tree of 70,000 leaves has the tiles that the specification names', () => {
  const widths = (level: number, count: number) => Array.from({ length: count }, (_, index) => tileWidthAt(level, index, 70_000));
  assert.deepEqual(widths(0, 275).slice(-3), [256, 112, 0]);
  assert.deepEqual(widths(1, 3), [256, 17, 0]);
  assert.deepEqual(widths(2, 2), [1, 0]);
  assert.deepEqual([tileWidthAt(0, 0, 256), tileWidthAt(1, 0, 256)], [256, 1]);
});

test('proofs at the growing end read each tile once and hash each subtree once', () => {
  const stored = new StoredTiles();
  stored.append(1_000);
  const tree = new TileTree(stored.read, 16);
  stored.reads = 0;
  const root = rootAt(1_000, tree.read);
  for (let index = 0; index < 1_000; index += 1) {
    const proof = inclusionProof(index, 1_000, tree.read);
    const leafHash = hashLeaf(bytesOfText(`leaf ${index}`));
    assert.equal(verifyInclusion({ index, size: 1_000, root, leafHash, proof }).ok, true);
  }
  assert.equal(stored.reads, 5);
});

test('tile paths are those of the specification, and come back', () => {
  assert.equal(tilePath({ level: 0, index: 1_234_067, width: 256 }), 'tile/0/x001/x234/067');
  assert.equal(tilePath({ level: 'entries', index: 0, width: 3 }), 'tile/entries/000.p/3');
  const level = fc.oneof(fc.nat(63), fc.constant('entries' as const));
  const index = fc.oneof(fc.nat(2_000), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
  fc.assert(
    fc.property(level, index, fc.integer({ min: 1, max: tileWidth }), (level, index, width) => {
      assert.deepEqual(parseTilePath(tilePath({ level, index, width })), { ok: true, value: { level, index, width } });
    }),
  );
});

test('a tile path that is not the one form of its tile is refused', () => {
  const wrong = [
    '',
    'tile/0/67',
    'tile/0/0067',
    'tile/0/x000/067',
    'tile/00/067',
    'tile/64/067',
    'tile/0/067.p/256',
    'tile/0/067.p/0',
    'tile/0/067.p/08',
    'tile/0/x067',
    '/tile/0/067',
    'tile/0/067/',
    'tile/-1/067',
    'tile/0/x999/x999/x999/x999/x999/999',
  ];
  for (const path of wrong) {
    const parsed = parseTilePath(path);
    assert.equal(parsed.ok ? path : parsed.refusal.code, 'tile.form');
  }
});

test('entry bundles come back leaf for leaf, and a bundle cut short is refused', () => {
  const leaves = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(leaves, fc.nat(), (leaves, cut) => {
      const bytes = encodeEntryBundle(leaves);
      const parsed = parseEntryBundle(bytes, leaves.length);
      assert.deepEqual(
        parsed.ok ? parsed.value.map((leaf) => leaf.toHex()) : parsed,
        leaves.map((leaf) => leaf.toHex()),
      );
      assert.equal(parseEntryBundle(bytes.subarray(0, cut % bytes.length), leaves.length).ok, false);
      assert.equal(parseEntryBundle(bytes, leaves.length + 1).ok, false);
      assert.equal(parseEntryBundle(concatBytes(bytes, Uint8Array.of(0)), leaves.length).ok, false);
      assert.equal(parseEntryBundle(concatBytes(bytes, Uint8Array.of(0, 0)), leaves.length).ok, false);
    }),
  );
  assert.deepEqual(parseEntryBundle(encodeEntryBundle([new Uint8Array(65_535)]), 1).ok, true);
  assert.throws(() => encodeEntryBundle([new Uint8Array(65_536)]), /assertion/);
  assert.throws(() => encodeEntryBundle([]), /assertion/);
});

test('a stored tile that is missing, shortened or changed is an assertion', () => {
  const stored = new StoredTiles();
  stored.append(300);
  const tree = new TileTree(stored.read, 4);
  tree.read(0, 299);
  assert.throws(() => tree.read(0, 300), /assertion/);
  assert.throws(() => tree.read(0, 512), /assertion/);
  const tail = stored.tiles.get('0/1') ?? new Uint8Array();
  stored.tiles.set('0/1', concatBytes(new Uint8Array(32), tail));
  assert.throws(() => tree.read(0, 300), /assertion/);
  stored.tiles.set('0/1', tail.subarray(0, 32));
  assert.throws(() => stored.append(1), /assertion/);
});

test('the places of a tree are its tiles at their widths, the lowest level first', () => {
  assert.deepEqual([...tilePlaces(0)], []);
  assert.deepEqual([...tilePlaces(300)].map(tilePath), ['tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1']);
});

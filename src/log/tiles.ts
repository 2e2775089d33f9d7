import { concatBytes, equalBytes } from '#base/bytes.ts';
import { leafBytesMax } from '#base/limits.ts';
import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import { hashBytes, hashNode, type NodeReader, type TreeNode } from '#log/tree.ts';

// Tiles and entry bundles of C2SP tlog-tiles: 256 hashes wide, eight levels of the tree high.

export const tileWidth = 256;
const tileHeight = 8;

/** Reads a tile as stored, full or partial: the hashes of the tree's level `8 * level`, from `256 * index` on. */
export type TileReader = (level: number, index: number) => Uint8Array | undefined;

/** A tile's place; `width` is the number of its hashes, 256 when it is full. */
export interface TilePlace {
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
}

/** A tile to be stored in place of the narrower one at the same level and index. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** The path of a tile or entry bundle below a log's prefix: `tile/0/x001/x234/067.p/8`. */
export function tilePath({ level, index, width }: TilePlace): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const elements = digits.match(/\d{3}/g) ?? [];
  const last = elements.length - 1;
  const path = elements.map((element, position) => (position < last ? `x${element}` : element)).join('/');
  return `tile/${level}/${path}${width === tileWidth ? '' : `.p/${width}`}`;
}

export function parseTilePath(path: string): Result<TilePlace> {
  const parts = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  const [, level, index, width] = parts ?? [];
  if (level === undefined || index === undefined) return refuse('tile.form', 'the path is not one of a tile');
  const place: TilePlace = {
    level: level === 'entries' ? level : Number(level),
    index: Number(index.replaceAll(/[x/]/g, '')),
    width: width === undefined ? tileWidth : Number(width),
  };
  const inRange = (place.level === 'entries' || place.level < 64) && Number.isSafeInteger(place.index) && place.width > 0;
  if (!inRange || place.width > tileWidth || tilePath(place) !== path) {
    return refuse('tile.form', 'the path is not the one form of its tile');
  }
  return accept(place);
}

/** How many hashes the tile at `level` and `index` has in a tree of `size` leaves; 0 if it does not exist. */
export function tileWidthAt(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / tileWidth ** level);
  return Math.max(0, Math.min(tileWidth, hashes - index * tileWidth));
}

/** The tiles of a tree, each at its width, the lowest level first and in the order of their indices. */
export function* tilePlaces(size: number): Generator<TilePlace & { readonly level: number }> {
  for (let level = 0; tileWidthAt(level, 0, size) > 0; level += 1) {
    for (let index = 0; ; index += 1) {
      const width = tileWidthAt(level, index, size);
      if (width === 0) break;
      yield { level, index, width };
    }
  }
}

/** The tiles that change when subtrees are completed by an append (`append` in tree.ts gives them). */
export function tilesAfterAppend(nodes: readonly TreeNode[], readTile: TileReader): readonly Tile[] {
  const added = new Map<string, { readonly level: number; readonly index: number; readonly hashes: Uint8Array[] }>();
  for (const node of nodes) {
    if (node.level % tileHeight !== 0) continue;
    const level = node.level / tileHeight;
    const index = Math.floor(node.index / tileWidth);
    const key = `${level}/${index}`;
    const tile = added.get(key) ?? { level, index, hashes: startOf({ level, index, width: node.index % tileWidth }, readTile) };
    tile.hashes.push(node.hash);
    added.set(key, tile);
  }
  return [...added.values()].map(({ level, index, hashes }) => ({ level, index, bytes: concatBytes(...hashes) }));
}

function startOf(
  place: { readonly level: number; readonly index: number; readonly width: number },
  readTile: TileReader,
): Uint8Array[] {
  if (place.width === 0) return [];
  const stored = readTile(place.level, place.index);
  const length = place.width * hashBytes;
  assert(stored !== undefined && stored.length >= length, `tile ${place.level}/${place.index} is stored as far as the tree goes`);
  return [stored.subarray(0, length)];
}

/**
 * Reads subtrees out of stored tiles. Inner hashes are computed when first asked for and kept with their tile, so that a proof
 * at the growing end hashes each subtree once; the tiles used last are kept, `tilesMax` of them at 17 kB each.
 * Owner of the cache: this object. Stored tiles only ever grow; one that is missing or changed is an assertion, not a refusal.
 */
export class TileTree {
  readonly #readTile: TileReader;
  readonly #tilesMax: number;
  readonly #expanded = new Map<string, ExpandedTile>();

  constructor(readTile: TileReader, tilesMax: number) {
    this.#readTile = readTile;
    this.#tilesMax = tilesMax;
  }

  readonly read: NodeReader = (level, index) => {
    const height = level % tileHeight;
    const across = tileWidth / 2 ** height;
    const tileIndex = Math.floor(index / across);
    const position = index % across;
    const tile = this.#tile((level - height) / tileHeight, tileIndex);
    if (tile.width < (position + 1) * 2 ** height) this.#grow(tile);
    assert(tile.width >= (position + 1) * 2 ** height, `tile ${tile.level}/${tileIndex} is stored as far as the tree goes`);
    return tile.node(height, position);
  };

  #tile(level: number, index: number): ExpandedTile {
    const key = `${level}/${index}`;
    const tile = this.#expanded.get(key) ?? new ExpandedTile(level, index);
    // A map gives its keys in the order of insertion: what is put back last is dropped last.
    this.#expanded.delete(key);
    this.#expanded.set(key, tile);
    if (this.#expanded.size > this.#tilesMax) this.#expanded.delete(this.#expanded.keys().next().value ?? key);
    return tile;
  }

  #grow(tile: ExpandedTile): void {
    const bytes = this.#readTile(tile.level, tile.index);
    assert(bytes !== undefined, `tile ${tile.level}/${tile.index} is stored`);
    tile.grow(bytes);
  }
}

/** A tile with the hashes between its own and the level above: heights 0 to 8 one after another, 511 hashes in all. */
class ExpandedTile {
  readonly level: number;
  readonly index: number;
  readonly #hashes = new Uint8Array((2 * tileWidth - 1) * hashBytes);
  readonly #known = new Uint8Array(2 * tileWidth - 1);
  width = 0;

  constructor(level: number, index: number) {
    this.level = level;
    this.index = index;
  }

  grow(bytes: Uint8Array): void {
    const old = this.#hashes.subarray(0, this.width * hashBytes);
    const isTile = bytes.length % hashBytes === 0 && bytes.length <= tileWidth * hashBytes;
    assert(isTile && equalBytes(bytes.subarray(0, old.length), old), `tile ${this.level}/${this.index} has only grown`);
    this.#hashes.set(bytes);
    this.width = bytes.length / hashBytes;
    this.#known.fill(1, 0, this.width);
  }

  node(height: number, position: number): Uint8Array {
    const slot = 2 * tileWidth - 2 ** (tileHeight + 1 - height) + position;
    const hash = this.#hashes.subarray(slot * hashBytes, (slot + 1) * hashBytes);
    if (this.#known[slot] === 0) {
      hash.set(hashNode(this.node(height - 1, 2 * position), this.node(height - 1, 2 * position + 1)));
      this.#known[slot] = 1;
    }
    return hash;
  }
}

/** Writes an entry bundle: each leaf after its length in two bytes. */
export function encodeEntryBundle(leaves: readonly Uint8Array[]): Uint8Array {
  assert(leaves.length > 0 && leaves.length <= tileWidth, 'a bundle has 1 to 256 leaves');
  return concatBytes(
    ...leaves.flatMap((leaf) => {
      assert(leaf.length <= leafBytesMax, 'a leaf has at most 65,535 bytes');
      return [Uint8Array.of(leaf.length >> 8, leaf.length & 255), leaf];
    }),
  );
}

/** Reads an entry bundle of exactly `width` leaves. */
export function parseEntryBundle(bytes: Uint8Array, width: number): Result<readonly Uint8Array[]> {
  const leaves: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const length = ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
    const leaf = bytes.subarray(offset + 2, offset + 2 + length);
    if (offset + 2 > bytes.length || leaf.length !== length) return refuse('tile.form', 'the bundle ends within a leaf');
    leaves.push(leaf);
    if (leaves.length > width) break;
    offset += 2 + length;
  }
  if (leaves.length !== width) return refuse('tile.form', `the bundle has not the ${width} leaves that its path names`);
  return accept(leaves);
}

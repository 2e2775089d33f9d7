import { type Tile, TileTree, tilesAfterAppend } from '#log/tiles.ts';
import { append, emptyFrontier, type Frontier, hashLeaf, type NodeReader, rootAt, rootOf } from '#log/tree.ts';

const tilesExpandedMax = 64;

/** A log's tree, made anew from its leaves alone. Owner of its tiles. */
export class MemoryTree {
  readonly #tiles = new Map<string, Tile>();
  readonly #tree = new TileTree((level, index) => this.#tiles.get(`${level}/${index}`)?.bytes, tilesExpandedMax);
  #frontier: Frontier = emptyFrontier;

  add(leaves: readonly Uint8Array[]): void {
    const grown = append(this.#frontier, leaves.map(hashLeaf));
    for (const tile of tilesAfterAppend(grown.nodes, (level, index) => this.#tiles.get(`${level}/${index}`)?.bytes)) {
      this.#tiles.set(`${tile.level}/${tile.index}`, tile);
    }
    this.#frontier = grown.frontier;
  }

  get size(): number {
    return this.#frontier.size;
  }

  get root(): Uint8Array {
    return rootOf(this.#frontier);
  }

  get read(): NodeReader {
    return this.#tree.read;
  }

  rootAt(size: number): Uint8Array {
    return rootAt(size, this.read);
  }

  tiles(): readonly Tile[] {
    return [...this.#tiles.values()];
  }
}

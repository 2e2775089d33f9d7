import { mustAccept, type Result, refuse } from '#base/refusal.ts';
import { type Store, StoreRefusal } from '#centre/store/store.ts';
import { storeAcceptance } from '#centre/store/store-acceptance.ts';
import { copyOf, emptyImage, MemoryStore, type StoreImage } from './memory-store.ts';

const places = new Map<string, { image: StoreImage; isOpen: boolean }>();

function freePlace(): string {
  return `place ${places.size}`;
}

/** A store whose disk does everything at once. */
async function openMemoryStore(path: string): Promise<Result<Store>> {
  const place = places.get(path);
  if (place === undefined) return refuse('store.missing', `nothing is at ${path}`);
  if (place.isOpen) return refuse('store.busy', `${path} is open`);
  place.isOpen = true;
  const store = new MemoryStore(place.image, {
    write: async (work) => work(),
    read: async (work) => work(),
    isFull: () => false,
    backup: async (to) => {
      if (places.has(to)) throw new StoreRefusal(refuse('store.exists', `${to} is taken`));
      places.set(to, { image: copyOf(place.image), isOpen: false });
    },
    closed: () => {
      place.isOpen = false;
    },
  });
  return { ok: true, value: store };
}

storeAcceptance({
  name: 'the simulated store',
  create: async () => {
    const path = freePlace();
    places.set(path, { image: emptyImage(), isOpen: false });
    return path;
  },
  open: openMemoryStore,
  backupPath: async () => `copy ${places.size}`,
  openBackup: async (path) => ({ ok: true, value: mustAccept(await openMemoryStore(path)) }),
});

// A thread of `anshin verify --log`: it is handed places of entry bundles, and answers each in its turn.
import { parentPort, workerData } from 'node:worker_threads';
import { UsageFault } from '#cli/terminal/report.ts';
import type { BundleAnswer } from '#cli/verify/bundle-crew.ts';
import { checkBundle, type LogFolder } from '#cli/verify/entry-bundle.ts';
import type { TilePlace } from '#log/tiles.ts';

const log = workerData as LogFolder;
let turn: Promise<void> = Promise.resolve();

parentPort?.on('message', (place: TilePlace) => {
  turn = turn.then(async () => parentPort?.postMessage(await answerTo(place), []));
});

async function answerTo(place: TilePlace): Promise<BundleAnswer> {
  try {
    return { kind: 'judged', result: await checkBundle(log, place) };
  } catch (error) {
    // A class does not survive the way between threads; any other fault ends this thread, and is told there.
    if (error instanceof UsageFault) return { kind: 'unreadable', message: error.message };
    throw error;
  }
}

// What `npm start`, `npm test`, `npm run check` and `npm run bench` begin with, on whatever Node.js the machine has (20 or newer):
// installs what is missing, then runs a file of the project with the pinned runtime.
//
//   node bin/bootstrap.mjs [--dev] [FILE [ARGUMENT…]]
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

if (Number(process.versions.node.split('.')[0]) < 20) {
  process.stderr.write(`anshin: needs Node.js 20 or newer to start; this is ${process.versions.node}.\n`);
  process.exit(1);
}

const { withAdvice } = await import('./advice.mjs');
const { installMissing } = await import('./install.mjs');
const { pinnedRuntime, runInForeground } = await import('./runtime.mjs');

const root = dirname(dirname(fileURLToPath(import.meta.url)));

await withAdvice(async () => {
  const dev = process.argv[2] === '--dev';
  const [file, ...args] = process.argv.slice(dev ? 3 : 2);
  await installMissing(root, { dev });
  if (file === undefined) return 0;
  return runInForeground(pinnedRuntime(root), [join(root, file), ...args]);
});

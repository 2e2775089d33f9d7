import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { pathsOf } from '#centre/config.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import { startHttp } from '#centre/http/start-http.ts';
import { openCentre } from '#centre/open-centre.ts';
import { addOfficer, issueToken, People } from '#centre/people/people.ts';

// One centre with long logs in a process of its own, with its officers' interface, told by its parent what to do.

export type LongOrder = { readonly kind: 'list' } | { readonly kind: 'load'; readonly count: number } | { readonly kind: 'stop' };

export type LongAnswer =
  /** The folds are made, and the link is served. */
  | { readonly kind: 'ready'; readonly ms: number; readonly cpuMs: number }
  /** The line is open. */
  | { readonly kind: 'open'; readonly ms: number; readonly rssMb: number; readonly peakMb: number }
  | {
      readonly kind: 'list';
      readonly stateMs: number;
      readonly mattersMs: number;
      readonly awaiting: number;
      readonly matters: number;
    }
  | { readonly kind: 'load'; readonly rssMb: number; readonly peakMb: number }
  | { readonly kind: 'stop' };

/** Records filed at a time. */
const window = 500;

const [directory = ''] = process.argv.slice(2);
const running = mustAccept(await openCentre({ directory, passphrase: bytesOfText('for tests only'), nowMs: () => Date.now() }));
const { centre } = running;
answer({ kind: 'ready', ms: performance.now(), cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1000 });
const officers = pathsOf(directory).people;
await addOfficer(officers, { id: 'watch', name: 'Watch', roles: ['watch-officer'] });
const token = mustAccept(await issueToken(officers, 'watch'));
const served = mustAccept(
  await startHttp({
    desk: centre,
    people: mustAccept(await People.open(officers)),
    keyLists: async () => ({ own: '', theirs: null }),
    listen: { host: '127.0.0.1', port: 0 },
    tls: null,
    hosts: [],
    heartbeatMs: 60_000,
    onFault: (error) => process.stderr.write(`${error.stack ?? error.message}\n`),
  }),
);
const opening = setInterval(() => {
  if (centre.linkState().line !== 'open') return;
  clearInterval(opening);
  answer({ kind: 'open', ms: performance.now(), ...memory() });
}, 5);

process.on('message', (order: LongOrder) => {
  void obey(order).then(answer);
});

async function obey(order: LongOrder): Promise<LongAnswer> {
  switch (order.kind) {
    case 'list':
      return await list();
    case 'load':
      return await load(order.count);
    case 'stop':
      await served.close();
      await running.close();
      setTimeout(() => process.disconnect?.(), 20);
      return { kind: 'stop' };
  }
}

/** The first question that an officer's tool asks after a start, and the first page of matters. */
async function list(): Promise<LongAnswer> {
  const state = await timed('/v1/state');
  const matters = await timed('/v1/matters?log=theirs');
  const { needs } = state.value as { readonly needs: { readonly acknowledgeCount: number } };
  const { length } = (matters.value as { readonly matters: readonly unknown[] }).matters;
  return { kind: 'list', stateMs: state.ms, mattersMs: matters.ms, awaiting: needs.acknowledgeCount, matters: length };
}

async function timed(path: string): Promise<{ readonly ms: number; readonly value: unknown }> {
  const begun = performance.now();
  const response = await fetch(`${served.address}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const value: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(value));
  return { ms: performance.now() - begun, value };
}

/** Orderwires, which the folds keep. */
async function load(count: number): Promise<LongAnswer> {
  const { identity } = centre;
  let left = count;
  const clients = Array.from({ length: window }, async () => {
    while (left > 0) {
      left -= 1;
      const context = { identity, peerCentre: identity.peer?.centre ?? '', salt: centre.salt(), dutyTimeMs: centre.dutyTimeMs() };
      const draft = coreDraft(context, {
        format: 'ORDERWIRE',
        content: {},
        role: 'watch-officer',
        precedence: 'R',
        references: [],
      });
      mustAccept(await centre.file({ ...draft, narrative: { language: 'en', text: 'Invented for a measurement.' } }));
    }
  });
  await Promise.all(clients);
  return { kind: 'load', ...memory() };
}

function memory(): { readonly rssMb: number; readonly peakMb: number } {
  return { rssMb: process.memoryUsage().rss / 2 ** 20, peakMb: process.resourceUsage().maxRSS / 2 ** 10 };
}

function answer(message: LongAnswer): void {
  if (process.connected) process.send?.(message);
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { OfficersHouse } from '#test/officers/officers-house.ts';
import { PaperDesk } from '#test/officers/paper-desk.ts';

/** More than all the connections that the server takes. */
const crowd = 600;

async function open(t: TestContext): Promise<OfficersHouse> {
  const house = await OfficersHouse.open(await PaperDesk.open('exercise'));
  t.after(() => house.close());
  return house;
}

test('six hundred connections that say half a request keep no officer out, and no officer’s stream is dropped for them', async (t) => {
  const house = await open(t);
  const { hostname, port } = new URL(house.address);
  const sockets: Socket[] = [];
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  const stream = connect(Number(port), hostname);
  sockets.push(stream);
  let streamed = '';
  stream.on('data', (chunk: Buffer) => (streamed += chunk.toString()));
  const token = house.headers('watch')['authorization'] ?? '';
  stream.write(`GET /v1/events HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: ${token}\r\n\r\n`);
  while (!streamed.includes('event-stream')) await once(stream, 'data');
  for (let number = 0; number < crowd; number += 1) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => socket.destroy());
    sockets.push(socket);
    await once(socket, 'connect');
    socket.write('GET /v1/state HTTP/1.1\r\nHost: ');
  }
  assert.equal((await house.ask('watch', 'GET /v1/state')).status, 200);
  assert.equal(stream.destroyed, false);
});

test('nothing is unpacked: a body that says that it is compressed is read as the bytes that it is, and refused', async (t) => {
  const house = await open(t);
  const text = JSON.stringify(house.notice());
  const packed = { gzip: gzipSync(text), deflate: deflateSync(text), br: brotliCompressSync(text), zstd: zstdCompressSync(text) };
  const post = (body: Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${house.address}/v1/drafts`, {
      method: 'POST',
      body,
      headers: {
        ...house.headers('drafter'),
        'content-type': 'application/json',
        'accept-encoding': 'gzip, br, zstd',
        ...headers,
      },
    });
  for (const [coding, body] of Object.entries(packed)) {
    const answer = await post(new Uint8Array(body), { 'content-encoding': coding });
    const { code } = (await answer.json()) as { readonly code: string };
    assert.deepEqual([answer.status, code, answer.headers.get('content-encoding')], [400, 'request.form', null], coding);
  }
  assert.equal((await post(new TextEncoder().encode(text), {})).status, 201, 'the same unpacked is a good one');
});

import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';

export interface BoardServer {
  readonly address: string;
  close(): void;
}

/** Shows one page on this machine alone, whatever is asked for. */
export async function showBoard(path: string, port: number): Promise<BoardServer> {
  const server: Server = createServer((request, response) => {
    void answer(path, request.method === 'HEAD', response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const shown = typeof address === 'object' && address !== null ? address.port : port;
  return {
    address: `http://127.0.0.1:${shown}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(path: string, isHead: boolean, response: ServerResponse): Promise<void> {
  const page = await readFile(path).catch(() => undefined);
  if (page === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'x-content-type-options': 'nosniff' });
  response.end(isHead ? undefined : page);
}

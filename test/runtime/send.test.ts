import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { MAX_ANSWER_BYTES, sendOverNetwork } from '#platform/runtime/send.ts';

/** long enough for loopback on a busy machine, ms */
const PATIENCE_MS = 20_000;
/** for answers that never come, ms */
const IMPATIENCE_MS = 40;
const MIB = 1024 * 1024;
const TEN_MB = 10_000_000;
/** what may be on its way when a reader stops reading: buffers of both sockets, bytes */
const UNDER_WAY_BYTES = 8 * MIB;

type Seen = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'>;
/** `before`: bytes that its socket had written until then */
const seen: (Seen & { body: string; before: number })[] = [];

const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/ok': (_, response) => {
    response.writeHead(201, { 'Content-Type': 'application/json', 'X-Request-Id': 'r-1' });
    response.end('{"name":"Zoë"}');
  },
  '/gzip': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('small')),
  '/silent': () => {},
  '/stalls': (_, response) => void response.writeHead(200).write('the first half'),
  '/cut': (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('ten bytes.');
    setImmediate(() => response.destroy());
  },
  '/cut-chunked': (_, response) => {
    response.writeHead(200).write('ten bytes.');
    setImmediate(() => response.destroy());
  },
  '/hangs-up': (request) => request.socket.destroy(),
  '/redirect': (_, response) => response.writeHead(302, { location: '/ok' }).end(),
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end('<html>Moved</html>'),
  '/elsewhere': (_, response) => response.writeHead(307, { location: `http://127.0.0.1:${elsewhere}/ok` }).end(),
  '/largest': (_, response) => response.writeHead(200).end(Buffer.alloc(MAX_ANSWER_BYTES, '.')),
  '/one-more': (_, response) => response.writeHead(200).end(Buffer.alloc(MAX_ANSWER_BYTES + 1, '.')),
  '/10-mb': (_, response) => response.writeHead(200).end(Buffer.alloc(TEN_MB, '.')),
  '/10-mb-compressed': (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(TEN_MB, '.'))),
  '/endless': (_, response) => {
    const chunk = Buffer.alloc(MIB);
    const write = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', write).writeHead(200);
    write();
  },
  '/broken': (_, response) => response.writeHead(503, { 'retry-after': '7' }).end('later'),
};

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    const { method, url, headers, socket } = request;
    seen.push({ method, url, headers, socket, body, before: socket.bytesWritten });
    routes[request.url ?? '']?.(request, response);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

let followed = 0;
const otherServer = createServer((_, response) => {
  followed += 1;
  response.end();
});
otherServer.listen(0, '127.0.0.1');
await once(otherServer, 'listening');
const { port: elsewhere } = otherServer.address() as AddressInfo;

after(() => {
  for (const one of [server, otherServer]) {
    one.closeAllConnections();
    one.close();
  }
});

const get = (path: string, timeoutMs = PATIENCE_MS) =>
  sendOverNetwork({ method: 'GET', url: `http://127.0.0.1:${port}${path}`, headers: {} }, { timeoutMs });

test('a request goes out as it was built, and the answer comes back whole', async () => {
  const request: HttpRequest = {
    method: 'POST',
    url: `http://127.0.0.1:${port}/ok`,
    headers: { 'x-signature': 'abc' },
    body: '{"city":"Zürich"}',
  };
  const { status, headers, body } = await sendOverNetwork(request, { timeoutMs: PATIENCE_MS });
  assert.deepEqual([status, headers['content-type'], headers['x-request-id']], [201, 'application/json', 'r-1']);
  assert.equal(body, '{"name":"Zoë"}');
  const got = seen.at(-1)!;
  assert.deepEqual([got.method, got.url, got.body], ['POST', '/ok', request.body]);
  assert.equal(got.headers['x-signature'], 'abc');
});

test('a compressed answer comes back as what it says', async () => {
  assert.equal((await get('/gzip')).body, 'small');
});

test('an answer of any status is an answer', async () => {
  const { status, headers, body } = await get('/broken');
  assert.deepEqual([status, headers['retry-after'], body], [503, '7', 'later']);
});

test('a redirect is not followed', async () => {
  seen.length = 0;
  const { status, headers } = await get('/redirect');
  assert.deepEqual([status, headers.location], [302, '/ok']);
  assert.deepEqual(
    seen.map(({ url }) => url),
    ['/redirect'],
  );
});

test('a redirect loop is one answer, and one to another host takes no credentials there', async () => {
  for (const [path, status] of [
    ['/loop', 302],
    ['/elsewhere', 307],
  ] as const) {
    seen.length = 0;
    const request: HttpRequest = {
      method: 'POST',
      url: `http://127.0.0.1:${port}${path}`,
      headers: { authorization: 'Bearer s3cr3t' },
      body: 'refresh_token=s3cr3t',
    };
    assert.equal((await sendOverNetwork(request, { timeoutMs: PATIENCE_MS })).status, status);
    assert.deepEqual([seen.length, followed], [1, 0]);
  }
});

for (const path of ['/silent', '/stalls']) {
  test(`an answer that is not whole in time is none: ${path}`, async () => {
    await assert.rejects(get(path, IMPATIENCE_MS), { kind: 'retryable', code: 'timeout' });
  });
}

for (const path of ['/cut', '/cut-chunked', '/hangs-up']) {
  test(`half an answer is never taken for a whole one: ${path}`, async () => {
    await assert.rejects(get(path), { kind: 'retryable', code: 'network' });
  });
}

test('the largest answer is read to its last byte', async () => {
  assert.equal((await get('/largest')).body.length, MAX_ANSWER_BYTES);
});

for (const path of ['/one-more', '/10-mb', '/10-mb-compressed']) {
  test(`a larger answer is refused: ${path}`, async () => {
    await assert.rejects(get(path), { kind: 'retryable', code: 'answer-too-large' });
  });
}

test('what is beyond the largest answer is not even taken from the wire', async () => {
  await assert.rejects(get('/endless'), { code: 'answer-too-large' });
  const { socket, before } = seen.at(-1)!;
  if (!socket.destroyed) await new Promise((closed) => socket.once('close', closed));
  assert.ok(socket.bytesWritten - before < MAX_ANSWER_BYTES + UNDER_WAY_BYTES);
});

test('an answer without an end is given up before it fills the memory', async () => {
  await assert.rejects(get('/endless'), { kind: 'retryable', code: 'answer-too-large' });
});

test('a server that is not there is a retryable failure, whose message holds nothing of the request', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const request: HttpRequest = {
    method: 'GET',
    url: `http://127.0.0.1:${port}/?access_token=s3cr3t`,
    headers: { authorization: 's3cr3t' },
  };
  await assert.rejects(sendOverNetwork(request, { timeoutMs: PATIENCE_MS }), {
    kind: 'retryable',
    code: 'network',
    message: 'the connection failed',
  });
});

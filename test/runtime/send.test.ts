import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { sendOverNetwork } from '#platform/runtime/send.ts';

/** long enough for loopback on a busy machine, ms */
const PATIENCE_MS = 20_000;
/** for answers that never come, ms */
const IMPATIENCE_MS = 40;
const MIB = 1024 * 1024;

const seen: { method: string | undefined; url: string | undefined; headers: object; body: string }[] = [];

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
    const { method, url, headers } = request;
    seen.push({ method, url, headers, body });
    routes[url ?? '']?.(request, response);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
after(() => {
  server.closeAllConnections();
  server.close();
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
  assert.equal((got.headers as Record<string, string>)['x-signature'], 'abc');
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

import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { createFunctionDeps } from '#platform/functions/deps.ts';
import { serveHttp } from '#platform/functions/serve.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { createIntakeApp } from '#services/webhook-intake/app.ts';
import { createVerificationKeys } from '#services/webhook-intake/verification-keys.ts';
import { connectSellers } from '#test/support/connected-sellers.ts';
import { fromShopee, PUBLIC_URL, shopeePush } from './intake-world.ts';

// Bytes on a socket, as no HTTP client would send them, to an intake that is served in real time.
const engine = openEmbeddedEngine({ path: ':memory:', clock: realClock });
const { world, byName } = await connectSellers(engine, { webhooksUrl: `${PUBLIC_URL}/webhooks`, sellers: 1 });
const deps = await createFunctionDeps(world, 'webhook-intake');
const app = createIntakeApp({ ...deps, verificationKeys: createVerificationKeys(deps) }, { publicUrl: PUBLIC_URL });
const served = await serveHttp(app, { host: '127.0.0.1', port: 0, setting: 'the test' });
const open = new Set<Socket>();
after(async () => {
  for (const socket of open) socket.destroy();
  await served.stop();
  await engine.close();
});

function dial(): Socket {
  const socket = connect(served.port, '127.0.0.1');
  socket.on('error', () => {}); // a server may cut what it will not read to its end
  open.add(socket);
  return socket;
}

/** Sends bytes and returns all that comes back until the connection is closed, be it by a reset. */
async function exchange(bytes: string): Promise<string> {
  const socket = dial();
  socket.write(bytes);
  let answer = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    answer += part;
  });
  await new Promise((resolve) => socket.on('close', resolve));
  return answer;
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

let orders = 0;
function goodDelivery(): { headers: string; body: string } {
  const { sellerId } = byName.get('shopee')!.sellers[0]!;
  const sent = fromShopee(shopeePush(sellerId, `261124ORDER${orders++}`));
  const lines = Object.entries(sent.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  return { headers: `Host: sluice.test\r\nConnection: close\r\n${lines.join('')}`, body: String(sent.body) };
}

async function assertStillWorking(): Promise<void> {
  const { headers, body } = goodDelivery();
  const answer = await exchange(
    `POST /webhooks/shopee HTTP/1.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  assert.equal(statusOf(answer), 200);
}

const POST = 'POST /webhooks/shopee HTTP/1.1\r\nHost: sluice.test\r\nContent-Type: application/json\r\n';
const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`;

/** 0: the connection is closed without an answer */
const REQUESTS: Record<string, [bytes: string, statuses: number[]]> = {
  'no HTTP': ['\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', [400]],
  'a request line alone, of nonsense': ['POST\r\n\r\n', [400]],
  'no Host': ['GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', [400]],
  'a Host of nonsense': ['GET /webhooks/ebay HTTP/1.1\r\nHost: [::\r\nConnection: close\r\n\r\n', [400, 404]],
  'a header without an end': [`${POST}X: ${'x'.repeat(20_000)}`, [431]],
  'a header with a line break in its name': [`${POST}a\nb: c\r\n\r\n`, [400]],
  'a content length that is no number': [`${POST}Content-Length: many\r\n\r\n`, [400]],
  'a negative content length': [`${POST}Content-Length: -1\r\n\r\n`, [400]],
  'two lengths, one chunked': [`${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, [400]],
  'a content length of 2 MiB': [`${POST}Connection: close\r\nContent-Length: 2097152\r\n\r\n`, [413]],
  'chunks of 2 MiB in all': [
    `${POST}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(65_536).repeat(32)}0\r\n\r\n`,
    [413],
  ],
  'a chunk length of nonsense': [`${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, [400]],
  'a path of nonsense': ['GET /webhooks/%00%E0%A4%A?%=%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', [404]],
  'a path with two slashes': ['GET //webhooks//ebay HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', [404]],
  'a path upwards': ['GET /webhooks/../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', [404]],
};

for (const [name, [bytes, statuses]] of Object.entries(REQUESTS)) {
  test(`a request with ${name} is answered ${statuses.join(' or ')}, and the next one is served`, async () => {
    const status = statusOf(await exchange(bytes));
    assert.ok(statuses.includes(status), `answered ${status}`);
    await assertStillWorking();
  });
}

test('a body that is shorter than it said has no effect, and the next one is served', async () => {
  const { headers, body } = goodDelivery();
  const before = await engine.queues.depth('sync');
  const socket = dial();
  socket.end(`POST /webhooks/shopee HTTP/1.1\r\n${headers}Content-Length: ${body.length + 1}\r\n\r\n${body}`);
  await new Promise((resolve) => socket.resume().on('close', resolve));
  assert.deepEqual(await engine.queues.depth('sync'), before);
  await assertStillWorking();
});

test('slow senders hold up nobody', async () => {
  for (let sender = 0; sender < 100; sender++) dial().write(`${POST}Content-Length: 100\r\n\r\n{`);
  await assertStillWorking();
});

test('a client that leaves before its answer ends nothing, and the next one is served', async () => {
  for (let client = 0; client < 20; client++) {
    const { headers, body } = goodDelivery();
    const socket = dial();
    socket.write(`POST /webhooks/shopee HTTP/1.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`, () =>
      socket.resetAndDestroy(),
    );
  }
  await assertStillWorking();
});

import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { createWorld, DRAFT, errorIdOf, type Json, NOTIFICATION } from './sandbox-world.ts';

test('a placed order is notified once, signed so that the public key verifies it; later changes are not', async () => {
  const { world, sandbox, call, appToken } = createWorld();
  const order = sandbox.books.place('sandboxuser0002', DRAFT);
  sandbox.books.ship(order.orderId, { carrier: 'DHL', trackingNumber: '1' });
  sandbox.books.deliver(order.orderId);
  assert.equal(world.sent.length, 1);
  const request = world.sent[0] as HttpRequest;
  assert.equal(request.url, 'http://sluice.test/webhooks/ebay');
  const { metadata, notification } = JSON.parse(request.body ?? '');
  assert.equal(metadata.topic, 'ORDER_CONFIRMATION');
  assert.equal(notification.publishAttemptCount, 1);
  assert.equal(notification.data.user.userId, 'sandboxuser0002');
  assert.equal(notification.data.order.orderId, order.orderId);
  assert.deepEqual(
    notification.data.order.orderLineItems.map((line: Json) => line.orderLineItemId),
    order.lines.map((line) => line.lineId),
  );

  const header = JSON.parse(Buffer.from(request.headers['x-ebay-signature'] ?? '', 'base64').toString());
  assert.equal(header.digest, 'SHA1');
  const answer = (await call(await appToken(), `${NOTIFICATION}/public_key/${header.kid}`)).body;
  assert.doesNotMatch(answer.key, /\n/);
  const pem = answer.key.replace(/(-----BEGIN PUBLIC KEY-----)(.+)(-----END PUBLIC KEY-----)/, '$1\n$2\n$3');
  const signature = Buffer.from(header.signature, 'base64');
  const body = Buffer.from(request.body ?? '');
  assert.equal(verify('sha1', body, createPublicKey(pem), signature), true);
  body[10] = (body[10] ?? 0) ^ 1;
  assert.equal(verify('sha1', body, createPublicKey(pem), signature), false);

  const unknown = await call(await appToken(), `${NOTIFICATION}/public_key/00000000-0000-0000-0000-000000000000`);
  assert.deepEqual([unknown.status, errorIdOf(unknown)], [404, 195001]);
});

test('a resend keeps the notification id and counts its attempts', async () => {
  const statuses = [503, 500, 204];
  const { world, sandbox } = createWorld({ webhookStatus: () => statuses.shift() ?? 204 });
  sandbox.books.place('sandboxuser0001', DRAFT);
  while (sandbox.webhooksUnderWay() > 0) await Promise.resolve();
  const sent = world.sent.map((request) => JSON.parse(request.body ?? '').notification);
  assert.deepEqual(world.slept, [60_000, 300_000]);
  assert.equal(new Set(sent.map((one) => one.notificationId)).size, 1);
  assert.deepEqual(
    sent.map((one) => one.publishAttemptCount),
    [1, 2, 3],
  );
  assert.equal(new Set(sent.map((one) => one.publishDate)).size, 3);
  assert.deepEqual(sandbox.webhooks, { sent: 3, accepted: 1, refused: 2, lost: 0 });
});

test('a destination must be public, https, new, well-named, and answer the challenge', async () => {
  let status = 200;
  const { world, call, appToken } = createWorld({ webhookStatus: () => status });
  const token = await appToken();
  const post = (changes: { name?: string; endpoint?: string; verificationToken?: string; status?: string }) =>
    call(token, `${NOTIFICATION}/destination`, {
      method: 'POST',
      body: {
        name: changes.name ?? 'mine',
        status: changes.status ?? 'ENABLED',
        deliveryConfig: {
          endpoint: changes.endpoint ?? 'https://me.test/ebay',
          verificationToken: changes.verificationToken ?? 'a'.repeat(32),
        },
      },
    });
  const config = (method: string, body?: unknown) => call(token, `${NOTIFICATION}/config`, { method, body });
  assert.equal(errorIdOf(await config('GET')), 195026);
  assert.equal(errorIdOf(await post({})), 195003);
  assert.equal(errorIdOf(await config('PUT', { alertEmail: 'nobody' })), 195025);
  assert.equal((await config('PUT', { alertEmail: 'me@example.test' })).status, 204);

  assert.equal(errorIdOf(await post({ name: 'x'.repeat(65) })), 195016);
  assert.equal(errorIdOf(await post({ status: 'ON' })), 195017);
  for (const endpoint of ['http://me.test/ebay', 'https://localhost/ebay', 'https://192.168.1.2/ebay']) {
    assert.equal(errorIdOf(await post({ endpoint })), 195018);
  }
  assert.equal(errorIdOf(await post({ verificationToken: 'short' })), 195019);
  status = 404;
  assert.equal(errorIdOf(await post({})), 195020);
  status = 200;
  const created = await post({});
  assert.equal(created.status, 201);
  assert.match(world.sent.at(-1)?.url ?? '', /^https:\/\/me\.test\/ebay\?challenge_code=[0-9a-f]{64}$/);
  const again = await post({});
  assert.deepEqual([again.status, errorIdOf(again)], [409, 195021]);
  const read = await call(token, created.location.replace('http://sandbox.test/ebay', ''));
  assert.equal(read.body.deliveryConfig.endpoint, 'https://me.test/ebay');
  assert.equal((await call(token, `${NOTIFICATION}/destination`)).body.total, 2);
  assert.equal(errorIdOf(await call(token, `${NOTIFICATION}/destination?limit=9`)), 195004);
});

test('only the subscribed seller is notified, and a topic can be subscribed to once', async () => {
  const { world, sandbox, call, sellerToken, appToken } = createWorld();
  const seller = await sellerToken();
  const application = await appToken();
  const path = `${NOTIFICATION}/subscription`;
  const request = {
    topicId: 'ORDER_CONFIRMATION',
    status: 'ENABLED',
    payload: { format: 'JSON', deliveryProtocol: 'HTTPS', schemaVersion: '1.0' },
    destinationId: 'sandbox-destination-1',
  };
  const post = (token: string, body: unknown) => call(token, path, { method: 'POST', body });
  await call(application, `${NOTIFICATION}/config`, { method: 'PUT', body: { alertEmail: 'me@example.test' } });

  const [mine] = (await call(seller, path)).body.subscriptions;
  assert.equal(mine.topicId, 'ORDER_CONFIRMATION');
  assert.equal(errorIdOf(await post(seller, request)), 195012);
  assert.equal(errorIdOf(await post(application, request)), 195011);
  assert.equal(errorIdOf(await post(seller, { ...request, topicId: 'ORDER_CANCELLED' })), 195006);
  assert.equal(errorIdOf(await post(seller, { ...request, destinationId: 'other' })), 195010);
  const foreign = await call(await sellerToken(2), `${path}/${mine.subscriptionId}`);
  assert.deepEqual([foreign.status, errorIdOf(foreign)], [404, 195013]);

  assert.equal((await call(seller, `${path}/${mine.subscriptionId}/disable`, { method: 'POST' })).status, 204);
  sandbox.books.place('sandboxuser0001', DRAFT);
  assert.equal(world.sent.length, 0);
  assert.equal((await call(seller, `${path}/${mine.subscriptionId}`, { method: 'DELETE' })).status, 204);
  sandbox.books.place('sandboxuser0001', DRAFT);
  assert.equal(world.sent.length, 0);
  assert.equal((await post(seller, request)).status, 201);
  sandbox.books.place('sandboxuser0001', DRAFT);
  assert.equal(world.sent.length, 1);
});

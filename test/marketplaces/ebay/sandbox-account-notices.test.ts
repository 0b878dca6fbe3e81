import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { createWorld, DAY_MS, DRAFT, errorIdOf, iso, type Json, NOTIFICATION, ORDERS } from './sandbox-world.ts';

const FIRST = 'sandboxuser0001';
const SUBSCRIPTIONS = `${NOTIFICATION}/subscription`;
const DESTINATION = `${NOTIFICATION}/destination/sandbox-destination-1`;

const readNotice = (request: HttpRequest | undefined): Json => JSON.parse(request?.body ?? '');

test('a buyer who closes their account is told of by the name that their orders show, signed', async () => {
  const { world, sandbox, call, sellerToken, appToken } = createWorld();
  const { orderId } = sandbox.books.place(FIRST, DRAFT);
  const order = (await call(await sellerToken(), `${ORDERS}/${orderId}`)).body;
  const account = sandbox.deleteAccount({ orderId });
  assert.equal(account?.username, order.buyer.username);
  const request = world.sent.at(-1)!;
  const { metadata, notification } = readNotice(request);
  assert.deepEqual(metadata, { topic: 'MARKETPLACE_ACCOUNT_DELETION', schemaVersion: '1.0', deprecated: false });
  assert.deepEqual(notification.data, account);
  assert.deepEqual(Object.keys(notification.data), ['username', 'userId', 'eiasToken']);
  assert.equal(notification.eventDate, iso(world.now));

  const header = JSON.parse(Buffer.from(request.headers['x-ebay-signature'] ?? '', 'base64').toString());
  const { key } = (await call(await appToken(), `${NOTIFICATION}/public_key/${header.kid}`)).body;
  const pem = key.replace(/(-----BEGIN PUBLIC KEY-----)(.+)(-----END PUBLIC KEY-----)/, '$1\n$2\n$3');
  const signature = Buffer.from(header.signature, 'base64');
  assert.equal(verify('sha1', Buffer.from(request.body ?? ''), createPublicKey(pem), signature), true);
  assert.throws(() => sandbox.deleteAccount({ orderId: '01-00000-00000' }));
});

test('a seller who closes their account is told of by their user id', () => {
  const { world, sandbox } = createWorld();
  const account = sandbox.deleteAccount({ sellerId: FIRST });
  assert.deepEqual([account?.userId, account?.username], [FIRST, 'shop-0001']);
  assert.equal(world.sent.length, 1);
});

test('a deletion is sent until it is acknowledged, and a day without that marks the endpoint down', async () => {
  let status = 500;
  const { world, sandbox, call, appToken } = createWorld({ webhookStatus: () => status });
  const startedAt = world.now;
  sandbox.deleteAccount({ sellerId: FIRST });
  while (sandbox.webhooksUnderWay() > 0) await new Promise(setImmediate);
  assert.ok(world.now - startedAt >= DAY_MS);
  const notices = world.sent.map((request) => readNotice(request).notification);
  assert.equal(new Set(notices.map((one) => one.notificationId)).size, 1);
  assert.deepEqual(
    notices.map((one) => one.publishAttemptCount),
    notices.map((_, index) => index + 1),
  );
  const token = await appToken();
  const destination = (await call(token, DESTINATION)).body;
  assert.equal(destination.status, 'MARKED_DOWN');
  assert.equal(sandbox.deleteAccount({ sellerId: FIRST }), undefined);

  const put = (body: Json) => call(token, DESTINATION, { method: 'PUT', body });
  const { destinationId: _, ...request } = { ...destination, status: 'ENABLED' };
  assert.equal(errorIdOf(await put(request)), 195020, 'the challenge comes again');
  status = 200;
  assert.equal((await put(request)).status, 204);
  assert.match(world.sent.at(-1)?.url ?? '', /^http:\/\/sluice\.test\/webhooks\/ebay\?challenge_code=/);
  assert.ok(sandbox.deleteAccount({ sellerId: FIRST }));
});

test('a revoked authorization ends all tokens of the seller and is told', async () => {
  const { world, sandbox, call, token, sellerToken } = createWorld();
  const first = await sellerToken();
  const second = await sellerToken(2);
  sandbox.revokeAuthorization(FIRST, 'PASSWORD_CHANGE');
  assert.equal(errorIdOf(await call(first, ORDERS)), 1001);
  const refresh = await token({ grant_type: 'refresh_token', refresh_token: 'v^1.1#i^1#sandbox-refresh-1' });
  assert.deepEqual([refresh.status, refresh.body.error], [400, 'invalid_grant']);
  assert.equal((await call(second, ORDERS)).status, 200);
  const { metadata, notification } = readNotice(world.sent.at(-1));
  assert.equal(metadata.topic, 'AUTHORIZATION_REVOCATION');
  const { userId, revokeReason, revocationDate } = notification.data;
  assert.deepEqual([userId, revokeReason, revocationDate], [FIRST, 'PASSWORD_CHANGE', iso(world.now)]);
});

test('a subscription that is switched off hears nothing until it is switched on again', async () => {
  const { sandbox, call, appToken } = createWorld();
  const token = await appToken();
  const { subscriptions } = (await call(token, SUBSCRIPTIONS)).body;
  const deletion = subscriptions.find((one: Json) => one.topicId === 'MARKETPLACE_ACCOUNT_DELETION');
  const path = `${SUBSCRIPTIONS}/${deletion.subscriptionId}`;
  assert.equal((await call(token, `${path}/disable`, { method: 'POST' })).status, 204);
  assert.equal(sandbox.deleteAccount({ sellerId: FIRST }), undefined);
  const { status: _, ...rest } = deletion;
  const update = { status: 'ENABLED', payload: rest.payload, destinationId: rest.destinationId };
  const put = (body: Json) => call(token, path, { method: 'PUT', body });
  assert.equal(errorIdOf(await put({ ...update, destinationId: 'other' })), 195010);
  assert.equal((await put(update)).status, 204);
  assert.ok(sandbox.deleteAccount({ sellerId: FIRST }));
});

test('a test notification comes on demand, with the topic’s data and nobody’s account', async () => {
  const { world, call, appToken, sellerToken } = createWorld();
  const token = await appToken();
  const answer = await call(token, `${SUBSCRIPTIONS}/sandbox-subscription-account-deletion/test`, { method: 'POST' });
  assert.equal(answer.status, 202);
  const { metadata, notification } = readNotice(world.sent[0]);
  assert.deepEqual([metadata.topic, notification.data.userId], ['MARKETPLACE_ACCOUNT_DELETION', 'test']);
  const seller = await sellerToken();
  const foreign = await call(seller, `${SUBSCRIPTIONS}/sandbox-subscription-account-deletion/test`, { method: 'POST' });
  assert.deepEqual([foreign.status, errorIdOf(foreign)], [404, 195013]);
});

test('topics say whose token subscribes to them', async () => {
  const { call, appToken } = createWorld();
  const token = await appToken();
  const { topics, total } = (await call(token, `${NOTIFICATION}/topic`)).body;
  assert.equal(total, 3);
  assert.deepEqual(
    topics.map((topic: Json) => [topic.topicId, topic.scope]),
    [
      ['ORDER_CONFIRMATION', 'USER'],
      ['MARKETPLACE_ACCOUNT_DELETION', 'APPLICATION'],
      ['AUTHORIZATION_REVOCATION', 'APPLICATION'],
    ],
  );
  const one = (await call(token, `${NOTIFICATION}/topic/ORDER_CONFIRMATION`)).body;
  assert.deepEqual(one, topics[0]);
  assert.equal(errorIdOf(await call(token, `${NOTIFICATION}/topic/NONE`)), 195002);
});

test('a destination in use stays, and one that is not is gone', async () => {
  const { call, appToken } = createWorld({ webhookStatus: () => 200 });
  const token = await appToken();
  const remove = (path: string) => call(token, path, { method: 'DELETE' });
  assert.equal(errorIdOf(await remove(DESTINATION)), 195024);
  await call(token, `${NOTIFICATION}/config`, { method: 'PUT', body: { alertEmail: 'me@example.test' } });
  const deliveryConfig = { endpoint: 'https://me.test/ebay', verificationToken: 'a'.repeat(32) };
  const body = { name: 'mine', status: 'ENABLED', deliveryConfig };
  const { location } = await call(token, `${NOTIFICATION}/destination`, { method: 'POST', body });
  const path = location.replace('http://sandbox.test/ebay', '');
  const taken = { ...body, deliveryConfig: { ...deliveryConfig, endpoint: 'http://sluice.test/webhooks/ebay' } };
  assert.equal(errorIdOf(await call(token, path, { method: 'PUT', body: taken })), 195021);
  assert.equal((await remove(path)).status, 204);
  assert.equal(errorIdOf(await remove(path)), 195022);
  assert.equal(errorIdOf(await call(token, path, { method: 'PUT', body })), 195022);
});

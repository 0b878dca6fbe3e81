import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tiktokShop } from '#marketplaces/tiktok-shop/index.ts';
import { answer, app, context, failureOf, runSteps, success } from './support.ts';

const OURS = app.webhookUrl;
const EVENTS = [
  'ORDER_STATUS_CHANGE',
  'RECIPIENT_ADDRESS_UPDATE',
  'PACKAGE_UPDATE',
  'CANCELLATION_STATUS_CHANGE',
  'RETURN_STATUS_CHANGE',
  'SELLER_DEAUTHORIZATION',
  'UPCOMING_AUTHORIZATION_EXPIRATION',
];

const subscribe = (addresses: Record<string, string>, repaired = success({})) =>
  runSteps(
    (answers) => tiktokShop.webhook.subscribe!(context, { callbackUrl: OURS }, answers),
    ({ method }) =>
      method === 'GET'
        ? success({
            webhooks: Object.entries(addresses).map(([event_type, address]) => ({ event_type, address })),
            total_count: Object.keys(addresses).length,
          })
        : repaired,
  );
const all = (address: string): Record<string, string> => Object.fromEntries(EVENTS.map((event) => [event, address]));

test('a shop that sends everything here is left alone', () => {
  const { result, operations } = subscribe({ ...all(OURS), NEW_MESSAGE: 'https://chat.example' });
  assert.deepEqual(result, { repaired: 0 });
  assert.deepEqual(operations, ['getWebhooks']);
});

test('events that go nowhere are sent here, one call each', () => {
  const { result, requests } = subscribe({});
  assert.deepEqual(result, { repaired: EVENTS.length });
  const puts = requests.slice(1);
  assert.deepEqual(
    puts.map(({ body }) => JSON.parse(body!)),
    EVENTS.map((event_type) => ({ address: OURS, event_type })),
  );
  for (const { method, url } of puts) {
    assert.equal(method, 'PUT');
    assert.equal(new URL(url).pathname, '/event/202309/webhooks');
  }
});

test('only the event that goes elsewhere is moved', () => {
  const { result, requests } = subscribe({ ...all(OURS), PACKAGE_UPDATE: 'https://old.example' });
  assert.deepEqual(result, { repaired: 1 });
  assert.deepEqual(JSON.parse(requests[1]!.body!), { address: OURS, event_type: 'PACKAGE_UPDATE' });
});

test('a list or a repair that is not whole counts as none', () => {
  const subscribeTo = (listed: string) =>
    tiktokShop.webhook.subscribe!(context, { callbackUrl: OURS }, [answer(listed)]);
  assert.equal(failureOf(() => subscribeTo('{"code":0,"data":{"webhooks":[{"address":')).kind, 'retryable');
  assert.equal(failureOf(() => subscribe({}, answer('<html></html>'))).kind, 'retryable');
});

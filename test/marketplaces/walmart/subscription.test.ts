import assert from 'node:assert/strict';
import { test } from 'node:test';
import { walmart } from '#marketplaces/walmart/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { answer, app, context, failureOf, refusal, runSteps } from './support.ts';

const callbackUrl = 'https://sluice.example/webhooks/walmart';
const authDetails = { authMethod: 'HMAC', authHeaderName: 'WM_SEC.SIGNATURE', clientSecret: app.webhookSecret };
const ours = {
  subscriptionId: '00000000-0000-4000-8000-000000000001',
  eventType: 'ORDER_UPDATES',
  partnerId: '10001234567',
  eventVersion: 'V1',
  resourceName: 'ORDER',
  eventUrl: callbackUrl,
  authDetails,
  status: 'ACTIVE',
};

const subscribe = (listed: HttpResponse, repaired?: HttpResponse) =>
  runSteps(
    (answers) => walmart.webhook.subscribe!(context, { callbackUrl }, answers),
    (_request, operation) => (operation === 'listSubscriptions' ? listed : repaired!),
  );

test('a subscription that is in order is left alone, whichever way the list is written', () => {
  const masked = { ...ours, authDetails: { ...authDetails, clientSecret: '********' } };
  const left = { ...ours, authDetails: { authMethod: 'HMAC', authHeaderName: 'wm_sec.signature' } };
  for (const events of [[ours], [{ event: [ours] }], [masked], [left]]) {
    const { result, operations } = subscribe(answer({ events }));
    assert.deepEqual(result, { repaired: 0 });
    assert.deepEqual(operations, ['listSubscriptions']);
  }
});

const NONE: [string, HttpResponse][] = [
  ['an empty list', answer({ events: [] })],
  ['a list that is not there', refusal('CONTENT_NOT_FOUND.GMP_WEBHOOK_API', 404)],
  ['a subscription of another URL', answer({ events: [{ ...ours, eventUrl: 'https://other.example' }] })],
  ['a subscription of another event', answer({ events: [{ ...ours, eventType: 'INVENTORY_OOS' }] })],
];
for (const [name, listed] of NONE) {
  test(`${name}: a subscription is made, and the others are left alone`, () => {
    const { result, requests } = subscribe(listed, answer({ events: [ours] }));
    assert.deepEqual(result, { repaired: 1 });
    assert.deepEqual([requests[1]!.method, new URL(requests[1]!.url).pathname], ['POST', '/v3/webhooks/subscriptions']);
    assert.deepEqual(JSON.parse(requests[1]!.body!), {
      events: [
        {
          eventType: 'ORDER_UPDATES',
          eventVersion: 'V1',
          resourceName: 'ORDER',
          eventUrl: callbackUrl,
          authDetails,
          status: 'ACTIVE',
        },
      ],
    });
  });
}

const BROKEN: [string, object][] = [
  ['switched off', { status: 'INACTIVE' }],
  ['signed with the secret before', { authDetails: { ...authDetails, clientSecret: 'former-secret' } }],
  ['signed in another header', { authDetails: { ...authDetails, authHeaderName: 'Authorization' } }],
  ['not signed', { authDetails: { authMethod: 'BASIC_AUTH', authHeaderName: 'Authorization' } }],
  ['without authentication', { authDetails: undefined }],
];
for (const [name, change] of BROKEN) {
  test(`a subscription that is ${name} is repaired in its place`, () => {
    const { result, requests } = subscribe(answer({ events: [{ ...ours, ...change }] }), answer(ours));
    assert.deepEqual(result, { repaired: 1 });
    const [, { method, url, body } = {} as never] = requests;
    assert.deepEqual([method, new URL(url).pathname], ['PATCH', `/v3/webhooks/subscriptions/${ours.subscriptionId}`]);
    assert.deepEqual(JSON.parse(body!), { eventUrl: callbackUrl, authDetails, status: 'ACTIVE' });
  });
}

test('of two subscriptions of the URL, one in order is enough', () => {
  const events = [{ ...ours, subscriptionId: '1', status: 'INACTIVE' }, ours];
  assert.deepEqual(subscribe(answer({ events })).result, { repaired: 0 });
});

test('its calls carry the app’s credentials besides the seller’s token', () => {
  const { requests } = subscribe(answer({ events: [] }), answer({ events: [ours] }));
  for (const { headers } of requests) {
    assert.match(headers.Authorization ?? '', /^Basic /);
    assert.equal(headers['WM_SEC.ACCESS_TOKEN'], 'access-1');
  }
});

test('a list of another shape repairs nothing by guess', () => {
  for (const listed of [answer({ events: [{ eventType: 'ORDER_UPDATES' }] }), answer({ events: 'none' })]) {
    assert.equal(failureOf(() => subscribe(listed)).kind, 'retryable');
  }
});

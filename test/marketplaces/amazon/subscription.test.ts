import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { answer, answersBy, context, failureOf, refusal, registration, runSteps } from './support.ts';

const app = amazon.appSchema.parse({ ...registration, destinationId: 'destination-1' }) as typeof context.app;
const callbackUrl = 'https://sluice.example/webhooks/amazon';
const PATH = '/notifications/v1/subscriptions/ORDER_CHANGE';

const subscription = (destinationId: string) =>
  answer({ payload: { subscriptionId: 'subscription/1', payloadVersion: '1.0', destinationId } });
const NONE = refusal('NotFound', 404);
const TOKEN = answer({ access_token: 'Atza|grantless', token_type: 'bearer', expires_in: 3600 });

const subscribe = (prepared: Record<string, readonly HttpResponse[]>, withApp = app) =>
  runSteps(
    (answers) => amazon.webhook.subscribe!({ ...context, app: withApp }, { callbackUrl }, answers),
    answersBy(prepared),
  );

test('a subscription that sends to our queue is left alone', () => {
  const { result, requests } = subscribe({ getSubscription: [subscription('destination-1')] });
  assert.deepEqual(result, { repaired: 0 });
  assert.deepEqual(
    requests.map(({ method, url }) => [method, url]),
    [['GET', `https://sellingpartnerapi-eu.amazon.com${PATH}?payloadVersion=1.0`]],
  );
});

test('where there is none, one is made, with the token of the seller', () => {
  const { result, requests, operations } = subscribe({
    getSubscription: [NONE],
    createSubscription: [subscription('destination-1')],
  });
  assert.deepEqual(result, { repaired: 1 });
  assert.deepEqual(operations, ['getSubscription', 'createSubscription']);
  const { method, url, headers, body } = requests[1]!;
  assert.deepEqual([method, new URL(url).pathname, headers['x-amz-access-token']], ['POST', PATH, 'Atza|token']);
  assert.deepEqual(JSON.parse(body!), { payloadVersion: '1.0', destinationId: 'destination-1' });
});

test("one that sends elsewhere is deleted, with the app's own token, and made anew", () => {
  const { result, requests, operations } = subscribe({
    getSubscription: [subscription('destination-0')],
    appToken: [TOKEN],
    deleteSubscriptionById: [answer({})],
    createSubscription: [subscription('destination-1')],
  });
  assert.deepEqual(result, { repaired: 1 });
  assert.deepEqual(operations, ['getSubscription', 'appToken', 'deleteSubscriptionById', 'createSubscription']);
  const [, token, deletion, creation] = requests;
  const grant = Object.fromEntries(new URLSearchParams(token!.body));
  assert.deepEqual([grant.grant_type, grant.scope], ['client_credentials', 'sellingpartnerapi::notifications']);
  assert.deepEqual([deletion!.method, new URL(deletion!.url).pathname], ['DELETE', `${PATH}/subscription%2F1`]);
  assert.deepEqual(
    [deletion, creation].map((request) => request!.headers['x-amz-access-token']),
    ['Atza|grantless', 'Atza|token'],
  );
});

test('one that somebody deleted meanwhile is made anew all the same', () => {
  const { result } = subscribe({
    getSubscription: [subscription('destination-0')],
    appToken: [TOKEN],
    deleteSubscriptionById: [NONE],
    createSubscription: [subscription('destination-1')],
  });
  assert.deepEqual(result, { repaired: 1 });
});

test('one that somebody made meanwhile is looked at again', () => {
  const prepared = { getSubscription: [NONE], createSubscription: [refusal('Conflict', 409)] };
  assert.equal(failureOf(() => subscribe(prepared)).kind, 'retryable');
});

test('without a destination nothing is asked, and the failure names the setting', () => {
  const failure = failureOf(() => subscribe({}, context.app));
  assert.deepEqual([failure.kind, failure.code], ['permanent', 'destination-missing']);
  assert.match(failure.message, /destinationId/);
  assert.equal(amazon.appSchema.safeParse({ ...registration, destinationId: '' }).success, false);
});

test('a subscription of another shape, or a token that is not whole, repairs nothing by guess', () => {
  for (const getSubscription of [[answer({})], [answer({ payload: { destinationId: 'destination-0' } })]]) {
    assert.equal(failureOf(() => subscribe({ getSubscription })).kind, 'retryable');
  }
  const prepared = { getSubscription: [subscription('destination-0')], appToken: [answer({ expires_in: 3600 })] };
  assert.equal(failureOf(() => subscribe(prepared)).kind, 'retryable');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ebay } from '#marketplaces/ebay/index.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { answer, app, context, created, failureOf, refusal, runSteps } from './support.ts';

const callbackUrl = app.webhookUrl;
const API = 'https://api.ebay.com/commerce/notification/v1';
const PAYLOAD = { format: 'JSON', deliveryProtocol: 'HTTPS', schemaVersion: '1.0' };
const TOPICS = ['AUTHORIZATION_REVOCATION', 'MARKETPLACE_ACCOUNT_DELETION', 'ORDER_CONFIRMATION'];

const destination = { destinationId: 'd-1', name: 'x', status: 'ENABLED', deliveryConfig: { endpoint: callbackUrl } };
const subscription = (topicId: string, change: object = {}) => ({
  ...{ subscriptionId: `s-${topicId}`, topicId, status: 'ENABLED', destinationId: 'd-1', payload: PAYLOAD },
  ...change,
});

type World = {
  destinations?: object[];
  /** subscriptions of the application and of the seller, as each token sees them */
  subscriptions?: object[];
  refuse?: Record<string, HttpResponse>;
  withApp?: Partial<typeof app>;
};

/** Runs the procedure against an eBay that has these; repairs are what was not a GET, without the token. */
function subscribe({ destinations = [destination], subscriptions = [], refuse = {}, withApp = {} }: World) {
  const tokenOf = ({ headers }: HttpRequest) => headers.authorization;
  const run = runSteps(
    (answers) => ebay.webhook.subscribe!({ ...context, app: { ...app, ...withApp } }, { callbackUrl }, answers),
    (request, operation) => {
      const refused = refuse[operation];
      if (refused) return refused;
      if (operation === 'appToken') return answer({ access_token: 'v^1.1#app', expires_in: 7200 });
      if (operation === 'getDestinations') return answer({ total: 1, limit: 100, destinations });
      if (operation === 'getSubscriptions') {
        const isSeller = tokenOf(request) === 'Bearer v^1.1#a';
        const isTheirs = (one: object) => isSeller === ('topicId' in one && one.topicId === 'ORDER_CONFIRMATION');
        return answer({ total: 1, limit: 100, subscriptions: subscriptions.filter(isTheirs) });
      }
      if (operation === 'createDestination') return created(`${API}/destination/d-1`);
      return request.method === 'POST' && !request.url.endsWith('/enable') ? created(`${API}/x/1`) : answer('', 204);
    },
  );
  const repairs = run.requests
    .filter(({ method, url }) => method !== 'GET' && !url.endsWith('/token'))
    .map(({ method, url, body, headers }) => ({
      call: `${method} ${url.slice(API.length)}`,
      by: headers.authorization === 'Bearer v^1.1#a' ? 'seller' : 'application',
      body: body && JSON.parse(body),
    }));
  return { ...run, repairs };
}

const ALL = TOPICS.map((topic) => subscription(topic));

test('what is in order is left alone', () => {
  const { result, operations, repairs } = subscribe({ subscriptions: ALL });
  assert.deepEqual(result, { repaired: 0 });
  assert.deepEqual(repairs, []);
  assert.deepEqual(operations, ['appToken', 'getDestinations', 'getSubscriptions', 'getSubscriptions']);
});

test('where there is nothing, the endpoint and one subscription a topic are made, each with its own token', () => {
  const other = { ...destination, destinationId: 'd-0', deliveryConfig: { endpoint: 'https://other.example' } };
  const { result, repairs } = subscribe({ destinations: [other] });
  assert.deepEqual(result, { repaired: 4 });
  assert.deepEqual(repairs, [
    {
      call: 'POST /destination',
      by: 'application',
      body: {
        name: 'Sluice',
        status: 'ENABLED',
        deliveryConfig: { endpoint: callbackUrl, verificationToken: app.verificationToken },
      },
    },
    ...TOPICS.map((topicId) => ({
      call: 'POST /subscription',
      by: topicId === 'ORDER_CONFIRMATION' ? 'seller' : 'application',
      body: { topicId, status: 'ENABLED', payload: PAYLOAD, destinationId: 'd-1' },
    })),
  ]);
});

for (const status of ['MARKED_DOWN', 'DISABLED']) {
  test(`an endpoint that is ${status} is switched on in its place`, () => {
    const { result, repairs } = subscribe({ destinations: [{ ...destination, status }], subscriptions: ALL });
    assert.deepEqual(result, { repaired: 1 });
    assert.deepEqual(
      repairs.map(({ call, by, body }) => [call, by, body.status]),
      [['PUT /destination/d-1', 'application', 'ENABLED']],
    );
  });
}

test('a subscription that is switched off is switched on, and one that sends elsewhere is pointed here', () => {
  const { result, repairs } = subscribe({
    subscriptions: [
      subscription(TOPICS[0]!),
      subscription(TOPICS[1]!, { status: 'DISABLED' }),
      subscription(TOPICS[2]!, { destinationId: 'd-9' }),
    ],
  });
  assert.deepEqual(result, { repaired: 2 });
  assert.deepEqual(repairs, [
    { call: 'POST /subscription/s-MARKETPLACE_ACCOUNT_DELETION/enable', by: 'application', body: undefined },
    {
      call: 'PUT /subscription/s-ORDER_CONFIRMATION',
      by: 'seller',
      body: { status: 'ENABLED', payload: PAYLOAD, destinationId: 'd-1' },
    },
  ]);
});

test('whom to alert is set before anything is made, and never otherwise', () => {
  const withApp = { alertEmail: 'ops@seller.example' };
  const [first] = subscribe({ destinations: [], subscriptions: ALL, withApp }).repairs;
  assert.deepEqual(first, { call: 'PUT /config', by: 'application', body: { alertEmail: 'ops@seller.example' } });
  const calls = subscribe({ subscriptions: ALL.slice(0, 2), withApp }).repairs.map(({ call, by }) => [call, by]);
  assert.deepEqual(calls, [
    ['PUT /config', 'application'],
    ['POST /subscription', 'seller'],
  ]);
  assert.deepEqual(subscribe({ subscriptions: ALL, withApp }).repairs, []);
});

test('an application topic that eBay refuses is passed over, and the orders are subscribed to', () => {
  for (const refused of [refusal(195006), refusal(195011, 403), refusal(195012, 409)]) {
    const { result, operations } = subscribe({ refuse: { createAppSubscription: refused } });
    assert.deepEqual(result, { repaired: 1 });
    assert.equal(operations.at(-1), 'createSubscription');
  }
});

for (const [operation, refused, code] of [
  ['createDestination', refusal(195003, 409), 'alert-email-missing'],
  ['createDestination', refusal(195020, 409), 'endpoint-challenge-failed'],
  ['createSubscription', refusal(195011, 403), 'topic-not-authorized'],
] as const) {
  test(`a refused ${operation} fails for good as ${code}`, () => {
    const { kind, code: read } = failureOf(() => subscribe({ destinations: [], refuse: { [operation]: refused } }));
    assert.deepEqual([kind, read], ['permanent', code]);
  });
}

test('the endpoint is found on a later page of the list', () => {
  const next = `${API}/destination?limit=100&continuation_token=a%2Bb`;
  const { requests, result } = runSteps(
    (answers) => ebay.webhook.subscribe!(context, { callbackUrl }, answers),
    ({ url }, operation) => {
      if (operation === 'appToken') return answer({ access_token: 'v^1.1#app', expires_in: 7200 });
      if (operation === 'getSubscriptions') return answer({ subscriptions: ALL });
      return url.includes('continuation_token')
        ? answer({ destinations: [destination] })
        : answer({ destinations: [], next });
    },
  );
  assert.deepEqual(result, { repaired: 0 });
  assert.equal(requests[2]!.url, next);
});

test('a list of another shape repairs nothing by guess', () => {
  for (const listed of [answer('{"destinations":[{}]}'), answer('<html>'), answer('{"destinations":"none"}')]) {
    assert.equal(failureOf(() => subscribe({ refuse: { getDestinations: listed } })).kind, 'retryable');
  }
});

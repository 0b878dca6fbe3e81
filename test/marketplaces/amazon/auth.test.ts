import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amazon } from '#marketplaces/amazon/index.ts';
import type { Tokens } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import answers from '#test/vectors/amazon/token-answers.json' with { type: 'json' };
import { answer, app, failureOf, NOW, refusal, registration, runSteps } from './support.ts';

type Vector = { name: string; now: number; response: HttpResponse; tokens?: Partial<Tokens>; failure?: string };

for (const { name, now, response, tokens, failure } of answers as Vector[]) {
  test(`token answer: ${name}`, () => {
    if (tokens) {
      const absent = { refreshToken: undefined, refreshTokenExpiresAt: undefined };
      assert.deepEqual(amazon.auth.readTokens(response, now), { ...absent, ...tokens });
      return;
    }
    const thrown = failureOf(() => amazon.auth.readTokens(response, now));
    assert.deepEqual([thrown.kind, thrown.code], ['retryable', failure]);
    assert.doesNotMatch(thrown.message, /Atza|secret/);
  });
}

test('a refresh spends nothing, so it may be repeated', () => {
  assert.equal(amazon.auth.rotation, 'none');
});

const DAY_MS = 86_400_000;
const callback = { state: 's', selling_partner_id: 'A3TH9S8BH6GOGM', spapi_oauth_code: 'ANaBcD' };
const redirectUri = 'https://sluice.example/callback';

test('a consent lasts a year', () => {
  assert.equal(amazon.auth.consentLifetimeMs, 365 * DAY_MS);
});

const UNUSABLE: [string, Record<string, string>][] = [
  ['without a code', { selling_partner_id: callback.selling_partner_id }],
  ['with an empty code', { ...callback, spapi_oauth_code: '' }],
  ['without the seller', { spapi_oauth_code: callback.spapi_oauth_code }],
  ['with a seller that is no id', { ...callback, selling_partner_id: '../A3' }],
  ['that was refused', { error: 'access_denied', state: 's' }],
];
for (const [name, given] of UNUSABLE) {
  test(`a return from consent ${name} is a permanent failure, before any call`, () => {
    const failure = failureOf(() => amazon.auth.exchangeCall(app, { callback: given, redirectUri, now: NOW }));
    assert.deepEqual([failure.kind, failure.code], ['permanent', 'callback-incomplete']);
  });
}

const participation = (id: string, domainName: string, isParticipating = true) => ({
  marketplace: {
    ...{ id, name: domainName, countryCode: 'GB', defaultCurrencyCode: 'GBP', defaultLanguageCode: 'en_GB' },
    domainName,
  },
  storeName: 'BestSellerStore',
  participation: { isParticipating, hasSuspendedListings: false },
});

/** Whose consent it is, when the Sellers API answers so. */
const identify = (told: ReturnType<typeof answer>) =>
  runSteps(
    (answers) => {
      const context = { app, callback, accessToken: 'Atza|token', now: NOW };
      const exchanged = answer({ access_token: 'Atza|token', expires_in: 3600, refresh_token: 'Atzr|one' });
      return amazon.auth.identify!(context, [exchanged, ...answers]);
    },
    () => told,
  );

test('the callback names the seller, and the Sellers API the stores that the account sells in', () => {
  const payload = [
    participation('A1F83G8C2ARO7P', 'www.amazon.co.uk'),
    participation('A1PA6795UKMFR9', 'www.amazon.de'),
    participation('A13V1IB3VIYZZH', 'www.amazon.fr', false),
    participation('A1ZFFQZ3HTUKT9', 'siprod.stores.amazon.co.uk'),
  ];
  const { result, requests } = identify(answer({ payload }));
  const settings = { marketplaceIds: 'A1F83G8C2ARO7P,A1PA6795UKMFR9' };
  assert.deepEqual(result, [{ sellerId: callback.selling_partner_id, settings }]);
  assert.deepEqual(
    requests.map(({ method, url, body }) => [method, url, body]),
    [['GET', 'https://sellingpartnerapi-eu.amazon.com/sellers/v1/marketplaceParticipations', undefined]],
  );
});

test('an app that may not ask for the stores, and an account without any, connect all the same', () => {
  for (const told of [refusal('Unauthorized', 403, ''), answer({ payload: [] })]) {
    assert.deepEqual(identify(told).result, [{ sellerId: callback.selling_partner_id, settings: {} }]);
  }
});

test('stores that are told in another shape are asked for again', () => {
  for (const told of [{}, { payload: null }, { payload: [{ marketplace: { id: 'A,B' } }] }]) {
    assert.equal(failureOf(() => identify(answer(told))).kind, 'retryable');
  }
});

test('the operator is told when the client secret ends, if the registration says so', () => {
  assert.deepEqual(amazon.auth.secretEnds!(app), []);
  const ending = amazon.appSchema.parse({ ...registration, clientSecretExpiresAt: '2027-01-31' });
  assert.deepEqual(amazon.auth.secretEnds!(ending), [{ secret: 'clientSecret', endsAt: Date.parse('2027-01-31') }]);
});

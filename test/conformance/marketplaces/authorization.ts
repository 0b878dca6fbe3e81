import assert from 'node:assert/strict';
import { BUYER_WORDS } from './drafts.ts';
import type { MarketplacePromises } from './marketplace-conformance.ts';
import { DAY_MS, failureOf, SECOND_MS, type World } from './world.ts';

const REDIRECT_URI = 'https://sluice.example/oauth/callback';
/** 3 years: eBay's refresh tokens live longest, 18 months */
const LONGER_THAN_ANY_GRANT_MS = 3 * 365 * DAY_MS;
const STATE = 'state-8c1f&=+/';

/** Fields of a registration that hold a secret, by the name that every connector gives them. */
export function secretFields(registration: Record<string, unknown>): string[] {
  return Object.keys(registration).filter((field) => /(secret|keys?|token|password)$/i.test(field));
}

/** The words that neither a failure nor a reading may say: secrets of the app and the seller, and the buyer's data. */
export function unspeakable({ sandbox, seller, accessToken, refreshToken }: World): string[] {
  const { registration } = sandbox;
  const secrets = secretFields(registration).flatMap((field) => registration[field] as string | string[]);
  return [...secrets, accessToken, refreshToken, seller.refreshToken, ...BUYER_WORDS];
}

/** Does the token open the first seller's orders? Throws the failure if not. */
const useToken = (world: World, accessToken: string) => world.readPage(world.wholeWindow(), accessToken);

async function exchange(world: World, callback: Record<string, string>) {
  const options = { callback, redirectUri: REDIRECT_URI, now: world.now() };
  return world.call(world.marketplace.auth.exchangeCall(world.app, options), world.readTokens);
}

export const authorizationPromises: MarketplacePromises = {
  async "the sandbox's registration is taken, and with any field of it empty it is refused"(world) {
    const { registration } = world.sandbox;
    const { appSchema } = world.marketplace;
    assert.ok(secretFields(registration).length > 0);
    for (const [field, value] of Object.entries(registration)) {
      const empties = Array.isArray(value) ? [[], [''], [...value, '']] : [''];
      for (const empty of [...empties, null]) {
        assert.equal(appSchema.safeParse({ ...registration, [field]: empty }).success, false, `${field} is empty`);
      }
    }
    for (const field of secretFields(registration)) {
      const { [field]: _, ...rest } = registration;
      assert.equal(appSchema.safeParse(rest).success, false, `${field} is missing`);
    }
  },

  async 'consent gives tokens that read the orders of the seller who gave it'(world) {
    const [order] = await world.trade(1);
    await world.trade(1, world.otherSeller.sellerId);
    const callback = await world.consent(STATE, REDIRECT_URI);
    assert.equal(callback.state, STATE);
    const tokens = await exchange(world, callback);
    assert.ok(tokens.refreshToken && tokens.accessTokenExpiresAt > world.now());
    const assertOpens = async (accessToken: string) => {
      const page = await useToken(world, accessToken);
      assert.deepEqual([...page.orders.map((read) => read.order.orderId), ...page.orderIds], [order!.orderId]);
    };
    await assertOpens(tokens.accessToken);
    await assertOpens((await world.refresh(tokens.refreshToken)).accessToken);
  },

  async 'the code of a consent is good once, and a dead grant afterwards and when it is unknown or late'(
    world,
    { callbacksAreSigned },
  ) {
    const callback = await world.consent(STATE, REDIRECT_URI);
    const late = await world.consent(STATE, REDIRECT_URI);
    await exchange(world, callback);
    assert.equal((await failureOf(() => exchange(world, callback))).code, 'grant-dead');
    // Every marketplace's own name for it ends so: `code`, `spapi_oauth_code`.
    const code = Object.keys(callback).find((name) => name.endsWith('code'))!;
    const unknown = await failureOf(() => exchange(world, { ...callback, [code]: 'unknown' }));
    assert.deepEqual(
      [unknown.kind, unknown.code],
      ['permanent', callbacksAreSigned ? 'callback-forged' : 'grant-dead'],
    );
    await world.advance(DAY_MS);
    assert.equal((await failureOf(() => exchange(world, late))).code, 'grant-dead');
  },

  async 'a callback without its code is refused before any call'(world) {
    for (const callback of [{}, { state: STATE }, { error: 'access_denied', state: STATE }] as Record<
      string,
      string
    >[]) {
      const made = world.sandbox.calls.made;
      assert.equal((await failureOf(() => exchange(world, callback))).kind, 'permanent');
      assert.equal(world.sandbox.calls.made, made);
    }
  },

  async 'a refresh gives a working token, and spends the refresh token as the rotation says'(world) {
    const { rotation } = world.marketplace.auth;
    const assertSpent = async () => {
      const failure = await failureOf(() => world.refresh(world.refreshToken));
      assert.deepEqual([failure.kind, failure.code], ['permanent', 'grant-dead']);
    };
    const tokens = await world.refresh(world.refreshToken);
    await useToken(world, tokens.accessToken);
    assert.notEqual(tokens.accessToken, world.accessToken);
    const isNew = tokens.refreshToken !== undefined && tokens.refreshToken !== world.refreshToken;
    assert.equal(isNew, rotation !== 'none');
    if (rotation === 'strict') await assertSpent();
    else await useToken(world, (await world.refresh(world.refreshToken)).accessToken);
    const again = await world.refresh(tokens.refreshToken ?? world.refreshToken);
    await useToken(world, again.accessToken);
    // What comes of a successor is its own: that was used, so the first token is over.
    if (rotation === 'retry-allowed') await assertSpent();
  },

  async 'an unknown refresh token and one past its end are dead grants'(world) {
    const unknown = await failureOf(() => world.refresh('unknown-refresh-token'));
    await world.advance(LONGER_THAN_ANY_GRANT_MS);
    const late = await failureOf(() => world.refresh(world.refreshToken));
    for (const { kind, code } of [unknown, late]) assert.deepEqual([kind, code], ['permanent', 'grant-dead']);
  },

  async 'a wrong secret of the app is refused as that, and the grant outlives it'(world, { appSecret }) {
    const wrong = { ...world.sandbox.registration, [appSecret]: 'not-the-secret' };
    const failure = await failureOf(() => world.refresh(world.refreshToken, world.marketplace.appSchema.parse(wrong)));
    assert.deepEqual([failure.kind, failure.code], ['permanent', 'app-credentials-refused']);
    await world.refresh(world.refreshToken);
  },

  async 'an access token works until its end, and after it the failure is of kind auth'(world) {
    const { accessToken, accessTokenExpiresAt } = await world.refresh(world.refreshToken);
    await world.advance(accessTokenExpiresAt - world.now() - SECOND_MS);
    await useToken(world, accessToken);
    await world.advance(SECOND_MS);
    assert.equal((await failureOf(() => useToken(world, accessToken))).kind, 'auth');
    assert.equal((await failureOf(() => useToken(world, 'unknown-access-token'))).kind, 'auth');
  },

  async 'an access token that is refused before its end is of kind auth too'(world) {
    const { accessToken } = await world.refresh(world.refreshToken);
    world.faults.next('expire-access-token', world.marketplace.name);
    assert.equal((await failureOf(() => useToken(world, accessToken))).kind, 'auth');
  },

  async 'a call signed too long ago is refused, and may be made again'(world, { signedCallsLastMs }) {
    await world.trade(1);
    const { orders } = world.marketplace;
    const window = world.wholeWindow();
    const read = (response: Parameters<typeof orders.readPage>[0]) =>
      orders.readPage(response, world.connection, window);
    const early = orders.pageCall(world.context(), window);
    await world.advance(signedCallsLastMs!);
    await world.call(early, read);
    await world.advance(SECOND_MS);
    assert.equal((await failureOf(() => world.call(early, read))).kind, 'retryable');
    await world.call(orders.pageCall(world.context(), window), read);
  },
};

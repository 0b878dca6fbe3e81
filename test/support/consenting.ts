import type { Auth, IdentifiedSeller, Marketplace } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { createConsentApp } from '#services/consent/app.ts';
import { createStates } from '#services/consent/states.ts';
import { createFunctionWorld } from './function-world.ts';
import { answer } from './plain-marketplace.ts';

export const PUBLIC_URL = 'https://sluice.test';
export const BACKFILL_DAYS = 30;
/** in every test, as hex */
const KEY = Buffer.alloc(32, 7);

/** The plain marketplace with a consent page, whose answers `{ sellers }` say who consented. */
function withConsent(plain: Marketplace, auth: Partial<Auth<unknown>>): Marketplace {
  const identify: Auth<unknown>['identify'] = (_, [, told]) => {
    const request: HttpRequest = { method: 'GET', url: 'https://plain.example/me', headers: {} };
    if (!told) return { call: { operation: 'getMe', request } };
    return { done: (JSON.parse(told.body) as { sellers: IdentifiedSeller[] }).sellers };
  };
  const exchangeCall: Auth<unknown>['exchangeCall'] = (_, { callback, redirectUri }) => {
    if (callback.denied !== undefined) throw new Failure('permanent', 'no', { code: 'consent-denied' });
    if (!callback.code) throw new Failure('permanent', 'no code', { code: 'callback-incomplete' });
    const body = JSON.stringify({ code: callback.code, redirectUri });
    const request: HttpRequest = { method: 'POST', url: 'https://plain.example/exchange', headers: {}, body };
    return { operation: 'exchangeCode', request };
  };
  const consentUrl: Auth<unknown>['consentUrl'] = (_, { state, redirectUri, sellerId }) =>
    `https://plain.example/consent?${new URLSearchParams({ state, redirectUri, seller: sellerId ?? '' })}`;
  // `appTokenCall` would make a connection of the app's own beside those that a test looks at.
  const { appTokenCall, ...others } = plain.auth;
  return { ...plain, auth: { ...others, consentUrl, exchangeCall, identify, ...auth } };
}

/** A seller with a browser, the consent app, and a plain marketplace, in simulated time. */
export async function createConsenting(auth: Partial<Auth<unknown>> = {}) {
  const all = await createFunctionWorld();
  const marketplace = withConsent(all.marketplace, auth);
  const members = new Map([
    ['plain', { marketplace, app: {} }],
    ['other', { marketplace: { ...marketplace, name: 'other' }, app: {} }],
  ]);
  const deps = { ...all.deps, members };
  const options = { publicUrl: PUBLIC_URL, backfillDays: BACKFILL_DAYS };
  const appOf = (appDeps: typeof deps) =>
    createConsentApp({ ...appDeps, states: createStates({ ...appDeps, key: KEY }) }, options);

  const app = appOf(deps);
  const paths = (): string[] => all.calls.map(({ url }) => new URL(url).pathname);
  let cookie: string | undefined;
  const world = {
    ...all,
    deps,
    marketplace,
    appOf,
    app,
    paths,
    countOf: (path: string): number => paths().filter((called) => called === path).length,
    /** What the marketplace answers by path: tokens for a code, the seller `anna`, unless the test says otherwise. */
    answer(by: { [path: string]: () => HttpResponse | Promise<HttpResponse> } = {}): void {
      const usual: typeof by = {
        '/exchange': () => answer({ accessToken: 'access-0', expiresInMs: 4 * 3_600_000, refreshToken: 'refresh-0' }),
        '/me': () => answer({ sellers: [{ sellerId: 'anna', settings: {} }] }),
        ...by,
      };
      all.world.answering = ({ url }) => usual[new URL(url).pathname]!();
    },
    /** Opens a page in the seller's browser, which keeps cookies. */
    async open(path: string, by = app): Promise<Response> {
      const headers: Record<string, string> = cookie === undefined ? {} : { cookie };
      const response = await by.request(`${PUBLIC_URL}${path}`, { headers });
      cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
      return response;
    },
    /** Goes to the consent page and says yes there: the address that the seller is sent back to. */
    async consent(more: Record<string, string> = { code: 'code-1' }, at = 'plain'): Promise<string> {
      const response = await world.open(`/connections/new?marketplace=${at}`);
      const { searchParams } = new URL(response.headers.get('location')!);
      const query = new URLSearchParams({ ...more, state: searchParams.get('state')! });
      return `/connections/callback/${at}?${query}`;
    },
  };
  world.answer();
  return world;
}

export type Consenting = Awaited<ReturnType<typeof createConsenting>>;

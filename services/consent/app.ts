import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { beginConsent } from './begin-consent.ts';
import { render } from './pages.ts';
import { sayDown } from './say.ts';
import { STATE_VALID_MS, type States } from './states.ts';
import { type TakeCallbackDeps, takeCallback } from './take-callback.ts';

const DAY_MS = 24 * 3_600_000;
/** 128 bits */
const NONCE_BYTES = 16;
const NONCE = /^[0-9a-f]{32}$/;
/** longest address that is looked at, characters: the longest codes have some hundred */
const MAX_URL_LENGTH = 8_192;

export type ConsentAppDeps = Omit<TakeCallbackDeps, 'states'> & { states: States };

/**
 * `/connections/new?marketplace=…[&shop=…]`, and `/connections/callback/<marketplace>`, which marketplaces send sellers back
 * to; and `/health`. The first two are for people: they answer with a page, and are open to the public.
 * @param options.publicUrl where sellers reach this server, without a slash at its end
 */
export function createConsentApp(deps: ConsentAppDeps, options: { publicUrl: string; backfillDays: number }): Hono {
  const app = new Hono();
  const isSecure = options.publicUrl.startsWith('https:');
  const redirectUri = (marketplace: string): string => `${options.publicUrl}/connections/callback/${marketplace}`;

  /** Browsers take a `__Host-` cookie only over HTTPS, and then from no other host of the domain. */
  const cookieName = isSecure ? '__Host-sluice-consent' : 'sluice-consent';
  const nonceOf = (c: Context): string | undefined => {
    const nonce = getCookie(c, cookieName);
    return nonce !== undefined && NONCE.test(nonce) ? nonce : undefined;
  };

  app.use('/connections/*', async (c, next) => {
    // Whoever only looks whether an address is there must not spend a code.
    if (c.req.raw.method === 'HEAD') return c.body(null, 405, { allow: 'GET' });
    if (c.req.url.length > MAX_URL_LENGTH) return c.body(null, 414);
    return next();
  });

  app.get('/connections/new', (c) => {
    const { marketplace, shop } = c.req.query();
    const nonce = nonceOf(c) ?? deps.random.hex(NONCE_BYTES);
    const begun = beginConsent(deps, { marketplace, shop, nonce, redirectUri });
    const isRedirect = 'location' in begun;
    const outcome = isRedirect ? 'redirected' : begun.page.title;
    deps.logger.info({ marketplace: known(marketplace), outcome }, 'consent');
    if (!isRedirect) return render(begun.page);
    // Lax: it must come along when the marketplace sends the browser back.
    const cookie = {
      path: '/',
      httpOnly: true,
      secure: isSecure,
      sameSite: 'Lax',
      maxAge: STATE_VALID_MS / 1000,
    } as const;
    setCookie(c, cookieName, nonce, cookie);
    c.header('cache-control', 'no-store');
    c.header('referrer-policy', 'no-referrer');
    return c.redirect(begun.location, 302);
  });

  app.get('/connections/callback/:marketplace', async (c) => {
    const startedAt = deps.clock.now();
    const marketplace = c.req.param('marketplace');
    const { page, ...log } = await takeCallback(deps, {
      marketplace,
      query: c.req.query(),
      nonce: nonceOf(c),
      redirectUri: redirectUri(marketplace),
      backfillMs: options.backfillDays * DAY_MS,
    });
    const durationMs = deps.clock.now() - startedAt;
    deps.logger.info({ marketplace: known(marketplace), ...log, status: page.status, durationMs }, 'consent');
    return render(page);
  });

  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.onError((error) => {
    deps.logger.error({ detail: error.name }, 'request failed');
    return render(sayDown);
  });

  /** What anybody may write into an address goes into no log. */
  const known = (marketplace: string | undefined): string =>
    marketplace !== undefined && deps.members.has(marketplace) ? marketplace : 'unknown';
  return app;
}

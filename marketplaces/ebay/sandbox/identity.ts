import { Hono } from 'hono';
import type { Access, SellerEnv } from './access.ts';
import { SCOPE_IDENTITY_READONLY } from './grants.ts';

/** getUser of the Identity API, without the account holder's data: the only way to learn whose token one holds. */
export function identityApi(access: Access, usernameOf: (sellerId: string) => string): Hono<SellerEnv> {
  const app = new Hono<SellerEnv>();
  app.use('*', access.seller(SCOPE_IDENTITY_READONLY));
  // eBay writes the path with a slash at its end.
  app.on('GET', ['/user', '/user/'], (c) => {
    const userId = c.get('caller').sellerId;
    return c.json({
      userId,
      username: usernameOf(userId),
      accountType: 'BUSINESS',
      registrationMarketplaceId: 'EBAY_GB',
    });
  });
  return app;
}

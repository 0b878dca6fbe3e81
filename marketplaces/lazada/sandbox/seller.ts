import type { Hono } from 'hono';
import type { Answers } from './answers.ts';
import type { Env, Gateway } from './gateway.ts';
import { shortCode } from './registration.ts';

/** GetSeller: who the access token's seller is. */
export function addSellerRoute(api: Hono<Env>, { gateway, answers }: { gateway: Gateway; answers: Answers }): void {
  api.get('/seller/get', gateway.signed, gateway.seller, (c) => {
    const sellerId = c.get('sellerId');
    return answers.succeed(c, {
      data: {
        seller_id: Number(sellerId),
        name: `Shop ${sellerId}`,
        name_company: `Company of ${sellerId}`,
        short_code: shortCode(sellerId),
        email: `seller-${sellerId}@sellers.example`,
        logo_url: 'https://sg-live.slatic.example/logo.png',
        location: 'Singapore',
        status: 'ACTIVE',
        verified: true,
        cb: false,
        marketplaceEaseMode: false,
      },
    });
  });
}

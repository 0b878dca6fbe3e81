import { type Context, Hono } from 'hono';
import { forbidden, notFound } from './answers.ts';
import type { SellerEnv } from './gateway.ts';
import { CLIENT_ID, SITE_ID } from './registration.ts';
import type { Tokens } from './tokens.ts';

/** Fixed, since the sandbox has always been there. */
const REGISTERED_AT = '2020-01-01T08:00:00.000-04:00';

const TOPICS = ['orders_v2', 'shipments'];

/** The seller, the application, and the consent that the one gave to the other. */
export function usersApi(parts: { tokens: Tokens; webhookUrl: string }): Hono<SellerEnv> {
  function renderUser(sellerId: string) {
    return {
      id: Number(sellerId),
      nickname: `TESTSELLER${sellerId}`,
      registration_date: REGISTERED_AT,
      country_id: SITE_ID === 'MLB' ? 'BR' : '',
      site_id: SITE_ID,
      user_type: 'normal',
      tags: ['normal', 'user_product_seller', 'warehouse_management', 'test_user'],
      points: 0,
      permalink: `https://perfil.mercadolivre.example/TESTSELLER${sellerId}`,
      seller_reputation: { level_id: null, power_seller_status: null },
      status: { site_status: 'active' },
    };
  }

  /** The user that the path names must be the caller. */
  function refuseForeign(c: Context<SellerEnv>): Response | undefined {
    return c.req.param('id') === c.get('sellerId') ? undefined : forbidden(c, 'The caller is not the user');
  }

  const app = new Hono<SellerEnv>();

  app.get('/users/me', (c) => c.json(renderUser(c.get('sellerId'))));
  app.get('/users/:id', (c) => refuseForeign(c) ?? c.json(renderUser(c.get('sellerId'))));

  app.get('/users/:id/applications', (c) => {
    const refusal = refuseForeign(c);
    if (refusal) return refusal;
    const scopes = ['read', 'write', 'offline_access'];
    return c.json([{ user_id: c.get('sellerId'), app_id: CLIENT_ID, date_created: REGISTERED_AT, scopes }]);
  });

  app.delete('/users/:id/applications/:application', (c) => {
    const refusal = refuseForeign(c);
    if (refusal) return refusal;
    if (c.req.param('application') !== CLIENT_ID) return notFound(c, 'Application not found');
    parts.tokens.revoke(c.get('sellerId'));
    return c.json({ user_id: c.get('sellerId'), app_id: CLIENT_ID, msg: 'Autorización eliminada' });
  });

  app.get('/applications/:id', (c) => {
    if (c.req.param('id') !== CLIENT_ID) return notFound(c, 'Application not found');
    return c.json({
      id: Number(CLIENT_ID),
      site_id: SITE_ID,
      name: 'Sandbox application',
      thumbnail: null,
      url: 'https://apps.mercadolivre.example/sandbox',
      sandbox_mode: true,
      project_id: null,
      active: true,
      certification_status: 'not_certified',
      notifications_callback_url: parts.webhookUrl,
      notifications_topics: TOPICS,
    });
  });
  return app;
}

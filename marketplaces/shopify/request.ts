import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { type ShopifyApp, shopDomain } from './app.ts';
import type { Operation } from './limits.ts';

/** Where a shop's API is, without a slash at its end. */
export function shopUrl({ shopUrlTemplate }: ShopifyApp, shop: string): string {
  // It becomes a host that secrets are sent to.
  if (!shopDomain.safeParse(shop).success) {
    throw new Failure('permanent', 'this is no myshopify.com domain', { code: 'shop-domain-wrong' });
  }
  return shopUrlTemplate.replaceAll('{shop}', shop.toLowerCase());
}

/** A GraphQL call for a shop. */
export function graphqlCall(
  { app, connection, accessToken }: CallContext<ShopifyApp>,
  operation: Operation,
  query: string,
  variables: Record<string, unknown>,
): Call {
  return {
    operation,
    request: {
      method: 'POST',
      url: `${shopUrl(app, connection.sellerId)}/admin/api/${app.apiVersion}/graphql.json`,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'x-shopify-access-token': accessToken,
      },
      body: JSON.stringify({ query, variables }),
    },
  };
}

import { z } from 'zod';

/** Types whose ids Sluice takes and gives as plain numbers, as Shopify's own URLs and webhooks write them. */
type GidType = 'Order' | 'InventoryItem' | 'Location';

/** GraphQL's id of an object. What is a GraphQL id already, stays. */
export function gidOf(type: GidType, id: string): string {
  return id.startsWith('gid://') ? id : `gid://shopify/${type}/${id}`;
}

/** `gid://shopify/LineItem/466157049` */
export const gid = z.string().regex(/^gid:\/\/shopify\/[A-Za-z]+\/\d{1,20}$/);

/** The number in a GraphQL id. */
export function numberOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

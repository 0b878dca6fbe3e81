import { createHash } from 'node:crypto';
import type { BookBuyer } from '#marketplaces/sandbox-kit/books.ts';

/** Somebody's eBay account, under the three names that notices give it. */
export type Account = { username: string; userId: string; eiasToken: string };

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The name that a buyer's orders show. Orders tell no userId. */
export function buyerUsername(buyer: BookBuyer): string {
  return `buyer-${digestOf(buyer.email).toString('hex').slice(0, 10)}`;
}

/** A buyer's account. */
export function buyerAccount(buyer: BookBuyer): Account {
  const userId = digestOf(`user ${buyer.email}`).toString('base64url').slice(0, 11);
  return { username: buyerUsername(buyer), userId, eiasToken: eiasToken(userId) };
}

/** A seller's username: names may change and ids may not, so the two differ. */
export function sellerUsername(sellerId: string): string {
  return sellerId.replace('sandboxuser', 'shop-');
}

/** A seller's account. */
export function sellerAccount(sellerId: string): Account {
  return { username: sellerUsername(sellerId), userId: sellerId, eiasToken: eiasToken(sellerId) };
}

function eiasToken(userId: string): string {
  return digestOf(`eias ${userId}`).toString('base64');
}

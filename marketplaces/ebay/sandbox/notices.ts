import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { type Account, buyerAccount, sellerAccount } from './accounts.ts';
import type { Grants } from './grants.ts';
import type { Notifier } from './notifier.ts';
import { listingId } from './order-shape.ts';
import { ACCOUNT_DELETION, AUTHORIZATION_REVOCATION, ORDER_CONFIRMATION } from './topics.ts';

/** Why a seller's authorization ends [eBay Notification API, AUTHORIZATION_REVOCATION] */
export type RevokeReason = 'REVOKED_BY_APP' | 'REVOKED_BY_USER' | 'REVOKED_BY_EBAY' | 'PASSWORD_CHANGE';

/**
 * Sends ORDER_CONFIRMATION, one message for an order with all its lines. eBay has no topic for anything that happens
 * to a seller's order after that: changes are found by asking.
 */
export function confirmOrders(books: Books, notifier: Notifier): void {
  books.onChange((order, change) => {
    if (change !== 'placed') return;
    const { userId, username } = sellerAccount(order.sellerId);
    const orderLineItems = order.lines.map((line) => ({
      orderLineItemId: line.lineId,
      listingId: listingId(line.sku),
      quantity: line.quantity,
    }));
    notifier.notify(order.sellerId, {
      topicId: ORDER_CONFIRMATION,
      eventAt: order.placedAt,
      data: { user: { userId, username }, order: { orderId: order.orderId, orderLineItems } },
    });
  });
}

/** What users do to their accounts, on demand. */
export function createAccountNotices(
  deps: Pick<SandboxDeps, 'now'>,
  { books, grants, notifier }: { books: Books; grants: Grants; notifier: Notifier },
) {
  return {
    /**
     * The buyer of an order, or a seller, has closed their account: tells the application to delete their data. The
     * account that was told of; undefined: nobody listens.
     */
    deleteAccount(whose: { orderId: string } | { sellerId: string }): Account | undefined {
      const account = 'sellerId' in whose ? sellerAccount(whose.sellerId) : buyerAccount(orderOf(whose.orderId).buyer);
      const isTold = notifier.notify(null, { topicId: ACCOUNT_DELETION, eventAt: deps.now(), data: account });
      return isTold ? account : undefined;
    },
    /** A seller's tokens and refresh tokens are dead from now on, which the application is told if it listens. */
    revokeAuthorization(sellerId: string, revokeReason: RevokeReason = 'REVOKED_BY_USER'): void {
      grants.revoke(sellerId);
      const revocationDate = new Date(deps.now()).toISOString();
      const data = { ...sellerAccount(sellerId), revokeReason, revocationDate };
      notifier.notify(null, { topicId: AUTHORIZATION_REVOCATION, eventAt: deps.now(), data });
    },
  };

  function orderOf(orderId: string): BookOrder {
    const order = books.orders.get(orderId);
    if (!order) throw new Error(`no order ${orderId} in the books`);
    return order;
  }
}

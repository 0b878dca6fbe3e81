import type { BookOrder, BookStatus } from '#marketplaces/sandbox-kit/books.ts';
import type { Packages } from './packages.ts';
import { iso, MARKETPLACE_ID, promisedWindows } from './render-order.ts';

/** ORDER_CHANGE, github.com/amzn/selling-partner-api-models schemas/notifications/OrderChangeNotification.json */

/** v0 words, unlike those of the Orders API: one L in Canceled */
const ORDER_STATUS: Record<BookStatus, string> = {
  placed: 'Unshipped',
  shipped: 'Shipped',
  delivered: 'Shipped',
  cancelled: 'Canceled',
};

/** The only type that the books' changes make; an event filter may leave it out. */
export const ORDER_CHANGE_TYPE = 'OrderStatusChange';

/** The whole notification as Amazon puts it in the queue. */
export function orderChangeBody(
  order: BookOrder,
  packages: Packages,
  metadata: { applicationId: string; subscriptionId: string; notificationId: string; now: number },
): string {
  const counts = order.lines.map((line) => packages.quantities(order, line));
  const windows = promisedWindows(order);
  return JSON.stringify({
    NotificationVersion: '1.0',
    NotificationType: 'ORDER_CHANGE',
    PayloadVersion: '1.0',
    EventTime: iso(order.updatedAt),
    Payload: {
      OrderChangeNotification: {
        NotificationLevel: 'OrderLevel',
        SellerId: order.sellerId,
        AmazonOrderId: order.orderId,
        OrderChangeType: ORDER_CHANGE_TYPE,
        OrderChangeTrigger: { TimeOfOrderChange: iso(order.updatedAt), ChangeReason: 'Order Status Change' },
        Summary: {
          MarketplaceId: MARKETPLACE_ID,
          OrderStatus: packages.isPartlyShipped(order) ? 'PartiallyShipped' : ORDER_STATUS[order.status],
          PurchaseDate: iso(order.placedAt),
          DestinationPostalCode: order.buyer.postalCode,
          FulfillmentType: 'MFN',
          OrderType: 'StandardOrder',
          NumberOfItemsShipped: counts.reduce((sum, count) => sum + count.shipped, 0),
          NumberOfItemsUnshipped: counts.reduce((sum, count) => sum + count.unshipped, 0),
          EarliestDeliveryDate: windows.deliver.earliest,
          ...(order.status === 'cancelled' ? {} : { LatestDeliveryDate: windows.deliver.latest }),
          EarliestShipDate: windows.ship.earliest,
          LatestShipDate: windows.ship.latest,
          OrderPrograms: [],
          ShippingPrograms: [],
          OrderItems: order.lines.map((line, number) => ({
            OrderItemId: line.lineId,
            SellerSKU: line.sku,
            SupplySourceId: null,
            Quantity: line.quantity,
            QuantityShipped: counts[number]!.shipped,
            IsBuyerRequestedCancel: false,
          })),
        },
      },
    },
    NotificationMetadata: {
      ApplicationId: metadata.applicationId,
      SubscriptionId: metadata.subscriptionId,
      PublishTime: iso(metadata.now),
      NotificationId: metadata.notificationId,
    },
  });
}

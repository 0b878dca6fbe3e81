import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import { renderAddress } from './buyer-shape.ts';
import { unitIdsOf } from './order-ids.ts';
import { seconds } from './order-shape.ts';
import type { Package, Packages } from './packages.ts';
import { DELIVERY_OPTION, providerNamed } from './providers.ts';

const STATUSES = { placed: 'PROCESSING', shipped: 'FULFILLING', delivered: 'COMPLETED', cancelled: 'CANCELLED' };

/** A package with what is in it. */
export function renderPackage(
  order: BookOrder,
  one: Package,
  { packages, books }: { packages: Packages; books: Books },
): Record<string, unknown> {
  const find = packages.finder(order);
  const lines = order.lines
    .map((line) => ({ line, unitIds: unitIdsOf(line).filter((id) => find(id)?.packageId === one.packageId) }))
    .filter(({ unitIds }) => unitIds.length > 0);
  const provider = one.shipped && providerNamed(one.shipped.carrier);
  return {
    package_id: one.packageId,
    package_status: one.shipped && order.status === 'placed' ? STATUSES.shipped : STATUSES[order.status],
    orders: [
      {
        id: order.orderId,
        skus: lines.map(({ line, unitIds }) => {
          const { skuId } = books.listing(order.sellerId, line.sku).reference;
          const imageUrl = `https://images.example/tiktok-shop/${skuId}.jpg`;
          return { id: skuId, name: line.title, image_url: imageUrl, quantity: unitIds.length };
        }),
      },
    ],
    order_line_item_ids: lines.flatMap(({ unitIds }) => unitIds),
    split_and_combine_tag: packages.isSplit(order) ? 'SPLIT' : 'NONE',
    has_multi_skus: lines.length > 1,
    note_tag: 'BUYER_UNNOTED',
    shipping_type: 'SELLER',
    shipping_provider_id: provider?.id ?? '',
    shipping_provider_name: provider?.name ?? '',
    tracking_number: one.shipped?.trackingNumber ?? '',
    delivery_option_id: DELIVERY_OPTION.id,
    delivery_option_name: DELIVERY_OPTION.name,
    create_time: seconds(order.placedAt),
    update_time: seconds(order.updatedAt),
    recipient_address: renderAddress(order.buyer),
  };
}

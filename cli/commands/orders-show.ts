import { defineCommand } from '#cli/command.ts';
import { recordActions } from '#cli/operator-actions.ts';
import { flag } from '#cli/options.ts';
import { describeOrder, openOrders } from '#cli/orders.ts';
import { type Cell, fields, table } from '#cli/table.ts';
import type { Buyer } from '#events/order.ts';

export const ordersShow = defineCommand({
  name: 'orders show',
  takes: ['connection', 'order'],
  says: 'One order as it is stored',
  options: {
    buyer: flag("the buyer's personal data too, while it is kept"),
    raw: flag("the marketplace's own JSON too, without personal data"),
  },
  async run(deps, { words: [connectionId, orderId], values }) {
    const world = await deps.open();
    const { orders, buyers } = await openOrders(world, connectionId);
    const stored = await orders.get(connectionId, orderId);
    if (!stored) {
      throw new Error(`${connectionId} has no order ${orderId}: sluice orders list ${connectionId} shows those it has`);
    }
    let buyer: Buyer | null | undefined;
    if (values.buyer) {
      // First the record: nobody sees a buyer's data without one.
      await recordActions(deps, 'orders show --buyer', [`${connectionId}/${orderId}`]);
      buyer = (await buyers.get(connectionId, orderId, world.clock.now())) ?? null;
    }
    const raw = values.raw ? ((await orders.raw(connectionId, orderId)) ?? null) : undefined;
    const { lines, packages, ...told } = describeOrder(stored);
    return {
      json: {
        ...{ ...told, lines, packages },
        ...(buyer === undefined ? {} : { buyer }),
        ...(raw === undefined ? {} : { raw }),
      },
      text: [
        ...fields(
          Object.entries(told).map(([name, value]): [string, Cell] => [name, value === null ? null : `${value}`]),
        ),
        '',
        ...table(
          ['LINE', 'SKU', 'QUANTITY', 'UNIT PRICE', 'TITLE'],
          lines.map((line) => [line.lineId, line.sku, line.quantity, line.unitPrice, line.title]),
        ),
        ...(packages.length === 0
          ? []
          : [
              '',
              ...table(
                ['PACKAGE', 'CARRIER', 'TRACKING', 'SHIPPED'],
                packages.map((sent) => [sent.packageId, sent.carrier, sent.trackingNumber, sent.shippedAt]),
              ),
            ]),
        ...(buyer === undefined ? [] : ['', ...describeBuyer(buyer)]),
        ...(raw === undefined ? [] : ['', ...describeRaw(raw)]),
      ],
    };
  },
});

function describeRaw(raw: unknown): string[] {
  return raw === null ? ["None of the marketplace's own JSON is kept."] : JSON.stringify(raw, null, 2).split('\n');
}

function describeBuyer(buyer: Buyer | null): string[] {
  if (!buyer) return ['No data of the buyer is kept.'];
  const { addressLines, ...rest } = buyer;
  return fields([...Object.entries(rest), ['addressLines', addressLines.join(', ')]]);
}

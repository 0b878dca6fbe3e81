import { defineCommand } from '#cli/command.ts';
import { limit, text } from '#cli/options.ts';
import { describeOrder, openOrders } from '#cli/orders.ts';
import { table } from '#cli/table.ts';

export const ordersList = defineCommand({
  name: 'orders list',
  takes: ['connection'],
  says: 'The orders of a connection, by id',
  options: { after: text('ID', 'only those after this order id'), limit: limit(50, 10_000) },
  async run({ open }, { words: [connectionId], values }) {
    const { orders } = await openOrders(await open(), connectionId);
    // One more than asked for tells whether there are more.
    const range = { limit: values.limit + 1, ...(values.after === undefined ? {} : { after: values.after }) };
    const found = (await orders.list(connectionId, range)).map(describeOrder);
    const rows = found.slice(0, values.limit);
    const nextAfter = found.length > rows.length ? rows.at(-1)!.orderId : null;
    return {
      json: { orders: rows, nextAfter },
      text: [
        ...table(
          ['ORDER', 'STATUS', 'TOTAL', 'CURRENCY', 'LINES', 'PLACED', 'UPDATED', 'VERSION', 'FOUND BY'],
          rows.map((row) => [
            row.orderId,
            row.status,
            row.total,
            row.currency,
            row.lines.length,
            row.placedAt,
            row.updatedAt,
            row.orderVersion,
            row.firstFoundBy,
          ]),
        ),
        ...(nextAfter === null ? [] : ['', `There are more: sluice orders list ${connectionId} --after ${nextAfter}`]),
      ],
    };
  },
});

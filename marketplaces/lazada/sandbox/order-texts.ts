import type { BookOrder, Books } from '#marketplaces/sandbox-kit/books.ts';
import type { Fulfillment } from './fulfillment.ts';
import { type ItemForm, renderItems } from './item-shape.ts';
import { renderListed } from './order-shape.ts';

type Texts = Partial<Record<'listed' | ItemForm, string>>;

export type OrderTexts = ReturnType<typeof createOrderTexts>;

/** The JSON of orders and their items, kept until the order changes: the same ones are read again and again. */
export function createOrderTexts(parts: { fulfillment: Fulfillment; books: Books }) {
  const byOrder = new Map<string, Texts>();

  function textsOf(order: BookOrder): Texts {
    let texts = byOrder.get(order.orderId);
    if (!texts) {
      texts = {};
      byOrder.set(order.orderId, texts);
    }
    return texts;
  }

  function drop({ orderId }: BookOrder): void {
    byOrder.delete(orderId);
  }
  parts.books.onChange(drop);

  return {
    /** To be told of a change that the books don't announce. */
    drop,
    /** The order as an element of a list. */
    listed(order: BookOrder): string {
      const texts = textsOf(order);
      texts.listed ??= JSON.stringify(renderListed(order, parts.fulfillment));
      return texts.listed;
    },
    /** The array of the order's items. */
    items(order: BookOrder, form: ItemForm): string {
      const texts = textsOf(order);
      texts[form] ??= JSON.stringify(renderItems(order, parts, form));
      return texts[form];
    },
  };
}

/** numbers of Shopify's size, below 2^53, so that a client that reads them as JSON numbers reads them right */
const FIRST = {
  order: 5_600_000_000_000,
  line: 13_900_000_000_000,
  fulfillmentOrder: 6_700_000_000_000,
  fulfillmentOrderLine: 14_900_000_000_000,
  fulfillment: 5_100_000_000_000,
  item: 46_300_000_000_000,
  variant: 44_200_000_000_000,
  product: 8_100_000_000_000,
};

type Kind = keyof typeof FIRST;

/** The number of the first order of a shop's kind is #1001. */
const BEFORE_FIRST_NUMBER = 1000;

/** The id with this running number, 1 upwards. */
export function idOf(kind: Kind, sequence: number): number {
  return FIRST[kind] + sequence;
}

/** The running number of an id. */
export function sequenceOf(kind: Kind, id: number | string): number {
  return Number(id) - FIRST[kind];
}

/** The id of one kind with the running number that an id of another kind has. */
export function sameSequence(from: Kind, id: number | string, to: Kind): number {
  return idOf(to, sequenceOf(from, id));
}

/** A global id: `gid://shopify/Order/1`. */
export function gid(type: string, id: number | string): string {
  return `gid://shopify/${type}/${id}`;
}

/** What a global id names; its parameters are left out. */
export function readGid(text: string): { type: string; id: string } {
  const [, type = '', id = ''] = /^gid:\/\/shopify\/([A-Za-z]+)\/([^/?]+)/.exec(text) ?? [];
  return { type, id };
}

/** The id in a global id of this type; undefined: it is another type's. */
export function idIn(type: string, text: string): string | undefined {
  const read = readGid(text);
  return read.type === type ? read.id : undefined;
}

/** The number that people know an order by. */
export function orderNumber(orderId: string): number {
  return BEFORE_FIRST_NUMBER + sequenceOf('order', orderId);
}

import { MAX_LINES } from './limits.ts';

const LINE_ITEM =
  'id sku name quantity currentQuantity originalUnitPriceSet { presentmentMoney { amount currencyCode } }';
const REFUND_LINE_ITEM = 'quantity restockType lineItem { id }';
const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';

/** What is asked of an order: what `order-shape.ts` reads, and nothing personal but what the buyer's record is made of. */
const ORDER = `
  id legacyResourceId name test createdAt updatedAt processedAt closedAt cancelledAt cancelReason
  displayFinancialStatus displayFulfillmentStatus currencyCode presentmentCurrencyCode
  totalPriceSet { presentmentMoney { amount currencyCode } }
  totalShippingPriceSet { presentmentMoney { amount currencyCode } }
  totalTaxSet { presentmentMoney { amount currencyCode } }
  totalDiscountsSet { presentmentMoney { amount currencyCode } }
  email phone
  shippingAddress { name company address1 address2 city province zip countryCodeV2 phone }
  lineItems(first: ${MAX_LINES}) {
    nodes { ${LINE_ITEM} }
    ${PAGE_INFO}
  }
  fulfillments { id status displayStatus createdAt trackingInfo { number company } }
  refunds {
    id
    refundLineItems(first: ${MAX_LINES}) {
      nodes { ${REFUND_LINE_ITEM} }
      ${PAGE_INFO}
    }
  }`;

export const LIST_ORDERS = `query listOrders($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, sortKey: UPDATED_AT, query: $query) {
    nodes {${ORDER}
    }
    ${PAGE_INFO}
  }
}`;

export const GET_ORDERS = `query getOrders($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Order {${ORDER}
    }
  }
}`;

/** More of a list that one answer does not hold, and when its order last changed: parts of two states are no order. */
const more = (operation: string, type: string, list: string, item: string): string =>
  `query ${operation}($orderId: ID!, $id: ID!, $after: String!) {
  order(id: $orderId) { updatedAt }
  node(id: $id) {
    ... on ${type} {
      more: ${list}(first: ${MAX_LINES}, after: $after) {
        nodes { ${item} }
        ${PAGE_INFO}
      }
    }
  }
}`;

export const GET_LINE_ITEMS = more('getLineItems', 'Order', 'lineItems', LINE_ITEM);
export const GET_REFUND_LINE_ITEMS = more('getRefundLineItems', 'Refund', 'refundLineItems', REFUND_LINE_ITEM);

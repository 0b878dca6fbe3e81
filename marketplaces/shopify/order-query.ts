import { MAX_LINES } from './limits.ts';

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
    nodes { id sku name quantity currentQuantity originalUnitPriceSet { presentmentMoney { amount currencyCode } } }
    pageInfo { hasNextPage }
  }
  fulfillments { id status displayStatus createdAt trackingInfo { number company } }
  refunds {
    refundLineItems(first: ${MAX_LINES}) {
      nodes { quantity restockType lineItem { id } }
      pageInfo { hasNextPage }
    }
  }`;

export const LIST_ORDERS = `query listOrders($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, sortKey: UPDATED_AT, query: $query) {
    nodes {${ORDER}
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const GET_ORDERS = `query getOrders($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Order {${ORDER}
    }
  }
}`;

/** Orders and what became of them: the part of Shopify's GraphQL Admin schema that is simulated. */
export const ORDER_SCHEMA = `
enum OrderSortKeys { CREATED_AT ID ORDER_NUMBER PROCESSED_AT UPDATED_AT }
enum OrderCancelReason { CUSTOMER DECLINED FRAUD INVENTORY OTHER STAFF }
enum OrderDisplayFinancialStatus { AUTHORIZED EXPIRED PAID PARTIALLY_PAID PARTIALLY_REFUNDED PENDING REFUNDED VOIDED }
enum OrderDisplayFulfillmentStatus {
  FULFILLED FULFILLMENT_NOT_REQUIRED IN_PROGRESS ON_HOLD OPEN PARTIALLY_FULFILLED PENDING_FULFILLMENT REQUEST_DECLINED
  RESTOCKED SCHEDULED UNFULFILLED
}
enum OrderReturnStatus { INSPECTION_COMPLETE IN_PROGRESS NO_RETURN RETURNED RETURN_FAILED RETURN_REQUESTED }

type Order implements Node & LegacyResource {
  id: ID!
  legacyResourceId: UnsignedInt64!
  name: String!
  number: Int!
  confirmationNumber: String
  confirmed: Boolean!
  createdAt: DateTime!
  processedAt: DateTime!
  updatedAt: DateTime!
  closed: Boolean!
  closedAt: DateTime
  cancelledAt: DateTime
  cancelReason: OrderCancelReason
  cancellation: OrderCancellation
  test: Boolean!
  edited: Boolean!
  note: String
  poNumber: String
  tags: [String!]!
  sourceName: String
  sourceIdentifier: String
  app: OrderApp
  customAttributes: [Attribute!]!
  statusPageUrl: URL!
  displayFinancialStatus: OrderDisplayFinancialStatus
  displayFulfillmentStatus: OrderDisplayFulfillmentStatus!
  returnStatus: OrderReturnStatus!
  fullyPaid: Boolean!
  unpaid: Boolean!
  capturable: Boolean!
  refundable: Boolean!
  restockable: Boolean!
  fulfillable: Boolean!
  merchantEditable: Boolean!
  requiresShipping: Boolean!
  paymentGatewayNames: [String!]!
  currencyCode: CurrencyCode!
  presentmentCurrencyCode: CurrencyCode!
  taxesIncluded: Boolean!
  taxExempt: Boolean!
  dutiesIncluded: Boolean!
  totalPriceSet: MoneyBag!
  subtotalPriceSet: MoneyBag
  totalShippingPriceSet: MoneyBag!
  totalTaxSet: MoneyBag
  totalDiscountsSet: MoneyBag
  totalRefundedSet: MoneyBag!
  totalRefundedShippingSet: MoneyBag!
  totalOutstandingSet: MoneyBag!
  totalReceivedSet: MoneyBag!
  totalCapturableSet: MoneyBag!
  totalTipReceivedSet: MoneyBag
  netPaymentSet: MoneyBag!
  originalTotalPriceSet: MoneyBag!
  currentTotalPriceSet: MoneyBag!
  currentSubtotalPriceSet: MoneyBag!
  currentShippingPriceSet: MoneyBag!
  currentTotalTaxSet: MoneyBag!
  currentTotalDiscountsSet: MoneyBag!
  cartDiscountAmountSet: MoneyBag
  totalWeight: UnsignedInt64
  currentTotalWeight: UnsignedInt64!
  subtotalLineItemsQuantity: Int!
  currentSubtotalLineItemsQuantity: Int!
  discountCode: String
  discountCodes: [String!]!
  taxLines: [TaxLine!]!
  currentTaxLines: [TaxLine!]!
  email: String
  phone: String
  customerLocale: String
  customer: Customer @access(scopes: "read_customers")
  shippingAddress: MailingAddress
  billingAddress: MailingAddress
  displayAddress: MailingAddress
  billingAddressMatchesShippingAddress: Boolean!
  shippingLine: ShippingLine
  shippingLines: ShippingLineConnection!
  lineItems: LineItemConnection!
  fulfillmentOrders(displayable: Boolean = false, query: String): FulfillmentOrderConnection! @access(scopes: "read_assigned_fulfillment_orders read_merchant_managed_fulfillment_orders read_third_party_fulfillment_orders")
  fulfillments(first: Int, query: String): [Fulfillment!]!
  fulfillmentsCount(query: String): Count
  refunds(first: Int, query: String): [Refund!]!
  returns(query: String): ReturnConnection!
  transactions(first: Int, capturable: Boolean, manuallyResolvable: Boolean): [OrderTransaction!]!
}
type OrderApp { id: ID! name: String }
type OrderCancellation { staffNote: String }
type Attribute { key: String! value: String }
type Count { count: Int! precision: CountPrecision! }
enum CountPrecision { AT_LEAST EXACT }

type LineItem implements Node {
  id: ID!
  name: String!
  title: String!
  variantTitle: String
  sku: String
  vendor: String
  quantity: Int!
  currentQuantity: Int!
  unfulfilledQuantity: Int!
  refundableQuantity: Int!
  nonFulfillableQuantity: Int!
  requiresShipping: Boolean!
  restockable: Boolean!
  taxable: Boolean!
  isGiftCard: Boolean!
  merchantEditable: Boolean!
  customAttributes: [Attribute!]!
  originalUnitPriceSet: MoneyBag!
  discountedUnitPriceSet: MoneyBag!
  discountedUnitPriceAfterAllDiscountsSet: MoneyBag!
  originalTotalSet: MoneyBag!
  discountedTotalSet(withCodeDiscounts: Boolean = false): MoneyBag!
  totalDiscountSet: MoneyBag!
  unfulfilledOriginalTotalSet: MoneyBag!
  unfulfilledDiscountedTotalSet: MoneyBag!
  taxLines(first: Int): [TaxLine!]!
  variant: ProductVariant @access(scopes: "read_products")
  product: Product @access(scopes: "read_products")
}
type TaxLine { title: String! rate: Float ratePercentage: Float source: String channelLiable: Boolean priceSet: MoneyBag! }

type ShippingLine {
  id: ID
  title: String!
  code: String
  source: String
  carrierIdentifier: String
  deliveryCategory: String
  phone: String
  custom: Boolean!
  isRemoved: Boolean!
  originalPriceSet: MoneyBag!
  discountedPriceSet: MoneyBag!
  currentDiscountedPriceSet: MoneyBag!
  taxLines: [TaxLine!]!
}

enum OrderTransactionKind { AUTHORIZATION CAPTURE CHANGE EMV_AUTHORIZATION REFUND SALE SUGGESTED_REFUND VOID }
enum OrderTransactionStatus { AWAITING_RESPONSE ERROR FAILURE PENDING SUCCESS UNKNOWN }
type OrderTransaction implements Node {
  id: ID!
  kind: OrderTransactionKind!
  status: OrderTransactionStatus!
  gateway: String
  formattedGateway: String
  amountSet: MoneyBag!
  createdAt: DateTime!
  processedAt: DateTime
  test: Boolean!
}

type Refund implements Node & LegacyResource {
  id: ID!
  legacyResourceId: UnsignedInt64!
  createdAt: DateTime
  updatedAt: DateTime!
  note: String
  order: Order!
  totalRefundedSet: MoneyBag!
  refundLineItems: RefundLineItemConnection!
}
enum RefundLineItemRestockType { CANCEL LEGACY_RESTOCK NO_RESTOCK RETURN }
type RefundLineItem {
  id: ID
  lineItem: LineItem!
  quantity: Int!
  restockType: RefundLineItemRestockType!
  restocked: Boolean!
  location: Location
  priceSet: MoneyBag!
  subtotalSet: MoneyBag!
  totalTaxSet: MoneyBag!
}
type Return implements Node { id: ID! name: String! status: String! totalQuantity: Int! }

enum FulfillmentOrderStatus { CANCELLED CLOSED INCOMPLETE IN_PROGRESS ON_HOLD OPEN SCHEDULED }
enum FulfillmentOrderRequestStatus {
  ACCEPTED CANCELLATION_ACCEPTED CANCELLATION_REJECTED CANCELLATION_REQUESTED CLOSED REJECTED SUBMITTED UNSUBMITTED
}
enum FulfillmentOrderAction {
  CANCEL_FULFILLMENT_ORDER CREATE_FULFILLMENT EXTERNAL HOLD MARK_AS_OPEN MERGE MOVE RELEASE_HOLD REQUEST_CANCELLATION
  REQUEST_FULFILLMENT SPLIT
}
type FulfillmentOrder implements Node {
  id: ID!
  status: FulfillmentOrderStatus!
  requestStatus: FulfillmentOrderRequestStatus!
  createdAt: DateTime!
  updatedAt: DateTime!
  fulfillAt: DateTime
  fulfillBy: DateTime
  channelId: ID
  order: Order!
  orderId: ID!
  orderName: String!
  orderProcessedAt: DateTime!
  assignedLocation: FulfillmentOrderAssignedLocation!
  deliveryMethod: DeliveryMethod
  destination: FulfillmentOrderDestination
  fulfillmentHolds: [FulfillmentHold!]!
  supportedActions: [FulfillmentOrderSupportedAction!]!
  lineItems: FulfillmentOrderLineItemConnection!
  fulfillments: FulfillmentConnection!
}
type FulfillmentOrderSupportedAction { action: FulfillmentOrderAction! externalUrl: URL }
type FulfillmentHold { id: ID! reason: String! reasonNotes: String }
type DeliveryMethod implements Node { id: ID! methodType: String! minDeliveryDateTime: DateTime maxDeliveryDateTime: DateTime }
type FulfillmentOrderAssignedLocation {
  name: String!
  address1: String
  address2: String
  city: String
  province: String
  zip: String
  phone: String
  countryCode: CountryCode!
  location: Location
}
type FulfillmentOrderDestination implements Node {
  id: ID!
  firstName: String
  lastName: String
  company: String
  address1: String
  address2: String
  city: String
  province: String
  zip: String
  countryCode: CountryCode
  email: String
  phone: String
}
type FulfillmentOrderLineItem implements Node {
  id: ID!
  totalQuantity: Int!
  remainingQuantity: Int!
  sku: String
  vendor: String
  productTitle: String!
  variantTitle: String
  requiresShipping: Boolean!
  inventoryItemId: ID
  lineItem: LineItem!
  variant: ProductVariant @access(scopes: "read_products")
}

enum FulfillmentStatus { CANCELLED ERROR FAILURE OPEN PENDING SUCCESS }
enum FulfillmentDisplayStatus {
  ATTEMPTED_DELIVERY CANCELED CARRIER_PICKED_UP CONFIRMED DELAYED DELIVERED FAILURE FULFILLED IN_TRANSIT LABEL_PRINTED
  LABEL_PURCHASED LABEL_VOIDED MARKED_AS_FULFILLED NOT_DELIVERED OUT_FOR_DELIVERY PICKED_UP READY_FOR_PICKUP SUBMITTED
}
type Fulfillment implements Node & LegacyResource {
  id: ID!
  legacyResourceId: UnsignedInt64!
  name: String!
  status: FulfillmentStatus!
  displayStatus: FulfillmentDisplayStatus
  createdAt: DateTime!
  updatedAt: DateTime!
  inTransitAt: DateTime
  deliveredAt: DateTime
  estimatedDeliveryAt: DateTime
  requiresShipping: Boolean!
  totalQuantity: Int!
  location: Location
  order: Order!
  trackingInfo(first: Int): [FulfillmentTrackingInfo!]!
  fulfillmentLineItems: FulfillmentLineItemConnection!
  fulfillmentOrders: FulfillmentOrderConnection! @access(scopes: "read_assigned_fulfillment_orders read_merchant_managed_fulfillment_orders read_third_party_fulfillment_orders")
}
type FulfillmentTrackingInfo { company: String number: String url: URL }
type FulfillmentLineItem implements Node {
  id: ID!
  quantity: Int
  lineItem: LineItem!
  originalTotalSet: MoneyBag!
  discountedTotalSet: MoneyBag!
}

input FulfillmentInput {
  lineItemsByFulfillmentOrder: [FulfillmentOrderLineItemsInput!]!
  trackingInfo: FulfillmentTrackingInput
  notifyCustomer: Boolean = false
  originAddress: FulfillmentOriginAddressInput
}
input FulfillmentOrderLineItemsInput { fulfillmentOrderId: ID! fulfillmentOrderLineItems: [FulfillmentOrderLineItemInput!] }
input FulfillmentOrderLineItemInput { id: ID! quantity: Int! }
input FulfillmentTrackingInput { company: String number: String numbers: [String!] url: URL urls: [URL!] }
input FulfillmentOriginAddressInput { address1: String address2: String city: String zip: String provinceCode: String countryCode: String! }
type FulfillmentCreatePayload { fulfillment: Fulfillment userErrors: [UserError!]! }
type FulfillmentTrackingInfoUpdatePayload { fulfillment: Fulfillment userErrors: [UserError!]! }

type Customer implements Node & LegacyResource {
  id: ID!
  legacyResourceId: UnsignedInt64!
  firstName: String
  lastName: String
  displayName: String!
  email: String
  phone: String
  defaultEmailAddress: CustomerEmailAddress
  defaultPhoneNumber: CustomerPhoneNumber
  defaultAddress: MailingAddress
  locale: String!
  note: String
  tags: [String!]!
  state: String!
  taxExempt: Boolean!
  verifiedEmail: Boolean!
}
type CustomerEmailAddress { emailAddress: String! marketingState: String! }
type CustomerPhoneNumber { phoneNumber: String! marketingState: String! }
`;

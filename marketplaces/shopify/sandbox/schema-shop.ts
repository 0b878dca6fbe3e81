/** The shop, its stock and the app's subscriptions: the part of Shopify's GraphQL Admin schema that is simulated. */
export const SHOP_SCHEMA = `
scalar CountryCode
scalar CurrencyCode
scalar DateTime
scalar Decimal
scalar Money
scalar URL
scalar UnsignedInt64
directive @idempotent(key: String!)

interface Node { id: ID! }
interface LegacyResource { legacyResourceId: UnsignedInt64! }
type UserError { field: [String!] message: String! }
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }
type MailingAddress implements Node {
  id: ID!
  name: String
  firstName: String
  lastName: String
  company: String
  address1: String
  address2: String
  city: String
  province: String
  provinceCode: String
  zip: String
  country: String
  countryCodeV2: CountryCode
  phone: String
  formatted(withName: Boolean = false, withCompany: Boolean = true): [String!]!
  formattedArea: String
  latitude: Float
  longitude: Float
}

type QueryRoot {
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  shop: Shop!
  currentAppInstallation: AppInstallation!
  publicApiVersions: [ApiVersion!]!
  order(id: ID!): Order @access(scopes: "read_orders")
  orders(query: String, sortKey: OrderSortKeys = PROCESSED_AT, savedSearchId: ID): OrderConnection! @access(scopes: "read_orders")
  ordersCount(query: String, limit: Int = 10000, savedSearchId: ID): Count @access(scopes: "read_orders")
  fulfillment(id: ID!): Fulfillment @access(scopes: "read_orders")
  fulfillmentOrder(id: ID!): FulfillmentOrder @access(scopes: "read_assigned_fulfillment_orders read_merchant_managed_fulfillment_orders read_third_party_fulfillment_orders")
  location(id: ID): Location @access(scopes: "read_locations")
  locations(query: String, includeInactive: Boolean = false, includeLegacy: Boolean = false): LocationConnection! @access(scopes: "read_locations")
  inventoryItem(id: ID!): InventoryItem @access(scopes: "read_inventory")
  inventoryItems(query: String): InventoryItemConnection! @access(scopes: "read_inventory")
  inventoryLevel(id: ID!): InventoryLevel @access(scopes: "read_inventory")
  product(id: ID!): Product @access(scopes: "read_products")
  productVariant(id: ID!): ProductVariant @access(scopes: "read_products")
  productVariants(query: String): ProductVariantConnection! @access(scopes: "read_products")
  webhookSubscription(id: ID!): WebhookSubscription
  webhookSubscriptions(topics: [WebhookSubscriptionTopic!], format: WebhookSubscriptionFormat, uri: String, callbackUrl: URL, query: String, sortKey: WebhookSubscriptionSortKeys = CREATED_AT): WebhookSubscriptionConnection!
  webhookSubscriptionsCount(query: String, limit: Int = 10000): Count
}

type Mutation {
  fulfillmentCreate(fulfillment: FulfillmentInput!, message: String): FulfillmentCreatePayload @access(scopes: "write_assigned_fulfillment_orders write_merchant_managed_fulfillment_orders write_third_party_fulfillment_orders")
  fulfillmentTrackingInfoUpdate(fulfillmentId: ID!, trackingInfoInput: FulfillmentTrackingInput!, notifyCustomer: Boolean): FulfillmentTrackingInfoUpdatePayload @access(scopes: "write_assigned_fulfillment_orders write_merchant_managed_fulfillment_orders write_third_party_fulfillment_orders")
  inventorySetQuantities(input: InventorySetQuantitiesInput!): InventorySetQuantitiesPayload @access(scopes: "write_inventory")
  webhookSubscriptionCreate(topic: WebhookSubscriptionTopic!, webhookSubscription: WebhookSubscriptionInput!): WebhookSubscriptionCreatePayload
  webhookSubscriptionUpdate(id: ID!, webhookSubscription: WebhookSubscriptionInput!): WebhookSubscriptionUpdatePayload
  webhookSubscriptionDelete(id: ID!): WebhookSubscriptionDeletePayload
}

type AppInstallation implements Node { id: ID! app: OrderApp! accessScopes: [AccessScope!]! launchUrl: URL! uninstallUrl: URL }
type AccessScope { handle: String! description: String! }
type ApiVersion { handle: String! displayName: String! supported: Boolean! }
type Shop implements Node {
  id: ID!
  name: String!
  description: String
  email: String!
  contactEmail: String!
  myshopifyDomain: String!
  primaryDomain: Domain!
  url: URL!
  shopOwnerName: String!
  currencyCode: CurrencyCode!
  enabledPresentmentCurrencies: [CurrencyCode!]!
  ianaTimezone: String!
  timezoneAbbreviation: String!
  timezoneOffset: String!
  timezoneOffsetMinutes: Int!
  unitSystem: String!
  weightUnit: String!
  taxesIncluded: Boolean!
  taxShipping: Boolean!
  setupRequired: Boolean!
  orderNumberFormatPrefix: String!
  orderNumberFormatSuffix: String!
  plan: ShopPlan!
  shopAddress: MailingAddress!
  createdAt: DateTime!
  updatedAt: DateTime!
}
type Domain implements Node { id: ID! host: String! url: URL! sslEnabled: Boolean! }
type ShopPlan { displayName: String! publicDisplayName: String! partnerDevelopment: Boolean! shopifyPlus: Boolean! }

type Location implements Node & LegacyResource {
  id: ID!
  legacyResourceId: UnsignedInt64!
  name: String!
  address: LocationAddress!
  isActive: Boolean!
  isPrimary: Boolean!
  isFulfillmentService: Boolean!
  fulfillsOnlineOrders: Boolean!
  shipsInventory: Boolean!
  hasActiveInventory: Boolean!
  createdAt: DateTime!
  updatedAt: DateTime!
  inventoryLevel(inventoryItemId: ID!): InventoryLevel @access(scopes: "read_inventory")
  inventoryLevels(query: String): InventoryLevelConnection! @access(scopes: "read_inventory")
}
type LocationAddress {
  address1: String
  address2: String
  city: String
  province: String
  provinceCode: String
  zip: String
  country: String
  countryCode: String
  phone: String
  formatted: [String!]!
}
type InventoryItem implements Node & LegacyResource {
  id: ID!
  legacyResourceId: UnsignedInt64!
  sku: String
  tracked: Boolean!
  requiresShipping: Boolean!
  countryCodeOfOrigin: CountryCode
  harmonizedSystemCode: String
  unitCost: MoneyV2
  createdAt: DateTime!
  updatedAt: DateTime!
  variant: ProductVariant @access(scopes: "read_products")
  locationsCount: Count
  inventoryLevel(locationId: ID!, includeInactive: Boolean = false): InventoryLevel
  inventoryLevels(query: String, includeInactive: Boolean = false): InventoryLevelConnection!
}
type InventoryLevel implements Node {
  id: ID!
  item: InventoryItem!
  location: Location!
  isActive: Boolean!
  createdAt: DateTime!
  updatedAt: DateTime!
  quantities(names: [String!]!): [InventoryQuantity!]!
}
type InventoryQuantity implements Node { id: ID! name: String! quantity: Int! updatedAt: DateTime }
type ProductVariant implements Node & LegacyResource {
  id: ID!
  legacyResourceId: UnsignedInt64!
  title: String!
  displayName: String!
  sku: String
  barcode: String
  price: Money!
  compareAtPrice: Money
  position: Int!
  taxable: Boolean!
  availableForSale: Boolean!
  inventoryQuantity: Int
  inventoryPolicy: String!
  inventoryItem: InventoryItem! @access(scopes: "read_inventory read_products")
  product: Product!
  createdAt: DateTime!
  updatedAt: DateTime!
}
type Product implements Node & LegacyResource {
  id: ID!
  legacyResourceId: UnsignedInt64!
  title: String!
  handle: String!
  vendor: String!
  productType: String!
  status: String!
  tags: [String!]!
  totalInventory: Int!
  tracksInventory: Boolean!
  hasOnlyDefaultVariant: Boolean!
  variants: ProductVariantConnection!
  createdAt: DateTime!
  updatedAt: DateTime!
}

input InventorySetQuantitiesInput {
  name: String!
  reason: String!
  referenceDocumentUri: String
  quantities: [InventoryQuantityInput!]!
  ignoreCompareQuantity: Boolean = false @until(version: "2026-04")
}
input InventoryQuantityInput {
  inventoryItemId: ID!
  locationId: ID!
  quantity: Int!
  changeFromQuantity: Int
  compareQuantity: Int @until(version: "2026-04")
}
type InventorySetQuantitiesPayload {
  inventoryAdjustmentGroup: InventoryAdjustmentGroup
  userErrors: [InventorySetQuantitiesUserError!]!
}
enum InventorySetQuantitiesUserErrorCode {
  CHANGE_FROM_QUANTITY_STALE COMPARE_QUANTITY_REQUIRED COMPARE_QUANTITY_STALE IDEMPOTENCY_CONCURRENT_REQUEST
  IDEMPOTENCY_KEY_PARAMETER_MISMATCH IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED INVALID_INVENTORY_ITEM INVALID_LOCATION
  INVALID_NAME INVALID_QUANTITY_NEGATIVE INVALID_QUANTITY_TOO_HIGH INVALID_QUANTITY_TOO_LOW INVALID_REASON
  INVALID_REFERENCE_DOCUMENT ITEM_NOT_STOCKED_AT_LOCATION NON_MUTABLE_INVENTORY_ITEM
  NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR
}
type InventorySetQuantitiesUserError { code: InventorySetQuantitiesUserErrorCode field: [String!] message: String! }
type InventoryAdjustmentGroup implements Node {
  id: ID!
  reason: String!
  referenceDocumentUri: String
  createdAt: DateTime!
  changes(inventoryItemIds: [ID!], locationIds: [ID!], quantityNames: [String!]): [InventoryChange!]!
}
type InventoryChange { name: String! delta: Int! quantityAfterChange: Int ledgerDocumentUri: String item: InventoryItem location: Location }

enum WebhookSubscriptionSortKeys { CREATED_AT ID }
enum WebhookSubscriptionFormat { JSON XML }
enum WebhookSubscriptionTopic {
  APP_SCOPES_UPDATE APP_UNINSTALLED BULK_OPERATIONS_FINISH CUSTOMERS_CREATE CUSTOMERS_DELETE CUSTOMERS_UPDATE
  FULFILLMENTS_CREATE FULFILLMENTS_UPDATE FULFILLMENT_EVENTS_CREATE FULFILLMENT_ORDERS_CANCELLED
  FULFILLMENT_ORDERS_MOVED FULFILLMENT_ORDERS_PLACED_ON_HOLD FULFILLMENT_ORDERS_HOLD_RELEASED
  INVENTORY_ITEMS_CREATE INVENTORY_ITEMS_DELETE INVENTORY_ITEMS_UPDATE INVENTORY_LEVELS_CONNECT
  INVENTORY_LEVELS_DISCONNECT INVENTORY_LEVELS_UPDATE LOCATIONS_CREATE LOCATIONS_DELETE LOCATIONS_UPDATE ORDERS_CANCELLED
  ORDERS_CREATE ORDERS_DELETE ORDERS_EDITED ORDERS_FULFILLED ORDERS_PAID ORDERS_PARTIALLY_FULFILLED ORDERS_UPDATED
  ORDER_TRANSACTIONS_CREATE PRODUCTS_CREATE PRODUCTS_DELETE PRODUCTS_UPDATE REFUNDS_CREATE RETURNS_APPROVE RETURNS_CANCEL
  RETURNS_CLOSE RETURNS_DECLINE RETURNS_REOPEN RETURNS_REQUEST RETURNS_UPDATE SHOP_UPDATE
}
type WebhookSubscription implements Node & LegacyResource {
  id: ID!
  legacyResourceId: UnsignedInt64!
  topic: WebhookSubscriptionTopic!
  uri: String!
  callbackUrl: URL
  endpoint: WebhookSubscriptionEndpoint!
  format: WebhookSubscriptionFormat!
  filter: String
  name: String
  includeFields: [String!]!
  metafieldNamespaces: [String!]!
  metafields: [WebhookSubscriptionMetafieldIdentifier!]!
  apiVersion: ApiVersion!
  createdAt: DateTime!
  updatedAt: DateTime!
}
type WebhookSubscriptionMetafieldIdentifier { namespace: String! key: String! }
union WebhookSubscriptionEndpoint = WebhookEventBridgeEndpoint | WebhookHttpEndpoint | WebhookPubSubEndpoint
type WebhookEventBridgeEndpoint { arn: String! }
type WebhookHttpEndpoint { callbackUrl: URL! }
type WebhookPubSubEndpoint { pubSubProject: String! pubSubTopic: String! }
input WebhookSubscriptionInput {
  uri: String
  callbackUrl: URL
  format: WebhookSubscriptionFormat
  filter: String
  name: String
  includeFields: [String!]
  metafieldNamespaces: [String!]
  metafields: [HasMetafieldsMetafieldIdentifierInput!]
}
input HasMetafieldsMetafieldIdentifierInput { namespace: String key: String! }
type WebhookSubscriptionCreatePayload { webhookSubscription: WebhookSubscription userErrors: [UserError!]! }
type WebhookSubscriptionUpdatePayload { webhookSubscription: WebhookSubscription userErrors: [UserError!]! }
type WebhookSubscriptionDeletePayload { deletedWebhookSubscriptionId: ID userErrors: [UserError!]! }
`;

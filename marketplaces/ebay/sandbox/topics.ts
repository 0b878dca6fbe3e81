import { Hono } from 'hono';
import { sellerAccount } from './accounts.ts';
import { badRequest, NOTIFICATION, refuse } from './answers.ts';
import { SCOPE_BASE, SCOPE_FULFILLMENT, SCOPE_FULFILLMENT_READONLY } from './grants.ts';
import { answerList } from './notification-list.ts';

export const ORDER_CONFIRMATION = 'ORDER_CONFIRMATION';
export const ACCOUNT_DELETION = 'MARKETPLACE_ACCOUNT_DELETION';
export const AUTHORIZATION_REVOCATION = 'AUTHORIZATION_REVOCATION';
export const SCHEMA_VERSION = '1.0';

export const TOPIC_IDS = [ORDER_CONFIRMATION, ACCOUNT_DELETION, AUTHORIZATION_REVOCATION] as const;
export type TopicId = (typeof TOPIC_IDS)[number];

/** A USER topic is subscribed to for a seller and with the seller's token, an APPLICATION topic with the application's. */
type Topic = { description: string; scope: 'USER' | 'APPLICATION'; authorizationScopes: string[]; sample: object };

const SAMPLE_ACCOUNT = sellerAccount('test');

/** `sample`: the data that testSubscription sends. */
export const TOPICS: Record<TopicId, Topic> = {
  ORDER_CONFIRMATION: {
    description: 'A buyer has ordered and paid.',
    scope: 'USER',
    authorizationScopes: [SCOPE_FULFILLMENT, SCOPE_FULFILLMENT_READONLY],
    sample: {
      user: { userId: SAMPLE_ACCOUNT.userId, username: SAMPLE_ACCOUNT.username },
      order: {
        orderId: '01-00000-00000',
        orderLineItems: [{ orderLineItemId: '10000000000000', listingId: '100000000000', quantity: 1 }],
      },
    },
  },
  MARKETPLACE_ACCOUNT_DELETION: {
    description: 'A user wants their account and data deleted.',
    scope: 'APPLICATION',
    authorizationScopes: [SCOPE_BASE],
    sample: SAMPLE_ACCOUNT,
  },
  AUTHORIZATION_REVOCATION: {
    description: 'A seller no longer lets the application act for them.',
    scope: 'APPLICATION',
    authorizationScopes: [SCOPE_BASE],
    sample: { ...SAMPLE_ACCOUNT, revokeReason: 'REVOKED_BY_USER', revocationDate: '2026-01-01T00:00:00.000Z' },
  },
};

function render(topicId: TopicId) {
  const { description, scope, authorizationScopes } = TOPICS[topicId];
  return {
    topicId,
    description,
    authorizationScopes,
    status: 'ENABLED',
    context: 'COMMERCE',
    scope,
    supportedPayloads: [
      { format: ['JSON'], schemaVersion: SCHEMA_VERSION, deliveryProtocol: 'HTTPS', deprecated: false },
    ],
    filterable: false,
  };
}

/** The topic resource of the Notification API. */
export function topicsApi(baseUrl: string): Hono {
  const app = new Hono();
  app.get('/', (c) => answerList(c, `${baseUrl}/topic`, 'topics', TOPIC_IDS.map(render)));
  app.get('/:id', (c) => {
    const topicId = TOPIC_IDS.find((id) => id === c.req.param('id'));
    return topicId
      ? c.json(render(topicId))
      : refuse(c, 404, badRequest(NOTIFICATION, 195002, 'There is no such topic.'));
  });
  return app;
}

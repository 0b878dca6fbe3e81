import type { SandboxOptions, SandboxSeller } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Destination } from './destinations.ts';
import type { Keyset } from './oauth.ts';
import type { Subscriptions } from './subscriptions.ts';
import {
  ACCOUNT_DELETION,
  AUTHORIZATION_REVOCATION,
  ORDER_CONFIRMATION,
  SCHEMA_VERSION,
  type TopicId,
} from './topics.ts';

/** The one application of this sandbox: made up, fixed, and good for nothing else. */
export const KEYSET: Keyset = {
  clientId: 'Sluice-Sandbox-PRD-000000000-00000001',
  clientSecret: 'PRD-sandbox-client-secret-0001',
  ruName: 'Sluice-SluiceSa-Sandbo-aaaaaaaaa',
};
const VERIFICATION_TOKEN = 'sandbox-verification-token-0123456789abcdef';
const DESTINATION_ID = 'sandbox-destination-1';

/** The sellers: all have consented already, with refresh tokens `v^1.1#i^1#sandbox-refresh-1`, -2, … */
export function createSellers(count: number): SandboxSeller[] {
  return Array.from({ length: count }, (_, index) => ({
    sellerId: `sandboxuser${String(index + 1).padStart(4, '0')}`,
    refreshToken: `v^1.1#i^1#sandbox-refresh-${index + 1}`,
    settings: {},
  }));
}

/** The registration in the shape that the connector's app schema takes. */
export function createRegistration({ webhookUrl, publicUrl }: SandboxOptions): Record<string, unknown> {
  return {
    ...KEYSET,
    verificationToken: VERIFICATION_TOKEN,
    webhookUrl,
    apiUrl: publicUrl,
    consentUrl: `${publicUrl}/oauth2/authorize`,
  };
}

/** Where notifications go from the start: to the registered webhook. */
export function createDestinations(webhookUrl: string): Map<string, Destination> {
  const destination: Destination = {
    destinationId: DESTINATION_ID,
    name: 'registered webhook',
    status: 'ENABLED',
    deliveryConfig: { endpoint: webhookUrl, verificationToken: VERIFICATION_TOKEN },
  };
  return new Map([[DESTINATION_ID, destination]]);
}

/** Subscribes every seller to their orders, and the application to what concerns accounts. */
export function subscribeAll(subscriptions: Subscriptions, sellers: readonly SandboxSeller[], now: number): void {
  const subscribe = (owner: string | null, topicId: TopicId, name: string): void => {
    subscriptions.add(owner, {
      subscriptionId: `sandbox-subscription-${name}`,
      topicId,
      status: 'ENABLED',
      creationDate: new Date(now).toISOString(),
      payload: { format: 'JSON', deliveryProtocol: 'HTTPS', schemaVersion: SCHEMA_VERSION },
      destinationId: DESTINATION_ID,
    });
  };
  for (const [index, { sellerId }] of sellers.entries()) subscribe(sellerId, ORDER_CONFIRMATION, String(index + 1));
  subscribe(null, ACCOUNT_DELETION, 'account-deletion');
  subscribe(null, AUTHORIZATION_REVOCATION, 'authorization-revocation');
}

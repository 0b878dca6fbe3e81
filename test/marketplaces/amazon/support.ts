import { amazonApp } from '#marketplaces/amazon/app.ts';
import type { ConnectionRef } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';

/** The registration that the vectors were written for. */
export const registration = {
  clientId: 'amzn1.application-oa2-client.1',
  clientSecret: 'amzn1.oa2-cs.v1.a&b',
  applicationId: 'amzn1.sp.solution.00000000-0000-0000-0000-000000000001',
};

export const app = amazonApp.parse(registration);

export const connection: ConnectionRef = {
  connectionId: 'amazon-1',
  sellerId: 'A3TH9S8BH6GOGM',
  settings: { marketplaceIds: 'A1F83G8C2ARO7P' },
};

/** The `Failure` that `run` throws; anything else it does is an error. */
export function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

import { describe, test } from 'node:test';
import type { Marketplace } from '#marketplaces/marketplace.ts';
import { authorizationPromises } from './authorization.ts';
import { deliveryPromises } from './deliveries.ts';
import { failurePromises } from './failures.ts';
import { inventoryPromises } from './inventory.ts';
import { limitPromises } from './limits.ts';
import { orderPromises } from './orders.ts';
import { shipmentPromises } from './shipments.ts';
import type { Specifics } from './specifics.ts';
import { openWorld, type World } from './world.ts';

/** What every marketplace promises, by name. */
export type MarketplacePromises = Record<string, (world: World, specifics: Specifics) => Promise<void>>;

const ALL_PROMISES: MarketplacePromises = {
  ...authorizationPromises,
  ...deliveryPromises,
  ...orderPromises,
  ...failurePromises,
  ...limitPromises,
  ...inventoryPromises,
  ...shipmentPromises,
};

/**
 * Checks one marketplace's connector against its own sandbox, two independent readings of the same documentation. A
 * promise that makes no sense for it is named in its specifics, with the reason.
 */
export function marketplaceConformance(marketplace: Marketplace, specifics: Specifics): void {
  for (const promise of Object.keys(specifics.notApplicable)) {
    if (!(promise in ALL_PROMISES)) throw new Error(`no promise is called "${promise}"`);
  }
  describe(marketplace.name, () => {
    for (const [promise, check] of Object.entries(ALL_PROMISES)) {
      test(promise, { skip: specifics.notApplicable[promise] ?? false }, async () =>
        check(await openWorld(marketplace), specifics),
      );
    }
  });
}

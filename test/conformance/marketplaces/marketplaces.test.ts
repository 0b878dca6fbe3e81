import { marketplaces } from '#marketplaces/index.ts';
import { marketplaceConformance } from './marketplace-conformance.ts';
import { specificsOf } from './specifics.ts';

for (const marketplace of marketplaces) {
  const specifics = specificsOf[marketplace.name];
  if (!specifics) throw new Error(`add ${marketplace.name} to specifics.ts`);
  marketplaceConformance(marketplace, specifics);
}

import { amazon } from './amazon/index.ts';
import { ebay } from './ebay/index.ts';
import type { Marketplace } from './marketplace.ts';
import { shopee } from './shopee/index.ts';

/** Every marketplace that Sluice knows. To add one: its folder, its vectors, and a line here. */
export const marketplaces: readonly Marketplace[] = [amazon, ebay, shopee] as unknown as readonly Marketplace[];

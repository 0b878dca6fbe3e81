import { amazon } from './amazon/index.ts';
import { ebay } from './ebay/index.ts';
import { lazada } from './lazada/index.ts';
import type { Marketplace, Source } from './marketplace.ts';
import { mercadolibre } from './mercadolibre/index.ts';
import { shopee } from './shopee/index.ts';
import { shopify } from './shopify/index.ts';
import { standardWebhooks } from './standard-webhooks/index.ts';
import { tiktokShop } from './tiktok-shop/index.ts';
import { walmart } from './walmart/index.ts';

/** Every marketplace that Sluice knows. To add one: its folder, its vectors, and a line here. */
export const marketplaces: readonly Marketplace[] = [
  amazon,
  ebay,
  lazada,
  mercadolibre,
  shopee,
  shopify,
  tiktokShop,
  walmart,
] as unknown as readonly Marketplace[];

/** Who else sends webhooks. */
export const otherSources: readonly Source[] = [standardWebhooks] as unknown as readonly Source[];

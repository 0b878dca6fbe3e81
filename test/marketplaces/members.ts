import { amazon } from '#marketplaces/amazon/index.ts';
import { createAmazonSandbox } from '#marketplaces/amazon/sandbox/index.ts';
import { ebay } from '#marketplaces/ebay/index.ts';
import { createEbaySandbox } from '#marketplaces/ebay/sandbox/index.ts';
import { lazada } from '#marketplaces/lazada/index.ts';
import { createLazadaSandbox } from '#marketplaces/lazada/sandbox/index.ts';
import type { Marketplace } from '#marketplaces/marketplace.ts';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import { createMercadolibreSandbox } from '#marketplaces/mercadolibre/sandbox/index.ts';
import type { OrderDraft } from '#marketplaces/sandbox-kit/books.ts';
import type { Sandbox, SandboxDeps, SandboxOptions } from '#marketplaces/sandbox-kit/sandbox.ts';
import { shopee } from '#marketplaces/shopee/index.ts';
import { createShopeeSandbox } from '#marketplaces/shopee/sandbox/index.ts';
import { shopify } from '#marketplaces/shopify/index.ts';
import { createShopifySandbox } from '#marketplaces/shopify/sandbox/index.ts';
import { tiktokShop } from '#marketplaces/tiktok-shop/index.ts';
import { createTiktokShopSandbox } from '#marketplaces/tiktok-shop/sandbox/index.ts';
import { walmart } from '#marketplaces/walmart/index.ts';
import { createWalmartSandbox } from '#marketplaces/walmart/sandbox/index.ts';

type CreateSandbox = (deps: SandboxDeps, options: SandboxOptions) => Sandbox;
export type TestMember = { marketplace: Marketplace; createSandbox: CreateSandbox; currency: string };

const member = (marketplace: unknown, createSandbox: CreateSandbox, currency: string): TestMember => ({
  marketplace: marketplace as Marketplace,
  createSandbox,
  currency,
});

/** Every connector with its sandbox, also one that is not in use yet, and a currency of its sellers. */
export const members: readonly TestMember[] = [
  member(amazon, createAmazonSandbox, 'GBP'),
  member(ebay, createEbaySandbox, 'GBP'),
  member(shopee, createShopeeSandbox, 'SGD'),
  member(lazada, createLazadaSandbox, 'SGD'),
  member(walmart, createWalmartSandbox, 'USD'),
  member(tiktokShop, createTiktokShopSandbox, 'GBP'),
  member(mercadolibre, createMercadolibreSandbox, 'BRL'),
  member(shopify, createShopifySandbox, 'GBP'),
];

/** What someone orders. */
export const draftIn = (currency: string): OrderDraft => ({
  currency,
  lines: [
    { sku: '85123A', title: 'WHITE HANGING HEART T-LIGHT HOLDER', quantity: 2, unitPrice: '2.55' },
    { sku: '71053', title: 'WHITE METAL LANTERN', quantity: 1, unitPrice: '3.39' },
  ],
  buyer: {
    ...{ name: 'Ada Example', email: 'ada@relay.example', phone: '5550100' },
    ...{ street: '1 Sample Way', city: 'Sampleton', postalCode: '10115', countryCode: 'GB' },
  },
});

import type { Marketplace } from '#marketplaces/marketplace.ts';
import { type MercadolibreApp, mercadolibreApp } from './app.ts';
import { auth } from './auth.ts';
import { readFailure } from './failure.ts';
import { inventory } from './inventory.ts';
import { limits } from './limits.ts';
import { orders } from './orders.ts';
import { shipments } from './shipments.ts';
import { webhook } from './webhook.ts';

/** Mercado Libre, Mercado Livre in Brazil: https://developers.mercadolibre.com */
export const mercadolibre: Marketplace<MercadolibreApp> = {
  name: 'mercadolibre',
  appSchema: mercadolibreApp,
  auth,
  webhook,
  orders,
  inventory,
  shipments,
  limits,
  readFailure,
};

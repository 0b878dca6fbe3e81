import { shopee } from '#marketplaces/shopee/index.ts';
import signatures from '#test/vectors/shopee/push-signatures.json' with { type: 'json' };

/** The registration that the vectors are made with: an app in production, two push keys in use. */
export const app = shopee.appSchema.parse(signatures.app);
export const connection = { connectionId: 'shopee-1', sellerId: '14701711', settings: {} };
/** 2025-12-01T00:00:00Z, the timestamp of the signing vectors, epoch ms */
export const NOW = 1_764_547_200_000;

/** An answer under HTTP 200. */
export function answer(body: string) {
  return { status: 200, headers: {}, body };
}

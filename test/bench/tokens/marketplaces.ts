import type { Marketplace } from '#marketplaces/marketplace.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { createSandboxes } from '#services/sandbox/sandboxes.ts';
import { answer, plainMarketplace } from '#test/support/plain-marketplace.ts';

/** Three exact models, each of one way in which marketplaces treat a spent refresh token, and three real sandboxes. */
export const KINDS = ['strict', 'retry-allowed', 'shopee', 'not-rotating', 'amazon', 'ebay'] as const;
export type Kind = (typeof KINDS)[number];

export const isStrict = (kind: Kind): boolean => kind === 'strict' || kind === 'shopee';

const ORIGIN = 'http://sandboxes.test';

/** A marketplace and one seller's grant at it. */
export type Granting = {
  /** the name that connections have it under */
  name: string;
  seller: { sellerId: string; settings: Record<string, string>; refreshToken: string };
  /** for a model: what stands in the members in its name */
  marketplace: Marketplace | undefined;
  /** for a sandbox: what is in the secrets */
  registration: unknown;
  /** Answers a call; the effect is there when it is called. */
  answer(request: HttpRequest): Promise<HttpResponse>;
  /** The refresh tokens that it takes now. */
  takes(): readonly string[];
};

/** @param lifeMs how long its access tokens live */
export function modelOf(kind: 'strict' | 'retry-allowed' | 'not-rotating', name: string, lifeMs: number): Granting {
  let given = 0;
  let current = `${name}-refresh-0`;
  /** the token before, as long as the one after it was not used */
  let spent: string | undefined;
  const takes = (): string[] => (spent === undefined ? [current] : [current, spent]);
  return {
    name: 'plain',
    seller: { sellerId: `seller of ${name}`, settings: {}, refreshToken: current },
    marketplace: plainMarketplace({ rotation: kind === 'not-rotating' ? 'none' : 'strict' }),
    registration: undefined,
    takes,
    async answer({ body = '' }) {
      const { refreshToken } = JSON.parse(body) as { refreshToken: string };
      if (!takes().includes(refreshToken)) return answer({ error: 'grant-dead' }, 400);
      given += 1;
      const accessToken = `${name}-access-${given}`;
      if (kind === 'not-rotating') return answer({ accessToken, expiresInMs: lifeMs });
      current = `${name}-refresh-${given}`;
      if (kind === 'retry-allowed') spent = refreshToken;
      return answer({ accessToken, expiresInMs: lifeMs, refreshToken: current });
    },
  };
}

/** Sellers of the real sandboxes, one after the other. */
export function createSellers(clock: Clock, atOnce: number) {
  let made = 0;
  let sandboxes: ReturnType<typeof createSandboxes> | undefined;

  return function next(kind: 'shopee' | 'amazon' | 'ebay'): Granting {
    const index = made % atOnce;
    if (index === 0) {
      const random = seededRandom(`sandboxes-${made}`);
      sandboxes = createSandboxes(
        {
          now: clock.now,
          sleep: (ms) => clock.sleep(ms),
          random: random.fraction,
          randomHex: random.hex,
          send: async () => ({ status: 200 }),
          enqueue: async () => {},
          faults: createFaults(random.fraction),
        },
        { publicUrl: ORIGIN, webhooksUrl: 'http://webhooks.test', sellers: atOnce },
      );
    }
    made += 1;
    const { app, byName } = sandboxes!;
    const { sellers, registration } = byName.get(kind)!;
    const seller = sellers[index]!;
    let current = seller.refreshToken;
    return {
      name: kind,
      seller,
      marketplace: undefined,
      registration,
      takes: () => [current],
      async answer({ method, url, headers, body }) {
        const response = await app.fetch(new Request(url, { method, headers, body: body ?? null }));
        const text = await response.text();
        if (response.status === 200)
          current = (JSON.parse(text) as { refresh_token?: string }).refresh_token || current;
        return { status: response.status, headers: Object.fromEntries(response.headers), body: text };
      },
    };
  };
}

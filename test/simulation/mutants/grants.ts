import type { FunctionDeps } from '#platform/functions/deps.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { AccessToken, Credentials } from '#platform/state/credentials.ts';
import { type Mutant, withMarketplaces } from './mutation.ts';

const withCredentials = (
  deps: FunctionDeps,
  change: (credentials: Credentials) => Partial<Credentials>,
): FunctionDeps => ({
  ...deps,
  credentials: { ...deps.credentials, ...change(deps.credentials) },
});

/** when every lease has ended */
const NEVER_AT = 8e15;

export const grantMutants: Mutant[] = [
  {
    name: 'store-tokens-without-the-fence',
    breaks: [/refresh token/],
    withinSeeds: 30,
    deps: (deps) =>
      withCredentials(deps, (credentials) => ({
        async store(connectionId, fence, tokens, dueAt) {
          if (await credentials.store(connectionId, fence, tokens, dueAt)) return true;
          const options = { ifGeneration: Number.MAX_SAFE_INTEGER, owner: deps.name, now: NEVER_AT, leaseMs: 1 };
          const taken = await credentials.acquire(connectionId, options);
          return taken.outcome === 'acquired' && credentials.store(connectionId, taken.fence, tokens, dueAt);
        },
      })),
  },
  {
    name: 'exchange-while-another-does',
    breaks: [/refresh token/],
    withinSeeds: 10,
    deps: (deps) =>
      withCredentials(deps, (credentials) => ({
        async acquire(connectionId, options) {
          const lease = await credentials.acquire(connectionId, options);
          if (lease.outcome !== 'busy') return lease;
          return credentials.acquire(connectionId, { ...options, now: lease.until + 1 });
        },
      })),
  },
  {
    name: 'exchange-without-a-lease',
    breaks: [/refresh token/],
    withinSeeds: 10,
    deps: (deps) =>
      withCredentials(deps, (credentials) => ({
        acquire: (connectionId, options) => credentials.acquire(connectionId, { ...options, leaseMs: 0 }),
      })),
  },
  {
    name: 'forget-the-rotated-token',
    breaks: [/refresh token/],
    withinSeeds: 1,
    deps: (deps) =>
      withMarketplaces(deps, ({ auth }) => ({
        auth: {
          ...auth,
          readTokens: (response, now) => ({ ...auth.readTokens(response, now), refreshToken: undefined }),
        },
      })),
  },
  {
    name: 'tell-of-the-token-before-it-is-stored',
    breaks: [/refresh token/],
    withinSeeds: 1,
    deps: (deps) =>
      withCredentials(deps, (credentials) => ({
        async store(connectionId, fence, tokens, dueAt) {
          await deps.publisher.publish(
            deps.newEvent('token.refreshed', {
              ...{ connectionId, marketplace: connectionId.split('-')[0]!, rotated: true },
              accessTokenExpiresAt: new Date(tokens.accessTokenExpiresAt).toISOString(),
            }),
          );
          return credentials.store(connectionId, fence, tokens, dueAt);
        },
      })),
  },
  {
    name: 'use-the-first-access-token-for-ever',
    breaks: [/buried/],
    withinSeeds: 2,
    deps: (deps) => {
      const kept = new Map<string, AccessToken>();
      return withCredentials(deps, (credentials) => ({
        async accessToken(connectionId) {
          const token = kept.get(connectionId) ?? (await credentials.accessToken(connectionId));
          if (token) kept.set(connectionId, { ...token, expiresAt: Number.MAX_SAFE_INTEGER });
          return kept.get(connectionId);
        },
      }));
    },
  },
  {
    name: 'ask-for-consent-at-any-trouble',
    breaks: [/refresh token/],
    withinSeeds: 4,
    deps: (deps) =>
      withMarketplaces(deps, ({ readFailure }) => ({
        readFailure(response, operation) {
          const failure = readFailure(response, operation);
          if (!failure || operation !== 'refreshToken') return failure;
          return new Failure('permanent', failure.message, { code: 'grant-dead' });
        },
      })),
  },
  {
    name: 'ask-for-consent-and-tell-nobody',
    breaks: [/refresh token/],
    withinSeeds: 10,
    deps: (deps) => ({
      ...deps,
      publisher: {
        async publish(event) {
          if (event.type !== 'connection.consent-needed') await deps.publisher.publish(event);
        },
      },
    }),
  },
  {
    name: 'go-on-with-a-dead-grant',
    breaks: [/refresh token/, /buried/],
    withinSeeds: 10,
    deps: (deps) =>
      withMarketplaces(deps, ({ readFailure }) => ({
        readFailure(response, operation) {
          const failure = readFailure(response, operation);
          if (failure?.code !== 'grant-dead') return failure;
          return new Failure('retryable', failure.message, { code: 'http-400' });
        },
      })),
  },
];

import { Failure } from '#platform/runtime/failure.ts';
import { type Mutant, withMarketplaces } from './mutation.ts';

export const secrecyMutants: Mutant[] = [
  {
    name: 'log-a-token',
    breaks: [/in the clear/],
    withinSeeds: 1,
    deps: (deps) => ({
      ...deps,
      credentials: {
        ...deps.credentials,
        async accessToken(connectionId) {
          const token = await deps.credentials.accessToken(connectionId);
          deps.logger.info({ connectionId, token: token?.accessToken }, 'token');
          return token;
        },
      },
    }),
  },
  {
    name: 'quote-the-request-in-an-error',
    breaks: [/in the clear/],
    withinSeeds: 1,
    deps: (deps) => ({
      ...deps,
      send: (request, options) =>
        deps.send(request, options).catch(() => {
          throw new Failure('retryable', `no answer to ${JSON.stringify(request)}`, { code: 'network' });
        }),
    }),
  },
  {
    name: 'put-the-buyer-into-the-order',
    breaks: [/in the clear/],
    withinSeeds: 1,
    deps: (deps) => ({
      ...deps,
      orders: {
        ...deps.orders,
        store: (read) =>
          deps.orders.store({
            ...read,
            order: {
              ...read.order,
              lines: read.order.lines.map((line) => ({ ...line, title: `${line.title} for ${read.buyer?.name}` })),
            },
          }),
      },
    }),
  },
  {
    name: 'store-a-refresh-token-in-the-clear',
    breaks: [/in the clear/],
    withinSeeds: 1,
    deps: (deps) => ({
      ...deps,
      credentials: {
        ...deps.credentials,
        async store(connectionId, fence, tokens, dueAt) {
          const { refreshToken } = tokens;
          await deps.store.write([
            { table: 'tokens', partition: connectionId, sort: 'tokens', condition: 'none', value: { refreshToken } },
          ]);
          return deps.credentials.store(connectionId, fence, tokens, dueAt);
        },
      },
    }),
  },
  {
    name: 'quote-the-answer-in-an-error',
    breaks: [/in the clear/],
    withinSeeds: 8,
    deps: (deps) =>
      withMarketplaces(deps, ({ readFailure }) => ({
        readFailure(response, operation) {
          try {
            JSON.parse(response.body);
          } catch {
            return new Failure('retryable', `unreadable: ${response.body}`, { code: 'unreadable-answer' });
          }
          return readFailure(response, operation);
        },
      })),
  },
];

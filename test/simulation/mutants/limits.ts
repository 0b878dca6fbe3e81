import { type Mutant, withMarketplaces } from './mutation.ts';

export const limitMutants: Mutant[] = [
  {
    name: 'book-one-bucket-of-two',
    breaks: [/limit/],
    withinSeeds: 20,
    deps: (deps) =>
      withMarketplaces(deps, ({ limits }) => ({
        limits: { ...limits, forOperation: (operation) => limits.forOperation(operation).slice(-1) },
      })),
  },
  {
    name: 'book-no-place',
    breaks: [/limit/],
    withinSeeds: 6,
    deps: (deps) => ({
      ...deps,
      budgets: { ...deps.budgets, book: async () => ({ booked: true as const, at: deps.clock.now() }) },
    }),
  },
  {
    name: 'take-the-burst-for-ten-times-as-large',
    breaks: [/limit/],
    withinSeeds: 10,
    deps: (deps) =>
      withMarketplaces(deps, ({ limits }) => ({
        limits: {
          ...limits,
          forOperation: (operation) =>
            limits.forOperation(operation).map((limit) => ({ ...limit, burst: limit.burst * 10 })),
        },
      })),
  },
];

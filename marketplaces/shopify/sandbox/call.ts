import type { Resolvers } from './graphql/execute.ts';
import type { Warning } from './order-search.ts';
import type { Shop } from './registration.ts';

/** Who asks, what they may see, and what is noticed on the way. */
export type Call = {
  shop: Shop;
  scopes: readonly string[];
  version: string;
  searches: { path: string[]; query: string; warnings: Warning[] }[];
};

export type CallResolvers = Resolvers<Call>;

/** Is one of the wanted scopes among the granted ones? Who may write may read. */
export function isGranted(granted: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some((scope) => granted.includes(scope) || granted.includes(scope.replace(/^read_/, 'write_')));
}

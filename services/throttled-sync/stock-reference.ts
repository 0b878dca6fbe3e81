import type { StockWish } from '#events/command.ts';
import type { Inventory } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { StockTarget } from './settle-stock.ts';

/** Why a line can't be sent as it is, without a call: its listing is not named as the marketplace wants it. */
export function refusalOf(
  { member, connection, inventory }: StockTarget,
  line: StockWish,
  now: number,
): { code: string; message: string } | undefined {
  const { marketplace, app } = member;
  const { references } = inventory;
  const isMissing = Object.entries(references).some(([name, { required }]) => required && !line.reference[name]);
  const isUnknown = Object.keys(line.reference).some((name) => !Object.hasOwn(references, name));
  if (isMissing || isUnknown) {
    const wanted = `${marketplace.name} wants in a line's reference: ${wantedBy(references)}`;
    return { code: isMissing ? 'reference-missing' : 'reference-unknown', message: wanted };
  }
  try {
    // A connector says at its first call what it can't even ask for; of several lines it would not say which.
    inventory.update({ app, connection, accessToken: '', now }, [line], []);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof Failure && thrown.kind === 'permanent')) throw thrown;
    return { code: thrown.code, message: thrown.message };
  }
}

/** `offerId (eBay's id of the published offer)`, by name */
export function wantedBy(references: Inventory<unknown>['references']): string {
  const names = Object.entries(references).map(
    ([name, { required, description }]) => `${name}${required ? '' : ', optional'} (${description})`,
  );
  return names.length === 0 ? 'nothing' : names.join('; ');
}

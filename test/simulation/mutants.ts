import { auditMutants } from './mutants/audit.ts';
import { deliveryMutants } from './mutants/deliveries.ts';
import { grantMutants } from './mutants/grants.ts';
import { limitMutants } from './mutants/limits.ts';
import type { Mutant, Mutation } from './mutants/mutation.ts';
import { orderMutants } from './mutants/orders.ts';
import { secrecyMutants } from './mutants/secrecy.ts';

/** Deliberate bugs: a checker that lets one of them pass is too weak. They exist only here; the product has no switch. */
export const MUTANTS: readonly Mutant[] = [
  ...deliveryMutants,
  ...orderMutants,
  ...grantMutants,
  ...limitMutants,
  ...auditMutants,
  ...secrecyMutants,
];

/** Throws for a name that no mutant has. */
export function mutationNamed(name: string | undefined): Mutation | undefined {
  if (name === undefined) return undefined;
  const mutant = MUTANTS.find((one) => one.name === name);
  if (!mutant) throw new Error(`there is no mutant ${name}; there are ${MUTANTS.map((one) => one.name).join(', ')}`);
  return mutant;
}

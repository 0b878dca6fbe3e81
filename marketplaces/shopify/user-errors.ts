import { z } from 'zod';

/** How a mutation refuses what it was asked: with HTTP 200, beside its data. */
export const userErrors = z.array(
  z.object({
    /** where it is in the input: `["input", "quantities", "0", "locationId"]` */
    field: z.array(z.string()).nullish(),
    code: z.string().nullish(),
  }),
);

export type UserError = z.infer<typeof userErrors>[number];

/** A refusal for people: Shopify's own code and place, and never its sentences, which may quote what was sent. */
export function refusalAs({ code, field }: UserError, what: string): { code: string; message: string } {
  const word = /^[A-Z][A-Z0-9_]{0,63}$/.exec(code ?? '')?.[0] ?? 'refused';
  const place = (field ?? []).filter((part) => /^\w{1,64}$/.test(part)).join('.');
  return { code: word, message: `Shopify refused ${what}: ${word}${place && ` (${place})`}` };
}

import { z } from 'zod';
import type { BookListing } from '#marketplaces/sandbox-kit/books.ts';

/** The only attribute that this sandbox keeps of a listing; others would have to be kept to be true. */
const ATTRIBUTE = 'fulfillment_availability';
/** merchant-fulfilled; the codes of Amazon's own warehouses can't be given a quantity */
export const CHANNEL = 'DEFAULT';
/** Fits every listing: SP-API guide "Building listings management workflows". */
export const ANY_PRODUCT_TYPE = 'PRODUCT';

const availability = z.array(z.record(z.string(), z.unknown()));

/** `PatchOperation` of SP-API model listingsItems_2021-08-01. */
export const patches = z
  .array(
    z.object({
      op: z.enum(['add', 'replace', 'merge', 'delete']),
      path: z.string(),
      value: availability.optional(),
    }),
  )
  .min(1);

const stock = z.tuple([z.looseObject({ fulfillment_channel_code: z.literal(CHANNEL), quantity: z.int().min(0) })]);

/** As in the model's static sandbox cases. */
export type Issue = {
  code: string;
  message: string;
  severity: 'ERROR';
  attributeNames: string[];
  categories: string[];
};

/** What a submission asks for, or why it is invalid. */
export type Judgement = { quantity: number } | { issue: Issue };

const invalid = (attribute: string): Judgement => ({
  issue: {
    code: '90000900',
    message: 'The attributes are invalid.',
    severity: 'ERROR',
    attributeNames: [attribute],
    categories: ['INVALID_ATTRIBUTE'],
  },
});

/** @param listing absent for a SKU that the seller does not offer, of which Amazon only learns later */
export function judgePatches(
  submission: { productType: string; patches: z.output<typeof patches> },
  listing: BookListing | undefined,
): Judgement {
  if (!isTypeOf(listing, submission.productType)) return invalid('product_type');
  let judgement: Judgement = { quantity: 0 };
  for (const { op, path, value } of submission.patches) {
    // Only whole top-level attributes can be patched.
    if (path !== `/attributes/${ATTRIBUTE}`) return invalid(path.split('/')[2] ?? '');
    judgement = op === 'delete' ? { quantity: 0 } : judgeStock(value);
    if ('issue' in judgement) return judgement;
  }
  return judgement;
}

/** As `judgePatches`, for a feed's message that gives the attributes themselves. */
export function judgeAttributes(
  submission: { productType: string; attributes: Record<string, unknown> },
  listing: BookListing | undefined,
): Judgement {
  if (!isTypeOf(listing, submission.productType)) return invalid('product_type');
  const other = Object.keys(submission.attributes).find((name) => name !== ATTRIBUTE);
  return other === undefined ? judgeStock(submission.attributes[ATTRIBUTE]) : invalid(other);
}

/** For a feed's message of a kind that is not simulated. */
export const notSimulated = (): Judgement => invalid('operation_type');

export const productTypeOf = (listing: BookListing): string => listing.reference.productType ?? ANY_PRODUCT_TYPE;

function isTypeOf(listing: BookListing | undefined, productType: string): boolean {
  return !listing || productType === ANY_PRODUCT_TYPE || productType === productTypeOf(listing);
}

function judgeStock(value: unknown): Judgement {
  const { success, data } = stock.safeParse(value);
  return success ? { quantity: data[0].quantity } : invalid(ATTRIBUTE);
}

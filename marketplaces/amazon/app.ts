import { z } from 'zod';

const url = z.url({ protocol: /^https?$/ });

/** longest User-Agent that the Selling Partner API takes, characters; it asks for one of this form in every call */
const MAX_USER_AGENT_LENGTH = 500;

/** The developer's registration in Solution Provider Portal, for one region: Europe unless the URLs say otherwise. */
export const amazonApp = z.object({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  /** when the client secret ends, for the operator's calendar, `2027-01-31`: Amazon has it replaced every 180 days */
  clientSecretExpiresAt: z.iso.date().optional(),
  /** `amzn1.sp.solution.…` or `amzn1.sellerapps.app.…` */
  applicationId: z.string().min(1),
  /** of the SQS queue that notifications go to, as createDestination gave it; without it nothing can be subscribed */
  destinationId: z.string().min(1).optional(),
  apiUrl: url.default('https://sellingpartnerapi-eu.amazon.com'),
  tokenUrl: url.default('https://api.amazon.com/auth/o2/token'),
  /** for an app that is still a draft, with `?version=beta` */
  consentUrl: url.default('https://sellercentral-europe.amazon.com/apps/authorize/consent'),
  userAgent: z
    .string()
    .min(1)
    .max(MAX_USER_AGENT_LENGTH)
    .default('Sluice/0.1.0 (Language=TypeScript; Platform=Node.js)'),
});

export type AmazonApp = z.infer<typeof amazonApp>;

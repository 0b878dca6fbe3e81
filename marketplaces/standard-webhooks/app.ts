import { z } from 'zod';

/** Standard Webhooks 1.0.0, "Signature scheme": a symmetric secret holds between 24 and 64 random bytes */
const SECRET_BYTES = { least: 24, most: 64 };
/** Ed25519, RFC 8032 */
const PUBLIC_KEY_BYTES = 32;

/** Base64 behind a prefix, which some senders leave out, as some do the padding; as the bytes that it holds. */
const key = (prefix: string, bytes: { least: number; most: number }) =>
  z
    .string()
    .transform((text) => (text.startsWith(prefix) ? text.slice(prefix.length) : text))
    .pipe(z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/))
    .transform((text) => Buffer.from(text, 'base64'))
    .refine(({ length }) => length >= bytes.least && length <= bytes.most, 'has another length than keys have');

const secret = key('whsec_', SECRET_BYTES);
const publicKey = key('whpk_', { least: PUBLIC_KEY_BYTES, most: PUBLIC_KEY_BYTES });

/** What a sender signs with: a secret that both know, or a key of its own. */
const senderKeys = z
  .object({
    /** `whsec_…` */
    secret: secret.optional(),
    /** the secret that `secret` replaces, while the sender may still sign with it */
    formerSecret: secret.optional(),
    /** `whpk_…` */
    publicKey: publicKey.optional(),
    formerPublicKey: publicKey.optional(),
  })
  .refine((app) => app.secret ?? app.publicKey, 'needs a secret or a public key');

/** The senders, by the name at the end of the URL that each sends to. */
export const standardWebhooksApp = z
  .record(z.string().regex(/^[a-z0-9-]{1,64}$/), senderKeys)
  .refine((senders) => Object.keys(senders).length > 0, 'names no sender');

export type StandardWebhooksApp = z.infer<typeof standardWebhooksApp>;

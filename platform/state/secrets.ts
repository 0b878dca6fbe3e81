import type { z } from 'zod';
import type { Secrets } from '#platform/engines/engine.ts';
import type { Random } from '#platform/runtime/random.ts';
import { formatSignerKey, KEY_BYTES, parseSignerKey, type Signer } from './audit-log/note.ts';
import { createEncryption, dataKeys, type Encryption, newDataKeys } from './encryption.ts';

const DATA_KEY = 'sluice/data-key';
const AUDIT_KEY = 'sluice/audit-key';
/** the audit log's name, a URL without its scheme; it stands in every checkpoint */
const AUDIT_ORIGIN = 'sluice.example/audit';

/** The name of the secret that holds the developer's registration at a marketplace. */
export const registrationSecret = (marketplace: string): string => `sluice/registrations/${marketplace}`;

type Keys = { secrets: Secrets; random: Pick<Random, 'hex'> };
/** `createIfAbsent`: false for those who only look, and would make a key that nothing was written with */
type Options = { createIfAbsent: boolean };

/** The encryption with the installation's data keys. */
export async function loadEncryption(deps: Keys, options: Options): Promise<Encryption> {
  const text = await loadKey(deps.secrets, DATA_KEY, options, () => JSON.stringify(newDataKeys(deps.random)));
  return createEncryption(readSecret(DATA_KEY, dataKeys, text), deps.random);
}

/** The key that signs the audit log's checkpoints. */
export async function loadAuditSigner(deps: Keys, options: Options): Promise<Signer> {
  const newKey = () => formatSignerKey(AUDIT_ORIGIN, Buffer.from(deps.random.hex(KEY_BYTES), 'hex'));
  return parseSignerKey(await loadKey(deps.secrets, AUDIT_KEY, options, newKey));
}

/** Several functions that start together make one key: the first one's, which the others then read. */
async function loadKey(secrets: Secrets, name: string, options: Options, newKey: () => string): Promise<string> {
  const text = await secrets.get(name);
  if (text !== undefined) return text;
  if (options.createIfAbsent) return secrets.create(name, newKey());
  throw new Error(`the secret ${name} is missing: create it, or start all-in-one once`);
}

/** The registration at a marketplace, or undefined where there is none: then the marketplace is not in use. */
export async function loadRegistration<App>(
  secrets: Secrets,
  marketplace: { name: string; appSchema: z.ZodType<App> },
): Promise<App | undefined> {
  const name = registrationSecret(marketplace.name);
  const text = await secrets.get(name);
  return text === undefined ? undefined : readSecret(name, marketplace.appSchema, text);
}

/** Parses a secret; its errors name the secret and the field, never a value. */
function readSecret<Value>(name: string, schema: z.ZodType<Value>, text: string): Value {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`the secret ${name} is not JSON`);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const places = result.error.issues.map((issue) => `${issue.path.join('.') || 'it'} (${issue.code})`);
  throw new Error(`the secret ${name} is not right at ${places.join(', ')}`);
}

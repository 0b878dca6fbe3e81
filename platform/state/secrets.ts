import { hash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Secrets } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import type { Random } from '#platform/runtime/random.ts';
import { formatSignerKey, KEY_BYTES, parseSignerKey, type Signer } from './audit-log/note.ts';
import { createEncryption, dataKeys, type Encryption, keysAt, newDataKeys, rolledKeys } from './encryption.ts';

const DATA_KEY = 'sluice/data-key';
const SELLER_API_KEYS = 'sluice/seller-api-keys';
/** random bytes of a key of the seller's API */
const API_KEY_BYTES = 32;
/** a key that is not known may have been made just now: the secret is read again for it, but not more often, ms */
const UNKNOWN_KEY_REREAD_MS = 5_000;
const CONSENT_KEY = 'sluice/consent-key';
/** the only audit log, where nothing else is set */
export const AUDIT_LOG = 'audit';
/** what the names of audit logs begin with, URLs without their scheme; they stand in every checkpoint */
const AUDIT_ORIGINS = 'sluice.example/';
/** a secret in use that was read longer ago is read again, ms */
const REREAD_MS = 300_000;
/** how long after it was made a data key comes into force, ms: by then every function has read it */
const ROLL_MS = 3 * REREAD_MS;

/** The name of the secret that holds the developer's registration at a marketplace. */
export const registrationSecret = (marketplace: string): string => `sluice/registrations/${marketplace}`;

type Keys = { secrets: Secrets; random: Pick<Random, 'hex'> };
/** `createIfAbsent`: false for those who only look, and would make a key that nothing was written with */
type Options = { createIfAbsent: boolean };
/** What it takes to see changes; without it, secrets are those of the start. */
type Watching = { clock: Pick<Clock, 'now'>; logger: Pick<Logger, 'error'> };

/** The encryption with the installation's data keys; with a clock, also with those that are rolled in while it runs. */
export async function loadEncryption(deps: Keys & Partial<Watching>, options: Options): Promise<Encryption> {
  const { secrets, random, clock, logger } = deps;
  const text = await loadKey(secrets, DATA_KEY, options, () => JSON.stringify(newDataKeys(random)));
  let keys = readSecret(DATA_KEY, dataKeys, text);
  if (!clock || !logger) return createEncryption(keys, random);
  const reread = rereading({ clock, logger }, async () => {
    keys = (await loadDataKeys(secrets)) ?? keys;
  });
  return createEncryption(() => {
    reread.ifOld();
    return keysAt(keys, clock.now());
  }, random);
}

async function loadDataKeys(secrets: Secrets) {
  const text = await secrets.get(DATA_KEY);
  return text === undefined ? undefined : readSecret(DATA_KEY, dataKeys, text);
}

/**
 * Makes a new data key. It comes into force when every function has read it; from then on all that is written is sealed
 * with it, and token-refresh seals the tokens that lie still anew. The old keys go on opening what they sealed.
 */
export async function rollDataKey(deps: Keys & { clock: Pick<Clock, 'now'> }) {
  const { secrets, random, clock } = deps;
  const keys = await loadDataKeys(secrets);
  if (!keys) throw new Error(`the secret ${DATA_KEY} is missing: start Sluice once`);
  const now = clock.now();
  const rolled = rolledKeys(keys, random, { now, inForceAt: now + ROLL_MS });
  await secrets.put(DATA_KEY, JSON.stringify(rolled));
  return rolled.next!;
}

/** The name of the secret that holds the key of an audit log. */
export const auditKeySecret = (log: string): string => `sluice/audit-key${log === AUDIT_LOG ? '' : `-${log}`}`;

/** The key that signs the checkpoints of an audit log. */
export async function loadAuditSigner(deps: Keys, options: Options, log = AUDIT_LOG): Promise<Signer> {
  const newKey = () => formatSignerKey(AUDIT_ORIGINS + log, Buffer.from(deps.random.hex(KEY_BYTES), 'hex'));
  return parseSignerKey(await loadKey(deps.secrets, auditKeySecret(log), options, newKey));
}

/** The keys by which the seller's systems are known, the newest first; during a roll two. */
const apiKeys = z.tuple([z.string().min(1)], z.string().min(1)).refine((keys) => keys.length <= 2);
const newApiKey = (random: Keys['random']): string => `sluice_${random.hex(API_KEY_BYTES)}`;

export type SellerApiKeys = {
  /** Is this one of the keys? In constant time; a key that was made since the start is known too. */
  accepts(key: string): Promise<boolean>;
};

export async function loadSellerApiKeys(deps: Keys & Watching): Promise<SellerApiKeys> {
  const { secrets, random, clock } = deps;
  const load = async (): Promise<string[]> => {
    const text = await loadKey(secrets, SELLER_API_KEYS, { createIfAbsent: true }, () =>
      JSON.stringify([newApiKey(random)]),
    );
    return readSecret(SELLER_API_KEYS, apiKeys, text);
  };
  let keys = await load();
  let askedAt = clock.now();
  const reread = rereading(deps, async () => {
    keys = await load();
  });
  const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer');
  // Each key is compared, also after a match: the time taken says nothing.
  const isKnown = (key: string): boolean =>
    keys.map((known) => timingSafeEqual(sha256(known), sha256(key))).some((same) => same);

  return {
    async accepts(key) {
      reread.ifOld();
      if (isKnown(key)) return true;
      if (clock.now() - askedAt < UNKNOWN_KEY_REREAD_MS) return false;
      askedAt = clock.now();
      await reread.now();
      return isKnown(key);
    },
  };
}

/** The newest key of the seller's API. */
export async function newestSellerApiKey(deps: Keys, options: Options): Promise<string> {
  const text = await loadKey(deps.secrets, SELLER_API_KEYS, options, () => JSON.stringify([newApiKey(deps.random)]));
  return readSecret(SELLER_API_KEYS, apiKeys, text)[0];
}

/** Makes a new key of the seller's API. The one before it is good until the next roll, those before that no more. */
export async function rollSellerApiKey(deps: Keys): Promise<string> {
  const former = await deps.secrets.get(SELLER_API_KEYS);
  const key = newApiKey(deps.random);
  const kept = former === undefined ? [] : readSecret(SELLER_API_KEYS, apiKeys, former).slice(0, 1);
  await deps.secrets.put(SELLER_API_KEYS, JSON.stringify([key, ...kept]));
  return key;
}

/** The key that signs what a seller takes to the consent page and brings back. */
export async function loadConsentKey(deps: Keys, options: Options): Promise<Buffer> {
  return Buffer.from(await loadKey(deps.secrets, CONSENT_KEY, options, () => deps.random.hex(KEY_BYTES)), 'hex');
}

/** Several functions that start together make one key: the first one's, which the others then read. */
async function loadKey(secrets: Secrets, name: string, options: Options, newKey: () => string): Promise<string> {
  const text = await secrets.get(name);
  if (text !== undefined) return text;
  if (options.createIfAbsent) return secrets.create(name, newKey());
  throw new Error(`the secret ${name} is missing: create it, or start all-in-one once`);
}

type Registered<App> = { name: string; appSchema: z.ZodType<App> };

/**
 * The marketplaces in use, each with the developer's registration there, by name. A registration that the operator
 * changes is seen without a restart: within minutes, or at once after `reread`. A marketplace keeps its `app` object
 * until that changes.
 */
export class Registrations<Of extends Registered<unknown>> extends Map<string, { marketplace: Of; app: unknown }> {
  readonly #texts = new Map<string, string>();
  readonly #secrets: Secrets;
  readonly #marketplaces: readonly Of[];
  readonly #rereading: Rereading;

  private constructor(deps: { secrets: Secrets } & Watching, marketplaces: readonly Of[]) {
    super();
    this.#secrets = deps.secrets;
    this.#marketplaces = marketplaces;
    this.#rereading = rereading(deps, () => this.#read());
  }

  static async load<Of extends Registered<unknown>>(
    deps: { secrets: Secrets } & Watching,
    marketplaces: readonly Of[],
  ): Promise<Registrations<Of>> {
    const registrations = new Registrations(deps, marketplaces);
    await registrations.#read();
    return registrations;
  }

  override get(name: string): { marketplace: Of; app: unknown } | undefined {
    this.#rereading.ifOld();
    return super.get(name);
  }

  reread(): Promise<void> {
    return this.#rereading.now();
  }

  async #read(): Promise<void> {
    for (const marketplace of this.#marketplaces) {
      const name = registrationSecret(marketplace.name);
      const text = await this.#secrets.get(name);
      if (text === undefined || text === this.#texts.get(name)) continue;
      this.set(marketplace.name, { marketplace, app: readSecret(name, marketplace.appSchema, text) });
      this.#texts.set(name, text);
    }
  }
}

type Rereading = ReturnType<typeof rereading>;

/** Lets something be read again: one reading at a time, and one that fails changes nothing. */
function rereading({ clock, logger }: Watching, read: () => Promise<void>) {
  let readAt = clock.now();
  let underWay: Promise<void> | undefined;

  async function readNow(): Promise<void> {
    readAt = clock.now();
    try {
      await read();
    } catch (thrown) {
      // Its own errors name secret and field; what the engine says may be anything.
      logger.error({ detail: thrown instanceof SecretError ? thrown.message : 'the engine failed' }, 'reread failed');
    } finally {
      underWay = undefined;
    }
  }

  const now = (): Promise<void> => {
    underWay ??= readNow();
    return underWay;
  };
  return {
    now,
    /** Does not wait: who asks next has what is read now. */
    ifOld(): void {
      if (clock.now() - readAt >= REREAD_MS) void now();
    },
  };
}

/** Something stored that can't be read; it never quotes a value. */
class SecretError extends Error {}

/** Parses a secret; its errors name the secret and the field, never a value. */
function readSecret<Value>(name: string, schema: z.ZodType<Value>, text: string): Value {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SecretError(`the secret ${name} is not JSON`);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const places = result.error.issues.map((issue) => `${issue.path.join('.') || 'it'} (${issue.code})`);
  throw new SecretError(`the secret ${name} is not right at ${places.join(', ')}`);
}

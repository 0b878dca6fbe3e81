import { gid } from './ids.ts';

const FIRST_SUBSCRIPTION_ID = 1_400_000_000_000;

export type Subscription = {
  id: number;
  shopId: string;
  topic: string;
  uri: string;
  format: 'JSON' | 'XML';
  name: string | null;
  includeFields: string[];
  metafieldNamespaces: string[];
  metafields: { namespace: string; key: string }[];
  createdAt: number;
  updatedAt: number;
};

export type SubscriptionInput = {
  uri?: string | null;
  callbackUrl?: string | null;
  format?: 'JSON' | 'XML' | null;
  filter?: string | null;
  name?: string | null;
  includeFields?: string[] | null;
  metafieldNamespaces?: string[] | null;
  metafields?: { namespace?: string | null; key: string }[] | null;
};

/** names of subscriptions [Shopify GraphQL Admin API, WebhookSubscriptionInput.name] */
const NAME = /^[\w-]{1,50}$/;

export type Objection = { field: string; message: string };

export type Subscriptions = ReturnType<typeof createSubscriptions>;

/** What the app wants to be told of each shop, and where. */
export function createSubscriptions(now: () => number) {
  const all = new Map<number, Subscription>();

  function objection(subscription: Subscription, filter: string | null | undefined): Objection | undefined {
    const { id, shopId, topic, uri, format, name } = subscription;
    if (uri.trim() === '') return { field: 'callbackUrl', message: "Address can't be blank" };
    // Shopify wants HTTPS; a sandbox must reach a laptop too. Queues are not simulated.
    if (!/^https?:\/\//.test(uri) || !URL.canParse(uri)) return { field: 'callbackUrl', message: 'Address is invalid' };
    if (format !== 'JSON') return { field: 'format', message: 'XML is not simulated' };
    if (filter) return { field: 'filter', message: 'filters are not simulated' };
    if (name !== null && !NAME.test(name)) {
      const message = 'Name name field can only contain alphanumeric characters, underscores, and hyphens';
      return { field: 'name', message };
    }
    const isTaken = [...all.values()].some(
      (one) => one.id !== id && one.shopId === shopId && one.topic === topic && one.uri === uri,
    );
    return isTaken ? { field: 'callbackUrl', message: 'Address for this topic has already been taken' } : undefined;
  }

  function save(subscription: Subscription, input: SubscriptionInput): Subscription | Objection {
    const changed: Subscription = {
      ...subscription,
      uri: input.uri ?? input.callbackUrl ?? subscription.uri,
      format: input.format ?? subscription.format,
      name: input.name ?? subscription.name,
      includeFields: input.includeFields ?? subscription.includeFields,
      metafieldNamespaces: input.metafieldNamespaces ?? subscription.metafieldNamespaces,
      metafields: (input.metafields ?? subscription.metafields).map(({ namespace, key }) => ({
        namespace: namespace ?? '',
        key,
      })),
      updatedAt: now(),
    };
    const wrong = objection(changed, input.filter);
    if (wrong) return wrong;
    all.set(changed.id, changed);
    return changed;
  }

  let sequence = 0;
  return {
    of: (shopId: string): Subscription[] => [...all.values()].filter((one) => one.shopId === shopId),
    find(shopId: string, id: string): Subscription | undefined {
      const found = all.get(Number(id));
      return found?.shopId === shopId ? found : undefined;
    },
    create(shopId: string, topic: string, input: SubscriptionInput): Subscription | Objection {
      const times = { createdAt: now(), updatedAt: now() };
      const lists = { includeFields: [], metafieldNamespaces: [], metafields: [] };
      const id = FIRST_SUBSCRIPTION_ID + ++sequence;
      return save({ id, shopId, topic, uri: '', format: 'JSON', name: null, ...lists, ...times }, input);
    },
    update: save,
    remove: (id: number): boolean => all.delete(id),
    removeAll(shopId: string): void {
      for (const { id, shopId: owner } of all.values()) if (owner === shopId) all.delete(id);
    },
  };
}

export function subscriptionGid({ id }: Subscription): string {
  return gid('WebhookSubscription', id);
}

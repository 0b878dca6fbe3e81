import type { CallContext, ConnectionRef, Marketplace, Shipment, Step, StockLine } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

/** What each kind of read is asked for. */
export type Inputs = {
  exchange: { callback: Record<string, string>; redirectUri: string };
  refresh: { refreshToken: string };
  'app token': object;
  identify: { callback: Record<string, string>; redirectUri: string };
  page: { from: number; to: number; pageToken?: string; pageSize?: number };
  details: { orderIds: string[] };
  stock: { lines: StockLine[] };
  'stock check': { lines: (StockLine & { receipt: string })[] };
  shipment: { shipment: Shipment };
  subscription: { callbackUrl: string };
  missed: object;
  'public key': { keyId: string };
};

/** One read from its first call to what came of it, as it went well. */
export type Conversation<Read extends keyof Inputs = keyof Inputs> = {
  name: string;
  read: Read;
  /** epoch ms */
  now: number;
  input: Inputs[Read];
  answers: (HttpResponse & { operation: string })[];
  result: unknown;
};

/** `test/vectors/<marketplace>/conversations.json` */
export type Recorded = {
  accessToken: string;
  registration: Record<string, unknown>;
  connection: ConnectionRef;
  conversations: Conversation[];
};

type Reading = (answers: readonly HttpResponse[]) => Step<unknown>;

/** A read of a connector as a procedure, those of a single call as well. */
export function readingOf(
  marketplace: Marketplace,
  { registration, connection, accessToken }: Omit<Recorded, 'conversations'>,
  { read, input, now }: Pick<Conversation, 'read' | 'input' | 'now'>,
): Reading {
  const { auth, orders, inventory, shipments, webhook } = marketplace;
  const app = marketplace.appSchema.parse(registration);
  const context: CallContext<unknown> = { app, connection, accessToken, now };
  const readings: { [Read in keyof Inputs]: (input: Inputs[Read]) => Reading } = {
    exchange: (options) => single(auth.exchangeCall(app, { ...options, now }), (told) => auth.readTokens(told, now)),
    refresh: (options) =>
      single(auth.refreshCall(app, { ...options, connection, now }), (told) => auth.readTokens(told, now)),
    'app token': () => single(auth.appTokenCall!(app, { now }), (told) => auth.readTokens(told, now)),
    identify:
      ({ callback, redirectUri }) =>
      (answers) => {
        const [exchanged] = answers;
        if (!exchanged) return { call: auth.exchangeCall(app, { callback, redirectUri, now }) };
        return auth.identify!(
          { app, callback, accessToken: auth.readTokens(exchanged, now).accessToken, now },
          answers,
        );
      },
    page({ pageToken, ...rest }) {
      const window = { ...rest, pageToken };
      const whole = orders.whole?.page;
      if (whole) return (answers) => whole(context, window, answers);
      return single(orders.pageCall(context, window), (told) => orders.readPage(told, connection, window));
    },
    details({ orderIds }) {
      const whole = orders.whole?.details;
      if (whole) return (answers) => whole(context, orderIds, answers);
      return single(orders.detailCall(context, orderIds), (told) => orders.readDetails(told, connection));
    },
    stock:
      ({ lines }) =>
      (answers) =>
        inventory!.update(context, lines, answers),
    'stock check':
      ({ lines }) =>
      (answers) =>
        inventory!.check!.run(context, lines, answers),
    shipment:
      ({ shipment }) =>
      (answers) =>
        shipments!.confirm(context, shipment, answers),
    subscription: (options) => (answers) => webhook.subscribe!(context, options, answers),
    missed: () => (answers) => webhook.missed!.list(context, answers),
    'public key': ({ keyId }) =>
      single(webhook.publicKey!.keyCall(app, { keyId, accessToken, now }), (told) => webhook.publicKey!.readKey(told)),
  };
  return (readings[read] as (input: Inputs[typeof read]) => Reading)(input);
}

/** The reads that a connector has. */
export function readsOf({ auth, inventory, shipments, webhook }: Marketplace): (keyof Inputs)[] {
  const has: { [Read in keyof Inputs]: unknown } = {
    exchange: auth,
    refresh: auth,
    'app token': auth.appTokenCall,
    identify: auth.identify,
    page: true,
    details: true,
    stock: inventory,
    'stock check': inventory?.check,
    shipment: shipments,
    subscription: webhook.subscribe,
    missed: webhook.missed,
    'public key': webhook.publicKey,
  };
  return (Object.keys(has) as (keyof Inputs)[]).filter((read) => has[read]);
}

function single(
  call: Extract<Step<never>, { call: unknown }>['call'],
  read: (response: HttpResponse) => unknown,
): Reading {
  return ([told]) => (told ? { done: read(told) } : { call });
}

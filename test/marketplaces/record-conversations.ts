import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { ebay } from '#marketplaces/ebay/index.ts';
import type { LineOutcome, Step } from '#marketplaces/marketplace.ts';
import { createFaults } from '#marketplaces/sandbox-kit/faults.ts';
import { virtualClock } from '#platform/runtime/clock.ts';
import type { HttpRequest, HttpResponse } from '#platform/runtime/http.ts';
import { seededRandom } from '#platform/runtime/random.ts';
import { type Conversation, type Inputs, type Recorded, readingOf, readsOf } from './conversations.ts';
import { draftIn, members, type TestMember } from './members.ts';

const START_AT = Date.parse('2026-11-24T06:00:00.000Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const REDIRECT_URI = 'https://sluice.example/oauth/callback';

/** Has a connector talk with its sandbox about everything it can read. */
async function record({ marketplace, createSandbox, currency }: TestMember) {
  const { name } = marketplace;
  const clock = virtualClock(START_AT);
  const random = seededRandom('conversations');
  const received: HttpRequest[] = [];
  let receiverStatus = 200;
  const publicUrl = `http://sandbox.test/${name}`;
  const callbackUrl = `https://sluice.example/webhooks/${name}`;
  const sandbox = createSandbox(
    {
      now: clock.now,
      sleep: (ms) => clock.sleep(ms),
      random: random.fraction,
      randomHex: random.hex,
      async send(request) {
        received.push(request);
        return { status: receiverStatus };
      },
      async enqueue() {},
      faults: createFaults(() => 0.999),
    },
    { publicUrl, webhookUrl: callbackUrl, sellers: 1 },
  );
  const [{ refreshToken, ...seller } = assert.fail()] = sandbox.sellers;
  const recorded: Recorded = {
    accessToken: '',
    registration: { ...sandbox.registration },
    connection: { connectionId: `${name}-1`, ...seller },
    conversations: [],
  };
  const { books } = sandbox;
  const place = () => books.place(seller.sellerId, draftIn(currency));

  async function advance(ms: number): Promise<void> {
    let isOver = false;
    void clock.sleep(ms).then(() => {
      isOver = true;
    });
    await clock.run({ until: () => isOver });
  }
  async function ask(url: string, { method, headers, body }: Partial<HttpRequest> = {}): Promise<Response> {
    return sandbox.app.request(url.replace(publicUrl, ''), {
      ...(method && { method }),
      ...(headers && { headers }),
      ...(body !== undefined && { body }),
    });
  }
  async function hold<Read extends keyof Inputs>(
    read: Read,
    input: Inputs[Read],
    as: string = read,
  ): Promise<Conversation> {
    const conversation: Conversation = { name: as, read, now: clock.now(), input, answers: [], result: null };
    if (read === 'identify') conversation.answers.push(...recorded.conversations[0]!.answers);
    const reading = readingOf(marketplace, recorded, conversation);
    for (;;) {
      const step: Step<unknown> = reading(conversation.answers);
      if ('done' in step) {
        conversation.result = step.done;
        break;
      }
      const { operation, request } = step.call;
      const told = await ask(request.url, request);
      const response: HttpResponse = {
        status: told.status,
        headers: Object.fromEntries(told.headers),
        body: await told.text(),
      };
      const failure = marketplace.readFailure(response, operation);
      if (failure) throw new Error(`${name}: ${as}: ${response.body}`, { cause: failure });
      conversation.answers.push({ operation, ...response });
    }
    recorded.conversations.push(conversation);
    return conversation;
  }
  const has = new Set(readsOf(marketplace));

  const app = marketplace.appSchema.parse(recorded.registration);
  const consentUrl = marketplace.auth.consentUrl(app, {
    ...{ state: 'state-1', redirectUri: REDIRECT_URI, now: clock.now(), sellerId: seller.sellerId },
  });
  const consent = await ask(consentUrl);
  const callback = Object.fromEntries(new URL(consent.headers.get('location') ?? '').searchParams);
  const exchange = await hold('exchange', { callback, redirectUri: REDIRECT_URI });
  recorded.accessToken = (exchange.result as { accessToken: string }).accessToken;
  if (has.has('identify')) await hold('identify', { callback, redirectUri: REDIRECT_URI });
  const { refreshToken: given } = exchange.result as { refreshToken?: string };
  const refreshed = await hold('refresh', { refreshToken: given ?? refreshToken });
  recorded.accessToken = (refreshed.result as { accessToken: string }).accessToken;

  const orders = [place(), place()];
  await advance(Math.max(marketplace.orders.settleMs, MINUTE_MS));
  const window = { from: START_AT - HOUR_MS, to: clock.now() - marketplace.orders.settleMs };
  const page = await hold('page', { ...window, pageSize: 1 });
  const { nextPageToken } = page.result as { nextPageToken?: string };
  if (nextPageToken) await hold('page', { ...window, pageSize: 1, pageToken: nextPageToken }, 'last page');
  const orderIds = orders.map(({ orderId }) => orderId).slice(0, marketplace.orders.detailBatch);
  await hold('details', { orderIds });

  if (has.has('stock')) {
    const { batch, batchKey } = marketplace.inventory!;
    const all = ['85123A', '71053'].map((sku) => {
      const { reference } = books.listing(seller.sellerId, sku);
      return { sku, quantity: 7, reference };
    });
    const lines = all.filter((line) => batchKey(line) === batchKey(all[0]!)).slice(0, batch);
    const { result } = await hold('stock', { lines });
    const [outcome] = result as LineOutcome[];
    assert.notEqual(outcome?.outcome, 'failed', JSON.stringify(result));
    if (has.has('stock check')) {
      const receipt = outcome?.outcome === 'accepted' ? outcome.receipt : '';
      await hold('stock check', { lines: lines.map((line) => ({ ...line, receipt })) });
    }
  }
  if (has.has('shipment')) {
    const shipment = {
      orderId: orders[0]!.orderId,
      lines: [],
      carrier: { code: null, name: 'Royal Mail' },
      ...{ trackingNumber: 'RM000000001GB', trackingUrl: 'https://carrier.example/RM000000001GB' },
      shippedAt: clock.now(),
    };
    for (const as of ['shipment', 'shipment again']) {
      const { result } = await hold('shipment', { shipment }, as);
      console.log(name, as, JSON.stringify(result));
    }
  }
  if (has.has('subscription')) {
    await prepare[name]?.(ask, recorded);
    for (const as of ['subscription', 'subscription in order']) {
      const { result } = await hold('subscription', { callbackUrl: `${callbackUrl}/new` }, as);
      console.log(name, as, JSON.stringify(result));
    }
  }
  if (has.has('public key')) {
    const appToken = await hold('app token', {});
    recorded.accessToken = (appToken.result as { accessToken: string }).accessToken;
    const headers = Object.fromEntries(
      Object.entries(received[0]!.headers).map(([header, value]) => [header.toLowerCase(), value]),
    );
    const delivery = { method: 'POST', url: callbackUrl, query: {}, headers, body: new Uint8Array(), receivedAt: 0 };
    await hold('public key', { keyId: marketplace.webhook.publicKey!.keyId(delivery)! });
    recorded.accessToken = (refreshed.result as { accessToken: string }).accessToken;
  }
  if (has.has('missed')) {
    receiverStatus = 500;
    place();
    await advance(5 * HOUR_MS);
    const again = await hold('refresh', {
      refreshToken: (refreshed.result as { refreshToken?: string }).refreshToken ?? given ?? refreshToken,
    });
    recorded.conversations.pop();
    recorded.accessToken = (again.result as { accessToken: string }).accessToken;
    const { result } = await hold('missed', {});
    console.log(name, 'missed', JSON.stringify(result));
  }
  const missing = [...has].filter((read) => !recorded.conversations.some((held) => held.read === read));
  console.log(name, recorded.conversations.length, 'conversations; not held:', missing.join());
  writeFileSync(
    new URL(`../vectors/${name}/conversations.json`, import.meta.url),
    `${JSON.stringify(recorded, null, 2)}\n`,
  );
}

type Ask = (url: string, request: Partial<HttpRequest>) => Promise<Response>;

/** What a developer does once by hand before anything can be subscribed. */
const prepare: Record<string, (ask: Ask, recorded: Recorded) => Promise<void>> = {
  async amazon(ask, { registration }) {
    const told = await ask('/auth/o2/token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        ...{ grant_type: 'client_credentials', scope: 'sellingpartnerapi::notifications' },
        ...{ client_id: String(registration.clientId), client_secret: String(registration.clientSecret) },
      }).toString(),
    });
    const token = (await told.json()) as { access_token: string };
    const sqs = { arn: 'arn:aws:sqs:eu-west-1:000000000000:of-ours' };
    const created = await ask('/notifications/v1/destinations', {
      method: 'POST',
      headers: {
        ...{ 'x-amz-access-token': token.access_token, 'x-amz-date': '20261124T060000Z' },
        ...{ 'content-type': 'application/json', 'user-agent': 'Sluice' },
      },
      body: JSON.stringify({ name: 'ours', resourceSpecification: { sqs } }),
    });
    const { payload } = (await created.json()) as { payload: { destinationId: string } };
    registration.destinationId = payload.destinationId;
  },
  async ebay(ask, recorded) {
    const app = ebay.appSchema.parse(recorded.registration);
    const { request } = ebay.auth.appTokenCall!(app, { now: START_AT });
    const token = (await (await ask(request.url, request)).json()) as { access_token: string };
    const configured = await ask('/commerce/notification/v1/config', {
      method: 'PUT',
      headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ alertEmail: 'operator@sluice.example' }),
    });
    assert.equal(configured.status, 204);
  },
};

const only = process.argv.slice(2);
for (const member of members) {
  if (only.length === 0 || only.includes(member.marketplace.name)) await record(member);
}

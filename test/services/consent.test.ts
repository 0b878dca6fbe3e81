import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '#platform/runtime/failure.ts';
import { finishDueConsents } from '#services/token-refresh/finish-due-consents.ts';
import { refreshToken } from '#services/token-refresh/refresh-token.ts';
import { BACKFILL_DAYS, type Consenting, createConsenting, PUBLIC_URL } from '#test/support/consenting.ts';
import { publisherAway } from '#test/support/function-world.ts';
import { answer } from '#test/support/plain-marketplace.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const page = async (response: Response): Promise<{ status: number; title: string; html: string }> => {
  const html = await response.text();
  return { status: response.status, title: /<h1>(.*)<\/h1>/.exec(html)?.[1] ?? '', html };
};
const lost = (): never => {
  throw new Failure('retryable', 'the connection failed', { code: 'network' });
};
const sellers = (...ids: string[]) => answer({ sellers: ids.map((sellerId) => ({ sellerId, settings: {} })) });
const status = async ({ deps }: Consenting, connectionId: string) => (await deps.connections.get(connectionId))?.status;

test('a seller who consents is connected: tokens, connection, cursor with a backfill, and a page that says what is next', async () => {
  const all = await createConsenting();
  const back = await all.consent();
  const { status, title, html } = await page(await all.open(back));
  assert.equal(status, 200);
  assert.equal(title, 'Your Plain account is connected');
  assert.match(html, /orders of the last 30 days are read now/);

  const { deps, clock } = all;
  const connection = await deps.connections.get('plain-anna');
  assert.equal(connection?.status, 'active');
  assert.equal(connection.consentedAt !== undefined && connection.consentedAt <= clock.now(), true);
  assert.equal((await deps.credentials.accessToken('plain-anna'))?.accessToken, 'access-0');
  const cursor = await deps.cursors.get('plain-anna');
  assert.equal(cursor?.backfill?.to, cursor?.watermark);
  assert.equal(cursor!.backfill!.to - cursor!.backfill!.from, BACKFILL_DAYS * DAY_MS);
  const [connected, ...more] = await all.takeEvents('audit', 'connection.connected');
  assert.deepEqual(more, []);
  assert.deepEqual(connected?.data, { marketplace: 'plain', connectionId: 'plain-anna', sellerId: 'anna' });
  const exchange = all.calls.find(({ url }) => url.endsWith('/exchange'));
  assert.deepEqual(JSON.parse(exchange!.body!), {
    code: 'code-1',
    redirectUri: `${PUBLIC_URL}/connections/callback/plain`,
  });
});

test('the refresh token of a consent is the one that the first refresh uses', async () => {
  const all = await createConsenting();
  await all.open(await all.consent());
  all.answer({ '/token': () => answer({ accessToken: 'access-1', expiresInMs: HOUR_MS, refreshToken: 'refresh-1' }) });
  const wish = { connectionId: 'plain-anna', reason: 'due' as const, credentialsVersion: 1 };
  await refreshToken(all.deps, all.deps.newEvent('token-refresh.requested', wish), { attempt: 1 });
  assert.deepEqual(JSON.parse(all.calls.at(-1)!.body!), { refreshToken: 'refresh-0' });
});

test('a code is exchanged once, though the seller’s browser loads the page twice at once and again later', async () => {
  const all = await createConsenting();
  all.answer({
    async '/exchange'() {
      await all.clock.sleep(5_000);
      return answer({ accessToken: 'access-0', expiresInMs: HOUR_MS, refreshToken: 'refresh-0' });
    },
  });
  const back = await all.consent();
  const both = await Promise.all([all.open(back), all.open(back)]);
  for (const response of [...both, await all.open(back)]) {
    assert.equal((await page(response)).title, 'Your Plain account is connected');
  }
  assert.equal(all.countOf('/exchange'), 1);
  assert.equal((await all.deps.connections.list()).length, 1);
});

test('a state is taken only unchanged, in time, at its marketplace, and in the browser that it was given to', async () => {
  const all = await createConsenting();
  const back = await all.consent();
  const state = new URL(`${PUBLIC_URL}${back}`).searchParams.get('state')!;
  const title = async (path: string) => (await page(await all.open(path))).title;

  for (let at = 0; at < state.length; at += 7) {
    const changed = `${state.slice(0, at)}${state[at] === 'a' ? 'b' : 'a'}${state.slice(at + 1)}`;
    assert.equal(await title(back.replace(state, changed)), 'This link does not come from here');
  }
  for (const none of ['', 'x', 'a.b.c.d.e', `${state}.x`, '....']) {
    assert.equal(await title(back.replace(state, none)), 'This link does not come from here', none);
  }
  assert.equal(await title('/connections/callback/plain?code=x'), 'This link does not come from here');
  assert.equal(await title(back.replace('/plain?', '/other?')), 'This is another marketplace’s consent');
  assert.equal(await title(back.replace('/plain?', '/nowhere?')), 'Which marketplace?');
  assert.equal((await all.app.request(`${PUBLIC_URL}${back}`)).status, 400);
  const stranger = await all.app.request(`${PUBLIC_URL}${back}`, {
    headers: { cookie: `__Host-sluice-consent=${'0'.repeat(32)}` },
  });
  assert.equal((await page(stranger)).title, 'This was begun in another browser');
  await all.clock.sleep(HOUR_MS);
  assert.equal(await title(back), 'This took too long');
  assert.deepEqual(all.calls, []);
  assert.deepEqual(await all.deps.connections.list(), []);
});

test('two consents that are begun in one browser both come to an end', async () => {
  const all = await createConsenting();
  const first = await all.consent();
  const second = await all.consent({ code: 'code-2' }, 'other');
  assert.equal((await all.open(first)).status, 200);
  assert.equal((await all.open(second)).status, 200);
  const ids = (await all.deps.connections.list()).map(({ connectionId }) => connectionId);
  assert.deepEqual(ids, ['other-anna', 'plain-anna']);
});

test('who only looks whether an address is there spends no code', async () => {
  const all = await createConsenting();
  const back = await all.consent();
  const response = await all.app.request(`${PUBLIC_URL}${back}`, { method: 'HEAD' });
  assert.equal(response.status, 405);
  assert.deepEqual(all.calls, []);
});

test('a seller who says no is told so, and nothing is exchanged; afterwards the seller may say yes', async () => {
  for (const no of [{ error: 'access_denied' }, { denied: 'yes' }]) {
    const all = await createConsenting();
    const { title, html } = await page(await all.open(await all.consent({ ...no, code: 'x' })));
    assert.equal(title, 'You did not consent');
    assert.match(html, /href="\/connections\/new\?marketplace=plain"/);
    assert.deepEqual(all.calls, []);
    assert.equal((await all.open(await all.consent())).status, 200);
  }
  const all = await createConsenting();
  const { title } = await page(await all.open('/connections/callback/plain?error=access_denied'));
  assert.equal(title, 'You did not consent');
});

test('a code that the marketplace refuses, or that is missing, is told of, and is not sent again', async () => {
  const all = await createConsenting();
  all.answer({ '/exchange': () => answer({ error: 'grant-dead' }, 400) });
  const back = await all.consent();
  for (let i = 0; i < 2; i++) assert.equal((await page(await all.open(back))).title, 'Plain refused the code');
  assert.equal(all.countOf('/exchange'), 1);
  assert.equal((await page(await all.open(await all.consent({})))).title, 'Plain sent no consent');
  all.answer({ '/exchange': () => answer({ error: 'app-credentials-refused' }, 400) });
  const { title } = await page(await all.open(await all.consent()));
  assert.equal(title, 'Plain does not take our credentials');
});

test('an exchange without an answer is not tried again: the code may be spent', async () => {
  for (const trouble of [lost, () => answer('<html>', 500)]) {
    const all = await createConsenting();
    all.answer({ '/exchange': trouble });
    const back = await all.consent();
    assert.equal((await page(await all.open(back))).title, 'Plain did not answer');
    all.answer();
    assert.equal((await page(await all.open(back))).title, 'Plain did not answer');
    assert.equal(all.countOf('/exchange'), 1);
    assert.equal((await all.open(await all.consent())).status, 200);
  }
});

test('a code that was not taken for want of a place is exchanged when the page is loaded again', async () => {
  const all = await createConsenting();
  all.answer({ '/exchange': () => answer({ error: 'too-many' }, 429) });
  const back = await all.consent();
  const busy = await all.open(back);
  assert.equal(busy.status, 503);
  assert.ok(busy.headers.has('retry-after'));
  all.answer();
  await all.clock.sleep(10_000);
  assert.equal((await all.open(back)).status, 200);
});

test('what an exchange gave outlives a crash before the connection is made, and a tick makes it', async () => {
  const all = await createConsenting();
  let isDown = true;
  const connect = all.deps.connections.put;
  const down = {
    ...all.deps,
    connections: {
      ...all.deps.connections,
      put: async (...parameters: Parameters<typeof connect>) => (isDown ? lost() : connect(...parameters)),
    },
  };
  const back = await all.consent();
  const told = await page(await all.open(back, all.appOf(down)));
  assert.deepEqual([told.status, told.title], [202, 'Plain has your consent']);
  await finishDueConsents(all.deps);
  assert.deepEqual(await all.deps.connections.list(), []); // its own request may be at it still
  isDown = false;
  await all.clock.sleep(60_000);
  await finishDueConsents(all.deps);
  assert.equal(await status(all, 'plain-anna'), 'active');
  assert.equal((await page(await all.open(back))).title, 'Your Plain account is connected');
  assert.equal(all.countOf('/exchange'), 1);
});

test('an exchange whose answer can’t be stored at once is stored as soon as it can be', async () => {
  const all = await createConsenting();
  let failures = 0;
  const keep: typeof all.deps.consents.keep = async (...parameters) => {
    if (failures++ < 10) throw new Error('the engine is in trouble');
    return all.deps.consents.keep(...parameters);
  };
  const app = all.appOf({ ...all.deps, consents: { ...all.deps.consents, keep } });
  assert.equal((await all.open(await all.consent(), app)).status, 200);
});

test('an exchange counts though its call can’t be recorded in the audit log', async () => {
  const all = await createConsenting();
  let isAway = true;
  const app = all.appOf(publisherAway(all.deps, 'api-call.recorded', () => isAway) as typeof all.deps);
  const back = await all.consent();
  assert.equal((await all.open(back, app)).status, 202);
  isAway = false;
  assert.equal((await all.open(back, app)).status, 200);
  assert.equal(all.countOf('/exchange'), 1);
});

test('whoever is killed anywhere between exchange and page, the connection is made, with the tokens of the exchange', async () => {
  let steps = Number.POSITIVE_INFINITY;
  for (let killedAt = 0; killedAt < steps; killedAt++) {
    const all = await createConsenting();
    let done = 0;
    /** Before and after each thing that is done once it is known who consented. */
    const step = (): void => {
      if (all.countOf('/me') > 0 && done++ >= killedAt) throw new Error('killed');
    };
    const { connections, credentials, cursors, consents, publisher } = all.deps;
    const mortal = {
      connections: steppingIn(connections, step),
      credentials: steppingIn(credentials, step),
      cursors: steppingIn(cursors, step),
      consents: steppingIn(consents, step),
      publisher: steppingIn(publisher, step),
    };
    all.answer({ '/me': () => sellers('anna', 'ben') });
    await all.open(await all.consent(), all.appOf({ ...all.deps, ...mortal }));
    await all.clock.sleep(60_000);
    await finishDueConsents(all.deps);
    assert.deepEqual([await status(all, 'plain-anna'), await status(all, 'plain-ben')], ['active', 'active']);
    assert.equal((await all.deps.credentials.accessToken('plain-anna'))?.accessToken, 'access-0');
    assert.equal(all.countOf('/exchange'), 1);
    if (done <= killedAt) steps = killedAt;
  }
  assert.ok(steps > 20);
});

/** The same, with `step` before and after everything that it does. */
function steppingIn<Part extends object>(part: Part, step: () => void): Part {
  const entries = Object.entries(part).map(([name, act]) => [
    name,
    async (...parameters: unknown[]) => {
      step();
      const result = await (act as (...given: unknown[]) => unknown)(...parameters);
      step();
      return result;
    },
  ]);
  return Object.fromEntries(entries) as Part;
}

test('a consent that is finished twice does not bring back the refresh token that a refresh has spent meanwhile', async () => {
  const all = await createConsenting();
  const { deps } = all;
  all.answer({ '/token': () => answer({ accessToken: 'access-1', expiresInMs: HOUR_MS, refreshToken: 'refresh-1' }) });
  const dying = { ...deps, consents: { ...deps.consents, connected: async () => lost() } };
  assert.equal((await all.open(await all.consent(), all.appOf(dying))).status, 202);
  const wish = { connectionId: 'plain-anna', reason: 'due' as const, credentialsVersion: 1 };
  await refreshToken(deps, deps.newEvent('token-refresh.requested', wish), { attempt: 1 });
  await all.clock.sleep(60_000);
  await finishDueConsents(deps);
  assert.equal((await deps.credentials.accessToken('plain-anna'))?.accessToken, 'access-1');
});

test('a consent that is finished late does not take the place of a newer one', async () => {
  const all = await createConsenting();
  const { deps } = all;
  let isDown = true;
  all.answer({ '/me': () => (isDown ? answer('', 500) : sellers('anna')) });
  assert.equal((await all.open(await all.consent())).status, 202);
  isDown = false;
  await all.clock.sleep(1_000);
  all.answer({ '/exchange': () => answer({ accessToken: 'newer', expiresInMs: HOUR_MS, refreshToken: 'newer' }) });
  assert.equal((await all.open(await all.consent({ code: 'code-2' }))).status, 200);
  await all.clock.sleep(60_000);
  await finishDueConsents(deps);
  assert.equal((await deps.credentials.accessToken('plain-anna'))?.accessToken, 'newer');
  assert.deepEqual(await deps.consents.due(Number.MAX_SAFE_INTEGER / 2, 10), []);
});

test('a consent of which nobody can find out whose it is ends with its access token, and its tokens are forgotten', async () => {
  const all = await createConsenting();
  all.answer({ '/me': () => answer('', 500) });
  const back = await all.consent();
  await all.open(back);
  for (let minute = 0; minute < 5 * 60; minute++) {
    await all.clock.sleep(60_000);
    await finishDueConsents(all.deps);
  }
  const [consentId = ''] = new URL(`${PUBLIC_URL}${back}`).searchParams.get('state')!.split('.');
  assert.equal((await all.deps.consents.get(consentId))?.step, 'failed');
  assert.doesNotMatch(JSON.stringify(await all.engine.store.get('consents', consentId, 'consent')), /"sealed":"/);
});

test('a new consent keeps the connection’s id and its cursor, and makes it active again', async () => {
  const all = await createConsenting();
  const { deps } = all;
  await deps.connections.put({
    ...{ connectionId: 'my-shop', marketplace: 'plain', sellerId: 'anna', grant: 'seller' },
    settings: { mine: 'kept' },
  });
  await deps.cursors.start('my-shop', 1_000, 0);
  await deps.connections.needsConsent('my-shop', 'grant-dead');
  assert.equal((await all.open(await all.consent())).status, 200);
  const [connection, ...more] = await deps.connections.list();
  assert.deepEqual(more, []);
  assert.deepEqual([connection?.connectionId, connection?.status], ['my-shop', 'active']);
  assert.deepEqual(connection?.settings, { mine: 'kept' });
  const cursor = await deps.cursors.get('my-shop');
  assert.deepEqual([cursor?.watermark, cursor?.backfill], [1_000, undefined]);
});

test('a seller does not get a connection that is another’s, whatever it is called', async () => {
  const all = await createConsenting();
  const stranger = { connectionId: 'plain-anna', marketplace: 'plain', sellerId: 'someone', settings: {} };
  await all.deps.connections.put({ ...stranger, grant: 'seller' });
  all.answer({ '/me': () => sellers('anna', 'a/b c') });
  assert.equal((await all.open(await all.consent())).status, 200);
  assert.equal((await all.deps.connections.bySeller('plain', 'anna'))?.connectionId, 'plain-anna-2');
  assert.equal((await all.deps.connections.bySeller('plain', 'a/b c'))?.connectionId, 'plain-a-b-c');
  assert.equal((await all.deps.connections.get('plain-anna'))?.sellerId, 'someone');
});

test('several sellers of one consent share its grant: one refresh is for all of them', async () => {
  const all = await createConsenting();
  const { deps } = all;
  all.answer({
    '/me': () => sellers('anna', 'ben'),
    '/token': () => answer({ accessToken: 'access-1', expiresInMs: HOUR_MS, refreshToken: 'refresh-1' }),
  });
  assert.match((await page(await all.open(await all.consent()))).title, /accounts are connected/);
  assert.equal((await deps.connections.get('plain-ben'))?.grantId, 'plain-anna');
  assert.equal(await deps.credentials.accessToken('plain-ben'), undefined);
  const wish = { connectionId: 'plain-ben', reason: 'rejected' as const, credentialsVersion: 1 };
  await refreshToken(deps, deps.newEvent('token-refresh.requested', wish), { attempt: 1 });
  await refreshToken(deps, deps.newEvent('token-refresh.requested', { ...wish, connectionId: 'plain-anna' }), {
    attempt: 1,
  });
  assert.equal(all.countOf('/token'), 1);
  assert.equal((await deps.credentials.accessToken('plain-anna'))?.accessToken, 'access-1');
});

test('a shared grant that is dead is told for all who share it, each once, and a new consent brings all back', async () => {
  const all = await createConsenting();
  const { deps } = all;
  all.answer({ '/me': () => sellers('anna', 'ben', 'cleo'), '/token': () => answer({ error: 'grant-dead' }, 400) });
  await all.open(await all.consent());
  const wish = { connectionId: 'plain-anna', reason: 'due' as const, credentialsVersion: 1 };
  const event = deps.newEvent('token-refresh.requested', wish);
  for (let i = 0; i < 2; i++) await refreshToken(deps, event, { attempt: 1 });
  const told = await all.takeEvents('seller-events', 'connection.consent-needed');
  assert.deepEqual(told.map(({ data }) => data.connectionId).sort(), ['plain-anna', 'plain-ben', 'plain-cleo']);
  await all.clock.sleep(1_000);
  await all.open(await all.consent({ code: 'code-2' }));
  for (const id of ['plain-anna', 'plain-ben', 'plain-cleo']) assert.equal(await status(all, id), 'active');
});

test('who shared a grant that a new consent does not cover any more is told to consent', async () => {
  const all = await createConsenting();
  all.answer({ '/me': () => sellers('anna', 'ben') });
  await all.open(await all.consent());
  await all.clock.sleep(1_000);
  all.answer({ '/me': () => sellers('anna') });
  await all.open(await all.consent({ code: 'code-2' }));
  assert.deepEqual([await status(all, 'plain-anna'), await status(all, 'plain-ben')], ['active', 'needs-consent']);
  const [told] = await all.takeEvents('seller-events', 'connection.consent-needed');
  assert.deepEqual(told?.data, { connectionId: 'plain-ben', marketplace: 'plain', reason: 'not-in-consent' });

  // And who then consents alone has a grant of its own, from which the other takes nothing.
  await all.clock.sleep(1_000);
  all.answer({
    '/me': () => sellers('ben'),
    '/exchange': () => answer({ accessToken: 'bens', expiresInMs: HOUR_MS, refreshToken: 'bens' }),
  });
  await all.open(await all.consent({ code: 'code-3' }));
  assert.equal((await all.deps.connections.get('plain-ben'))?.grantId, undefined);
  assert.equal((await all.deps.credentials.accessToken('plain-ben'))?.accessToken, 'bens');
  assert.equal((await all.deps.credentials.accessToken('plain-anna'))?.accessToken, 'access-0');
  assert.deepEqual(await all.deps.connections.sharing('plain-anna'), []);
});

test('connections that come to share a grant forget their own', async () => {
  const all = await createConsenting();
  for (const name of ['anna', 'ben']) {
    await all.clock.sleep(1_000);
    all.answer({ '/me': () => sellers(name) });
    await all.open(await all.consent({ code: name }));
  }
  await all.clock.sleep(1_000);
  all.answer({ '/me': () => sellers('ben', 'anna') });
  await all.open(await all.consent({ code: 'both' }));
  const { credentials, connections } = all.deps;
  assert.equal((await connections.get('plain-anna'))?.grantId, 'plain-ben');
  assert.deepEqual([await credentials.generation('plain-anna'), await credentials.generation('plain-ben')], [0, 2]);
  assert.deepEqual(await credentials.due(Number.MAX_SAFE_INTEGER / 2, 10), ['plain-ben']);
});

test('where each seller has tokens of its own, each gets the first ones', async () => {
  const all = await createConsenting({ grantPerSeller: true });
  all.answer({ '/me': () => sellers('anna', 'ben') });
  await all.open(await all.consent());
  for (const id of ['plain-anna', 'plain-ben']) {
    assert.equal((await all.deps.credentials.accessToken(id))?.accessToken, 'access-0');
    assert.equal((await all.deps.connections.get(id))?.grantId, undefined);
  }
});

test('no page has a script, says anything that came with the address, is kept, or tells its address to others', async () => {
  const all = await createConsenting();
  const evil = '"><script>alert(1)</script>';
  const pages = [
    '/connections/new',
    `/connections/new?marketplace=${encodeURIComponent(evil)}`,
    `/connections/callback/plain?error=${encodeURIComponent(evil)}&state=${encodeURIComponent(evil)}`,
    `/connections/callback/${encodeURIComponent(evil)}?code=x`,
    `${await all.consent({ error: evil, error_description: evil })}`,
    await all.consent({ code: evil }),
  ];
  all.answer({ '/me': () => sellers(evil) });
  for (const path of pages) {
    const response = await all.open(path);
    const { html } = await page(response);
    assert.doesNotMatch(html, /<script|javascript:| on\w+=/, path);
    assert.match(html, /^<!doctype html>\n<html lang="en">[\s\S]*<title>.+<\/title>[\s\S]*<main>\n<h1>/);
    const policy = response.headers.get('content-security-policy')!;
    assert.match(
      policy,
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
  }
});

test('a seller is led only to the consent page of the registration, with a cookie that no script reads', async () => {
  const all = await createConsenting();
  const response = await all.open('/connections/new?marketplace=plain&shop=anna&redirect=https://evil.example');
  assert.equal(response.status, 302);
  const location = new URL(response.headers.get('location')!);
  assert.equal(location.origin, 'https://plain.example');
  assert.equal(location.searchParams.get('seller'), 'anna');
  const cookie = response.headers.get('set-cookie')!;
  assert.match(cookie, /^__Host-sluice-consent=[0-9a-f]{32}; Max-Age=3600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  assert.doesNotMatch(location.search, new RegExp(/=([0-9a-f]{32});/.exec(cookie)![1]!));
});

test('no token, code or state of a consent lies in the store or in a queue in the clear', async () => {
  const all = await createConsenting();
  const kept: unknown[] = [];
  const write = all.engine.store.write;
  const writeAtomically = all.engine.store.writeAtomically;
  all.engine.store.write = (writes) => {
    kept.push(writes);
    return write(writes);
  };
  all.engine.store.writeAtomically = (writes) => {
    kept.push(writes);
    return writeAtomically(writes);
  };
  all.answer({ '/me': () => answer('', 500) });
  await all.open(await all.consent({ code: 'secret-code' }));
  all.answer();
  await all.clock.sleep(60_000);
  await finishDueConsents(all.deps);
  assert.equal(await status(all, 'plain-anna'), 'active');
  const everything = JSON.stringify([kept, await all.taken()]);
  assert.match(everything, /plain-anna/);
  assert.doesNotMatch(everything, /secret-code|access-0|refresh-0/);
});

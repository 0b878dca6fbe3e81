import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { serveHttp } from '#platform/functions/serve.ts';

const HOST = '127.0.0.1';

test('a port that is taken is refused with its number and the setting that chooses another', async () => {
  const options = { host: HOST, setting: 'SLUICE_PORT' };
  const served = await serveHttp(new Hono(), { ...options, port: 0 });
  await assert.rejects(serveHttp(new Hono(), { ...options, port: served.port }), ({ message }: Error) =>
    message.includes(`port ${served.port} of ${HOST} is in use by another process: set SLUICE_PORT`),
  );
  await served.stop();
});

test('a stop lets the request under way end, and takes no more', async () => {
  let arrived = (): void => {};
  const isHere = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let goOn = (): void => {};
  const mayGoOn = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const app = new Hono();
  app.get('/', async (c) => {
    arrived();
    await mayGoOn;
    return c.text('whole', 200, { connection: 'close' });
  });
  const served = await serveHttp(app, { host: HOST, port: 0, setting: 'SLUICE_PORT' });
  const url = `http://${HOST}:${served.port}/`;
  const underWay = fetch(url).then((response) => response.text());
  await isHere;
  const stopped = served.stop();
  await assert.rejects(fetch(url));
  goOn();
  assert.equal(await underWay, 'whole');
  await stopped;
});

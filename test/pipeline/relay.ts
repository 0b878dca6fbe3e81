import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { sendOverNetwork } from '#platform/runtime/send.ts';

/** how long the relay waits before it tries again, ms: marketplaces take minutes, a test has seconds */
const RETRY_MS = 350;
const TIMEOUT_MS = 5_000;
/** headers that are the relay's own business */
const OF_THE_CONNECTION = ['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive'];

/** One webhook on its way: the status of each attempt, 0 where the connection broke without an answer. */
export type Relayed = { path: string; body: string; statuses: number[]; accepted: boolean };

/**
 * Stands between the marketplaces and Sluice as an impatient marketplace: takes each webhook, and brings it, byte for
 * byte, again and again until it is answered 2xx.
 */
export async function startRelay(targetUrl: string) {
  const relayed: Relayed[] = [];
  let ended = false;

  async function bring(request: HttpRequest, record: Relayed): Promise<void> {
    while (!ended) {
      const status = await sendOverNetwork(request, { timeoutMs: TIMEOUT_MS }).then(
        (answer) => answer.status,
        () => 0,
      );
      record.statuses.push(status);
      record.accepted = status >= 200 && status < 300;
      if (record.accepted) return;
      await sleep(RETRY_MS);
    }
  }

  const server = createServer(async (incoming, answer) => {
    const body = await readBody(incoming);
    answer.end();
    const path = incoming.url ?? '';
    const record: Relayed = { path, body, statuses: [], accepted: false };
    relayed.push(record);
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).flatMap(([name, value]) =>
        typeof value === 'string' && !OF_THE_CONNECTION.includes(name) ? [[name, value]] : [],
      ),
    );
    await bring({ method: 'POST', url: targetUrl + path, headers, body }, record);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    relayed: relayed as readonly Relayed[],
    underWay: () => relayed.filter(({ accepted }) => !accepted).length,
    async stop(): Promise<void> {
      ended = true;
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

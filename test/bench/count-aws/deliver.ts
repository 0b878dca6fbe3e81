import { Agent, request } from 'node:http';
import type { HttpRequest } from '#platform/runtime/http.ts';

/**
 * Delivers webhooks, so many at once; whatever is not answered 200 is delivered again at the end, as marketplaces do.
 * @returns how many deliveries were not answered 200
 */
export async function deliver(
  webhooks: readonly HttpRequest[],
  { atOnce, onDelivered }: { atOnce: number; onDelivered(count: number): void },
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  let left = webhooks;
  let delivered = 0;
  let refused = 0;
  while (left.length > 0) {
    const again: HttpRequest[] = [];
    let next = 0;
    const connection = async (): Promise<void> => {
      for (let webhook = left[next++]; webhook; webhook = left[next++]) {
        if ((await post(agent, webhook)) === 200) onDelivered(++delivered);
        else again.push(webhook);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, connection));
    refused += again.length;
    if (again.length === left.length) throw new Error('no delivery was answered 200');
    left = again;
  }
  agent.destroy();
  return refused;
}

function post(agent: Agent, { url, method, headers, body = '' }: HttpRequest): Promise<number> {
  return new Promise((resolve) => {
    const length = Buffer.byteLength(body);
    const outgoing = request(url, { agent, method, headers: { ...headers, 'content-length': length } }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    outgoing.on('error', () => resolve(0)).end(body);
  });
}

import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** answers that have no body */
const WITHOUT_BODY = [204, 304];

/**
 * What "only the base URL changed" means for a client whose hosts are fixed: from now on, https to one of these hosts is
 * plain HTTP to the sandbox, with path, headers (`Host` too) and body as the client wrote them. Every other https host is
 * refused, so that no test talks to a real marketplace. `fetch` goes by `node:https` for it.
 */
export function redirect(hosts: readonly string[], port: number): void {
  Agent.prototype.createConnection = ({ host }) => {
    if (hosts.includes(host ?? '')) return connect(port, '127.0.0.1');
    throw new Error(`a client called ${host}, which is not redirected to the sandbox`);
  };

  const realFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.startsWith('https:')) return realFetch(request);
    const { url, method } = request;
    const headers = Object.fromEntries(request.headers);
    const body = Buffer.from(await request.arrayBuffer());
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      httpsRequest(url, { method, headers }, resolve).on('error', reject).end(body);
    });
    const status = answer.statusCode ?? 0;
    const bytes = await buffer(answer);
    return new Response(WITHOUT_BODY.includes(status) ? null : new Uint8Array(bytes), {
      status,
      headers: Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      ),
    });
  };
}

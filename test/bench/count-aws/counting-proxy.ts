import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Call } from './costs.ts';

/** Beginnings of `x-amz-target` by service. */
const TARGETS: Record<string, Call['service']> = {
  AmazonSQS: 'sqs',
  DynamoDB_20120810: 'dynamodb',
  secretsmanager: 'secretsmanager',
  AWSEvents: 'events',
};
const S3_OPERATIONS: Record<string, string> = { PUT: 'PutObject', GET: 'GetObject', HEAD: 'HeadObject' };

export type CountingProxy = {
  /** The URL for one caller, whose calls are told by its name. */
  listen(caller: string): Promise<string>;
  close(): void;
};

/**
 * Stands between functions and AWS and tells each call with what was asked and answered. It passes everything on as it is,
 * also the host, so that signatures stay right.
 * @param endpoint where AWS, or what emulates it, is reached
 */
export function openCountingProxy(endpoint: string, onCall: (call: Call) => void): CountingProxy {
  const agent = new Agent({ keepAlive: true });
  const servers: Server[] = [];

  async function pass(caller: string, incoming: IncomingMessage) {
    const { method = '', url = '', headers } = incoming;
    const body = await readAll(incoming);
    const outgoing = request(new URL(url, endpoint), { method, headers, agent, setHost: false });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const bytes = await readAll(answer);
    const status = answer.statusCode ?? 0;
    const [target, operation] = String(headers['x-amz-target'] ?? '').split('.');
    const service = TARGETS[target!];
    onCall({
      caller,
      service: service ?? (S3_OPERATIONS[method] ? 's3' : 'other'),
      operation: operation ?? S3_OPERATIONS[method] ?? method,
      path: new URL(url, endpoint).pathname,
      request: service && parse(body),
      response: service && parse(bytes),
      status,
    });
    return { status, headers: answer.headers, bytes };
  }

  return {
    async listen(caller) {
      const server = createServer((incoming, response) => {
        pass(caller, incoming).then(
          ({ status, headers, bytes }) => response.writeHead(status, headers).end(bytes),
          // as a network does it: the connection is gone
          () => response.destroy(),
        );
      }).listen(0, '127.0.0.1');
      servers.push(server);
      await once(server, 'listening');
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      agent.destroy();
    },
  };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parse(bytes: Buffer): Record<string, unknown> {
  return bytes.length === 0 ? {} : (JSON.parse(bytes.toString()) as Record<string, unknown>);
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { realRandom } from '#platform/runtime/random.ts';

export type Manifest = { config: { digest: string }; layers: { digest: string; size: number }[] };

export type PlainRegistry = {
  /** `127.0.0.1:port`, which Docker speaks plain HTTP to */
  address: string;
  /** what was pushed last under a repository's name */
  pushed: ReadonlyMap<string, { digest: string; manifest: Manifest }>;
  stop(): void;
};

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A container registry that takes what is pushed, and no more: https://github.com/opencontainers/distribution-spec */
export async function startRegistry(): Promise<PlainRegistry> {
  const blobs = new Map<string, number>();
  const uploads = new Map<string, Buffer[]>();
  const pushed = new Map<string, { digest: string; manifest: Manifest }>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://registry');
    const body = await bodyOf(request);
    const [, repository = '', kind = '', rest = ''] = /^\/v2\/(.+?)\/(blobs|manifests)\/(.*)$/.exec(url.pathname) ?? [];
    const answer = (status: number, headers: Record<string, string | number> = {}): void =>
      void response.writeHead(status, headers).end();

    if (url.pathname === '/v2/') return answer(200);
    if (kind === 'manifests' && request.method === 'PUT') {
      const digest = digestOf(body);
      pushed.set(repository, { digest, manifest: JSON.parse(body.toString()) as Manifest });
      return answer(201, { 'docker-content-digest': digest });
    }
    if (kind === 'blobs' && request.method === 'HEAD') {
      const size = blobs.get(rest);
      return size === undefined ? answer(404) : answer(200, { 'content-length': size, 'docker-content-digest': rest });
    }
    if (kind === 'blobs' && rest.startsWith('uploads/')) {
      const upload = request.method === 'POST' ? realRandom.hex(8) : rest.slice('uploads/'.length);
      const parts = [...(uploads.get(upload) ?? []), body];
      uploads.set(upload, parts);
      const whole = Buffer.concat(parts);
      const headers = {
        location: `/v2/${repository}/blobs/uploads/${upload}`,
        range: `0-${Math.max(0, whole.length - 1)}`,
      };
      if (request.method !== 'PUT') return answer(202, { ...headers, 'docker-upload-uuid': upload });
      const digest = digestOf(whole);
      if (digest !== url.searchParams.get('digest')) return answer(400);
      blobs.set(digest, whole.length);
      uploads.delete(upload);
      return answer(201, { 'docker-content-digest': digest });
    }
    answer(404);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    pushed,
    stop: () => void server.close(),
  };
}

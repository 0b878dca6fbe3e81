import { Failure } from './failure.ts';
import type { HttpRequest, HttpResponse } from './http.ts';

/** Sends a request; throws a retryable `Failure` when there is no whole answer. */
export type Send = (request: HttpRequest, options: { timeoutMs: number }) => Promise<HttpResponse>;

/** largest answer that is read, bytes: eight times a page of 100 orders of five lines, and little beside memory */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** HTTP over the network. Redirects are not followed: no marketplace API uses them, and they would carry tokens away. */
export const sendOverNetwork: Send = async (request, { timeoutMs }) => {
  let response: Response;
  try {
    response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await readBody(response),
    };
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    const timedOut = thrown instanceof Error && thrown.name === 'TimeoutError';
    throw timedOut
      ? new Failure('retryable', `no whole answer within ${timeoutMs} ms`, { code: 'timeout' })
      : new Failure('retryable', 'the connection failed', { code: 'network', cause: thrown });
  }
};

/** Reads no further than it must to know that an answer is too large; counted is what it says, not how it was compressed. */
async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) {
      throw new Failure('retryable', `the answer is larger than ${MAX_ANSWER_BYTES} bytes`, {
        code: 'answer-too-large',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

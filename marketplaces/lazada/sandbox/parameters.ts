import type { Context } from 'hono';

export type Parameters = Record<string, string>;

/**
 * All text parameters of a call, from its query and from a form in its body, and a body that is none, which is signed
 * as it is. Files of a multipart form are neither.
 */
export async function readParameters(c: Context): Promise<{ parameters: Parameters; rawBody: string }> {
  const query = c.req.query();
  if (c.req.method === 'GET') return { parameters: query, rawBody: '' };
  const type = c.req.header('content-type') ?? '';
  if (/^multipart\/form-data\b/i.test(type)) {
    const form = await c.req.formData().catch(() => new FormData());
    const texts = [...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return { parameters: { ...query, ...Object.fromEntries(texts) }, rawBody: '' };
  }
  const body = await c.req.text();
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return { parameters: query, rawBody: body };
  return { parameters: { ...query, ...Object.fromEntries(new URLSearchParams(body)) }, rawBody: '' };
}

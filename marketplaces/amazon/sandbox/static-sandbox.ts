import type { Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { apiError } from './answers.ts';
import type { Gateway } from './gateway.ts';
import document from './static-cases.json' with { type: 'json' };

/** 5 calls a second, burst 15, for every operation: SP-API guide "Selling Partner API sandbox" */
const USAGE_PLAN = { ratePerSecond: 5, burst: 15 };

/** What a case says of a request: values of parameters by name, and under `body` the whole body. */
type Case = { status: number; parameters: Record<string, unknown>; response?: unknown };
type Operation = { operation: string; method: string; path: string; grantless: boolean; cases: Case[] };

/**
 * Amazon's static sandbox, which stands at `sandbox.sellingpartnerapi-<region>.amazon.com` in place of
 * `sellingpartnerapi-<region>.amazon.com` and has the same paths: it keeps nothing and answers what the API's models say,
 * if the request has the values that a case of theirs names. Tokens are those of production.
 */
export function addStaticSandbox(app: Hono, gateway: Gateway, prefix: string): void {
  for (const { operation, method, path, grantless, cases } of document.operations as Operation[]) {
    // A case that names more is the better match, whatever the model's order: some name nothing and match all.
    const byDetail = cases.toSorted((a, b) => Object.keys(b.parameters).length - Object.keys(a.parameters).length);
    const route = prefix + path.replaceAll(/\{(\w+)\}/g, ':$1');
    const token = grantless ? 'grantless' : 'seller';
    const handler = gateway.operation({ name: `static ${operation}`, ...USAGE_PLAN, token }, async (c) => {
      const body: unknown = await c.req.json().catch(() => undefined);
      const found = byDetail.find(({ parameters }) =>
        Object.entries(parameters).every(([name, value]) => isGiven(c, path, body, name, value)),
      );
      return found ? answer(c, found) : noMatch(c);
    });
    app.on(method, route, handler);
  }
}

function isGiven(c: Context, path: string, body: unknown, name: string, value: unknown): boolean {
  if (name === 'body') return canonical(body) === canonical(value);
  const given = path.includes(`{${name}}`) ? c.req.param(name) : c.req.queries(name)?.join(',');
  return given === (Array.isArray(value) ? value.join(',') : String(value));
}

function answer(c: Context, { status, response }: Case): Response {
  if (status === 204) return c.body(null, 204);
  return response === undefined ? c.body(null, 200) : c.json(response, status as ContentfulStatusCode);
}

/** As developers meet it: github.com/amzn/selling-partner-api-models issues. */
function noMatch(c: Context): Response {
  return apiError(c, { status: 400, code: 'InvalidInput', message: 'Could not match input arguments', details: '' });
}

/** JSON in which the order of an object's names is of no account. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

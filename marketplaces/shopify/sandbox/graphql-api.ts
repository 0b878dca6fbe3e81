import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { CallStats } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Buckets } from './buckets.ts';
import { type Call, type CallResolvers, isGranted } from './call.ts';
import type { Caller, Gateway } from './gateway.ts';
import { actualCost, requestedCost } from './graphql/cost.ts';
import { type Document, parseDocument } from './graphql/document.ts';
import { FieldTrouble, type GraphQLError } from './graphql/errors.ts';
import { execute } from './graphql/execute.ts';
import { SyntaxTrouble } from './graphql/lexer.ts';
import { chooseOperation, planOperation } from './graphql/plan.ts';
import { type Field, parseSchema, type Schema } from './graphql/schema.ts';
import { validateDocument } from './graphql/validate.ts';
import { ORDER_SCHEMA } from './schema-orders.ts';
import { SHOP_SCHEMA } from './schema-shop.ts';

/** points that one request may ask for [Shopify, GraphQL Admin API rate limits] */
const MAX_COST = 1000;
/** requests whose text is remembered, so that a repeated one is not read anew: this sandbox's choice */
const REMEMBERED = 100;

const RATE_LIMITS = 'https://shopify.dev/api/usage/rate-limits';
const ACCESS_SCOPES = 'https://shopify.dev/api/usage/access-scopes';

const request = z.object({
  query: z.string().min(1),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

type Read = { document: Document } | { errors: GraphQLError[] };

/** The simulated part of the schema as a version of the API has it. */
export const schemaOf = remembering((version: string): Schema => parseSchema(SHOP_SCHEMA + ORDER_SCHEMA, version));

/** The GraphQL Admin API of every shop. */
export function addGraphqlRoutes(
  app: Hono,
  parts: { gateway: Gateway; points: Buckets; resolvers: CallResolvers; calls: CallStats },
): void {
  const { gateway, points, resolvers, calls } = parts;
  const read = remembering((text: string, version: string): Read => readDocument(schemaOf(version), text));

  function costs(shopId: string, requested: number, actual: number | null) {
    const throttleStatus = {
      maximumAvailable: points.size,
      currentlyAvailable: points.available(shopId),
      restoreRate: points.perSecond,
    };
    return { requestedQueryCost: requested, actualQueryCost: actual, throttleStatus };
  }

  function answer(c: Context, { shop, access, version }: Caller, body: z.output<typeof request>): Response {
    const got = read(body.query, version);
    if ('errors' in got) return c.json(got);
    const chosen = chooseOperation(got.document, body.operationName ?? undefined);
    if ('errors' in chosen) return c.json(chosen);
    const planned = planOperation(schemaOf(version), got.document, chosen.operation, body.variables ?? {});
    if ('errors' in planned) return c.json(planned);
    const { plan } = planned;

    const requested = requestedCost(plan);
    if (requested > MAX_COST) return c.json({ errors: [tooCostly(requested)] });
    if (!points.take(shop.sellerId, requested)) {
      calls.throttled += 1;
      return c.json({ errors: [THROTTLED], extensions: { cost: costs(shop.sellerId, requested, null) } });
    }
    const call: Call = { shop, scopes: access.scopes, version, searches: [] };
    const result = execute(plan, { resolvers, context: call, authorize: (field) => denial(field, call.scopes) });
    // Connections know their real size only now, and rounding may make that look dearer than what was asked for.
    const actual = Math.min(requested, actualCost(plan, result));
    points.giveBack(shop.sellerId, requested - actual);
    const { data, errors } = result;
    return c.json({
      ...(errors.length > 0 && { errors }),
      data,
      extensions: {
        cost: costs(shop.sellerId, requested, actual),
        ...(call.searches.length > 0 && { search: call.searches }),
      },
    });
  }

  async function handle(c: Context): Promise<Response> {
    const caller = gateway.admit(c);
    if (caller instanceof Response) return caller;
    const body = request.safeParse(await readBody(c));
    if (!body.success) return c.json({ errors: { query: 'Required parameter missing or invalid' } }, 400);
    return answer(c, caller, body.data);
  }

  app.post('/:shop/admin/api/:version/graphql.json', handle);
  app.post('/:shop/admin/api/graphql.json', handle);
  app.post('/admin/api/:version/graphql.json', handle);
  app.post('/admin/api/graphql.json', handle);
}

const THROTTLED: GraphQLError = {
  message: 'Throttled',
  extensions: { code: 'THROTTLED', documentation: RATE_LIMITS },
};

/** The throttle answer that a fault asks for: an empty bucket, and a second until there is enough. */
export function inventThrottle(c: Context, points: Buckets): Response {
  const throttleStatus = { maximumAvailable: points.size, currentlyAvailable: 0, restoreRate: points.perSecond };
  const cost = { requestedQueryCost: points.perSecond, actualQueryCost: null, throttleStatus };
  return c.json({ errors: [THROTTLED], extensions: { cost } });
}

/** Shopify answers most of its own trouble with HTTP 200. */
export function internalError(c: Context): Response {
  const message = 'Internal error. Looks like something went wrong on our end.';
  return c.json({ errors: [{ message, extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
}

function readDocument(schema: Schema, text: string): Read {
  try {
    const document = parseDocument(text);
    const errors = validateDocument(schema, document);
    return errors.length > 0 ? { errors } : { document };
  } catch (thrown) {
    if (!(thrown instanceof SyntaxTrouble)) throw thrown;
    return { errors: [{ message: thrown.message, locations: [thrown.location] }] };
  }
}

/** A request is JSON, or with this content type the document alone. */
async function readBody(c: Context): Promise<unknown> {
  const text = await c.req.text();
  if (/^application\/graphql\b/i.test(c.req.header('content-type') ?? '')) return { query: text };
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tooCostly(cost: number): GraphQLError {
  const message = `Query cost is ${cost}, which exceeds the single query max cost limit (${MAX_COST}).\n\nSee ${RATE_LIMITS} for more information on how the cost of a query is calculated.\n`;
  const extensions = { code: 'MAX_COST_EXCEEDED', cost, maxCost: MAX_COST, documentation: RATE_LIMITS };
  return { message, extensions };
}

function denial({ name, access }: Field, scopes: readonly string[]): FieldTrouble | undefined {
  if (!access || isGranted(scopes, access)) return undefined;
  const requiredAccess = access.map((scope) => `\`${scope}\` access scope`).join(' or ');
  const extensions = { code: 'ACCESS_DENIED', documentation: ACCESS_SCOPES, requiredAccess: `${requiredAccess}.` };
  return new FieldTrouble(`Access denied for ${name} field. Required access: ${requiredAccess}.`, extensions);
}

/** Remembers what a function of texts gave; the oldest is forgotten first. */
function remembering<Arguments extends string[], Value>(
  make: (...args: Arguments) => Value,
): (...args: Arguments) => Value {
  const known = new Map<string, Value>();
  return (...args) => {
    const key = args.join('\u0000');
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(...args);
    if (known.size >= REMEMBERED) known.delete(known.keys().next().value!);
    known.set(key, made);
    return made;
  };
}

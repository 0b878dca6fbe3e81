import { z } from 'zod';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';

const graphqlError = z.object({
  message: z.string().catch(''),
  path: z
    .array(z.union([z.string(), z.number()]))
    .nullish()
    .catch(undefined),
  extensions: z.object({ code: z.string().nullish() }).nullish().catch(undefined),
});

const points = z.number().min(0);

const cost = z.object({
  requestedQueryCost: points,
  throttleStatus: z.object({
    maximumAvailable: points.positive(),
    currentlyAvailable: z.number(),
    restoreRate: points.positive(),
  }),
});

const envelope = z.object({
  data: z.looseObject({}).nullish(),
  errors: z.array(graphqlError).nullish(),
});

const priced = z.object({ extensions: z.object({ cost }) });

export type GraphqlError = z.infer<typeof graphqlError>;
export type Cost = z.infer<typeof cost>;

/** An answer is read twice, for its failure and for what it holds, and a page of orders is costly to parse. */
const parsed = new WeakMap<HttpResponse, unknown>();

/** The body's JSON; undefined if it is cut off, HTML or otherwise none. */
export function parseBody(response: HttpResponse): unknown {
  if (parsed.has(response)) return parsed.get(response);
  let json: unknown;
  try {
    json = JSON.parse(response.body);
  } catch {
    // The parser's own message quotes the body, so it goes no further.
  }
  parsed.set(response, json);
  return json;
}

/** `data` and `errors` of a GraphQL answer; undefined if it is not in GraphQL's form. */
export function readEnvelope(response: HttpResponse): z.infer<typeof envelope> | undefined {
  return envelope.safeParse(parseBody(response)).data;
}

/** What a call cost, and what is left: Shopify tells it in every GraphQL answer. */
export function readCost(response: HttpResponse): Cost | undefined {
  return priced.safeParse(parseBody(response)).data?.extensions.cost;
}

/** The `data` of a success answer. Throws a `Failure` that names where it differs, never what stands there. */
export function readData<T>(response: HttpResponse, schema: z.ZodType<T>): T {
  return readAnswer(response, z.object({ data: schema })).data;
}

/** A success answer's whole body, as `readData` reads its data. */
export function readAnswer<T>(response: HttpResponse, schema: z.ZodType<T>): T {
  const { success, data, error } = schema.safeParse(parseBody(response));
  if (success) return data;
  throw unreadable(response, `not as documented at '${error.issues[0]?.path.map(String).join('.') ?? ''}'`);
}

/** The failure of an answer that came damaged, or that nobody has described. */
export function unreadable(response: HttpResponse, why: string): Failure {
  return new Failure('retryable', `Shopify's answer (HTTP ${response.status}) is ${why}`, {
    code: 'unreadable-answer',
  });
}

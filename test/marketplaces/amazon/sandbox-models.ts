import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { violations } from './model-validator.ts';
import type { Schema } from './models.ts';

/** The operations in use whose static sandbox cases the sandbox answers, by Amazon's model. */
const IN_USE: Record<string, readonly string[]> = {
  'orders_2026-01-01': ['searchOrders', 'getOrder'],
  ordersV0: ['confirmShipment'],
  'listingsItems_2021-08-01': ['getListingsItem', 'patchListingsItem'],
  'feeds_2021-06-30': ['createFeed', 'getFeed', 'createFeedDocument', 'getFeedDocument'],
  notifications: [
    'getSubscriptions',
    'getSubscription',
    'createSubscription',
    'getSubscriptionById',
    'deleteSubscriptionById',
    'getDestinations',
    'createDestination',
    'getDestination',
    'deleteDestination',
  ],
  sellers: ['getMarketplaceParticipations'],
};

type ModelCase = { request: { parameters: Record<string, { value?: unknown }> }; response?: unknown };
type ModelOperation = {
  operationId: string;
  description: string;
  responses: Record<string, { schema?: Schema; 'x-amzn-api-sandbox'?: { static: ModelCase[] } }>;
};
type Model = { paths: Record<string, Record<string, ModelOperation>>; definitions: Record<string, Schema> };

const MODELS = join(import.meta.dirname, '..', '..', 'vectors', 'amazon', 'models');

const readModel = (name: string): Model => JSON.parse(readFileSync(join(MODELS, `${name}.json`), 'utf8')) as Model;

/** What is wrong with an answer of an operation in use, by its model. */
export function answerViolations(operation: string, { status, body }: { status: number; body: unknown }): string[] {
  const [name] = Object.entries(IN_USE).find(([, inUse]) => inUse.includes(operation))!;
  const { paths, definitions } = readModel(name);
  const [found] = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .filter(({ operationId }) => operationId === operation);
  const answer = found?.responses[status];
  if (!answer) return [`${operation} does not answer ${status}`];
  if (!answer.schema) return body === undefined ? [] : [`${operation} answers ${status} without a body`];
  return violations(body, answer.schema, definitions, operation);
}

/** The static sandbox cases of one operation as its model has them, in the form of the sandbox's own file. */
function casesOf(operation: ModelOperation) {
  return Object.entries(operation.responses).flatMap(([status, answer]) =>
    (answer['x-amzn-api-sandbox']?.static ?? []).map(({ request, response }) => ({
      status: Number(status),
      parameters: Object.fromEntries(
        Object.entries(request.parameters).flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])),
      ),
      ...(response === undefined ? {} : { response }),
    })),
  );
}

/** Every static sandbox case of the operations in use, read from Amazon's models. */
export function staticOperations() {
  return Object.entries(IN_USE).flatMap(([name, inUse]) => {
    return Object.entries(readModel(name).paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => inUse.includes(operation.operationId))
        .map(([method, operation]) => ({
          operation: operation.operationId,
          model: name,
          method,
          path,
          grantless: / is grantless/.test(operation.description),
          cases: casesOf(operation),
        })),
    );
  });
}

/** How many operations are in use. */
export const OPERATIONS_IN_USE = Object.values(IN_USE).flat().length;

if (import.meta.main) {
  const document = {
    source: 'https://github.com/amzn/selling-partner-api-models, commit 34dc93fe, x-amzn-api-sandbox of the models',
    copyright: 'Copyright Amazon.com, Inc. or its affiliates',
    license: 'Apache-2.0',
    changes: 'only the cases of the operations in use, written by test/marketplaces/amazon/sandbox-models.ts',
    operations: staticOperations(),
  };
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

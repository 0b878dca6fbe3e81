import type { Hono } from 'hono';
import { z } from 'zod';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { conflict, notFound } from './answers.ts';
import type { Gateway, OperationHandler } from './gateway.ts';
import { readBody } from './request-body.ts';
import { uuid } from './uuid.ts';

/** 1 request a second, burst 5: usage plan of every operation in SP-API model notifications */
export const USAGE_PLAN = { ratePerSecond: 1, burst: 5 };
/** The queue that every seller is subscribed to from the start, as if the developer had set it up already. */
const FIRST_ARN = 'arn:aws:sqs:eu-west-1:000000000000:amazon-notifications';
/** Its destination: fixed, as the registration holds it. */
export const FIRST_DESTINATION_ID = '5a4db0c0-0000-4000-8000-00000000d001';

/** An EventBridge destination is refused: ORDER_CHANGE goes to SQS only. A FIFO queue is refused as Amazon does. */
const createDestinationBody = z.object({
  name: z.string().min(1).max(256),
  resourceSpecification: z.strictObject({
    sqs: z.object({
      arn: z
        .string()
        .max(1000)
        .regex(/^arn:aws:sqs:[^\s:]+:[^\s:]+:[^\s:]+$/)
        .refine((arn) => !arn.endsWith('.fifo')),
    }),
  }),
});

export type Destination = { destinationId: string; name: string; resource: { sqs: { arn: string } } };

/**
 * The destinations of the Notifications API, version 1: the application's own queues.
 * @param options.isUsed has a destination subscriptions?
 * @returns the destinations by id
 */
export function addDestinations(
  app: Hono,
  deps: Pick<SandboxDeps, 'randomHex'>,
  options: { gateway: Gateway; isUsed(destinationId: string): boolean },
): ReadonlyMap<string, Destination> {
  const destinations = new Map<string, Destination>();
  const grantless = (name: string, handler: OperationHandler) =>
    options.gateway.operation({ name, ...USAGE_PLAN, token: 'grantless' }, handler);

  function add(destinationId: string, name: string, arn: string): Destination {
    const destination = { destinationId, name, resource: { sqs: { arn } } };
    destinations.set(destinationId, destination);
    return destination;
  }
  add(FIRST_DESTINATION_ID, 'amazon-notifications', FIRST_ARN);

  const path = '/notifications/v1/destinations';
  app.post(
    path,
    grantless('createDestination', async (c) => {
      const { name, resourceSpecification } = await readBody(c, createDestinationBody);
      const { arn } = resourceSpecification.sqs;
      const exists = [...destinations.values()].some((destination) => destination.resource.sqs.arn === arn);
      if (exists) return conflict(c, 'A destination with this resource already exists.');
      return c.json({ payload: add(uuid(deps.randomHex(16)), name, arn) });
    }),
  );
  app.get(
    path,
    grantless('getDestinations', (c) => c.json({ payload: [...destinations.values()] })),
  );
  app.get(
    `${path}/:destinationId`,
    grantless('getDestination', (c) => {
      const destination = destinations.get(c.req.param('destinationId') ?? '');
      return destination ? c.json({ payload: destination }) : notFound(c, 'The destination was not found.');
    }),
  );
  app.delete(
    `${path}/:destinationId`,
    grantless('deleteDestination', (c) => {
      const destinationId = c.req.param('destinationId') ?? '';
      if (!destinations.has(destinationId)) return notFound(c, 'The destination was not found.');
      if (options.isUsed(destinationId)) return conflict(c, 'The destination has subscriptions.');
      destinations.delete(destinationId);
      return c.json({});
    }),
  );
  return destinations;
}

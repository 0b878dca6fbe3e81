import { deadLetterQueue } from '#events/routes.ts';
import { type Mutant, withMarketplaces, withQueues } from './mutation.ts';

/** as in consume.ts */
const MAX_ATTEMPTS = 14;

export const deliveryMutants: Mutant[] = [
  {
    name: 'acknowledge-before-the-effect',
    breaks: [/2xx/],
    withinSeeds: 1,
    world: (world, name) =>
      name !== 'throttled-sync'
        ? world
        : withQueues(world, (queues) => ({
            async receive(queue, options) {
              const messages = await queues.receive(queue, options);
              await queues.acknowledge(
                queue,
                messages.map(({ receipt }) => receipt),
              );
              return messages;
            },
          })),
  },
  {
    name: 'acknowledge-though-the-copy-was-not-taken',
    breaks: [/2xx/, /audit log/, /watermark/],
    withinSeeds: 8,
    world: (world) =>
      withQueues(world, (queues) => ({
        async send(queue, messages) {
          const isCopy = messages.some(({ attributes }) => attributes?.attempt !== undefined);
          if (!isCopy) return queues.send(queue, messages);
          const sent = await queues.send(queue, messages).catch(() => []);
          return messages.map((_, i) => (sent[i]?.ok ? sent[i] : { ok: true }));
        },
      })),
  },
  {
    name: 'answer-200-though-the-queue-failed',
    breaks: [/2xx/],
    withinSeeds: 8,
    deps: (deps, name) =>
      name !== 'webhook-intake'
        ? deps
        : { ...deps, publisher: { publish: (event) => deps.publisher.publish(event).catch(() => {}) } },
  },
  {
    name: 'take-refused-messages-for-sent',
    breaks: [/2xx/, /audit log/, /backwards/],
    withinSeeds: 8,
    world: (world) =>
      withQueues(world, (queues) => ({
        send: async (queue, messages) => (await queues.send(queue, messages)).map(() => ({ ok: true })),
      })),
  },
  {
    name: 'mark-a-delivery-before-it-is-queued',
    breaks: [/2xx/],
    withinSeeds: 12,
    deps: (deps) => ({
      ...deps,
      deliveries: {
        ...deps.deliveries,
        async isQueued(id, now) {
          const isQueued = await deps.deliveries.isQueued(id, now);
          if (!isQueued) deps.deliveries.markQueued(id, now);
          return isQueued;
        },
      },
    }),
  },
  {
    name: 'no-deduplication',
    breaks: [/2xx/],
    withinSeeds: 4,
    deps: (deps) => ({ ...deps, deliveries: { ...deps.deliveries, isQueued: async () => false } }),
  },
  {
    name: 'deduplicate-by-the-order',
    breaks: [/2xx/],
    withinSeeds: 1,
    deps: (deps) =>
      withMarketplaces(deps, ({ webhook }) => ({
        webhook: {
          ...webhook,
          read(body) {
            const reading = webhook.read(body);
            return { ...reading, deduplicationKey: reading.orderIds[0] ?? reading.deduplicationKey };
          },
        },
      })),
  },
  {
    name: 'deduplicate-by-the-arrival',
    breaks: [/2xx/],
    withinSeeds: 1,
    deps: (deps) =>
      withMarketplaces(deps, ({ webhook }) => ({
        webhook: {
          ...webhook,
          read: (body) => ({ ...webhook.read(body), deduplicationKey: deps.random.hex(16) }),
        },
      })),
  },
  {
    name: 'take-any-signature',
    breaks: [/unverified/, /2xx/],
    withinSeeds: 1,
    deps: (deps) =>
      withMarketplaces(deps, ({ webhook }) => ({ webhook: { ...webhook, verify: () => ({ verified: true }) } })),
  },
  {
    name: 'take-what-has-no-signature',
    breaks: [/unverified/, /2xx/],
    withinSeeds: 4,
    deps: (deps) =>
      withMarketplaces(deps, ({ webhook }) => ({
        webhook: {
          ...webhook,
          verify: (app, delivery, publicKey) =>
            Object.keys(delivery.headers).some((header) => /signature|authorization/.test(header))
              ? webhook.verify(app, delivery, publicKey)
              : { verified: true },
        },
      })),
  },
  {
    name: 'count-a-wait-as-an-attempt',
    breaks: [/buried/],
    withinSeeds: 10,
    world: (world) =>
      withQueues(world, (queues) => ({
        async send(queue, messages) {
          const [first, ...more] = messages;
          const { attempt, reason } = first?.attributes ?? {};
          if (!first || more.length > 0 || attempt === undefined || reason !== undefined)
            return queues.send(queue, messages);
          const counted = { ...first, attributes: { ...first.attributes, attempt: String(Number(attempt) + 1) } };
          return queues.send(Number(attempt) < MAX_ATTEMPTS ? queue : deadLetterQueue(queue), [counted]);
        },
      })),
  },
  {
    name: 'bury-what-was-throttled',
    breaks: [/buried/],
    withinSeeds: 1,
    deps: (deps) =>
      withMarketplaces(deps, ({ readFailure }) => ({
        readFailure(response, operation) {
          const failure = readFailure(response, operation);
          if (failure?.kind === 'throttled') Object.assign(failure, { kind: 'permanent' });
          return failure;
        },
      })),
  },
];

import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { badRequest, type EbayError, NOTIFICATION, refuse } from './answers.ts';
import { answerList } from './notification-list.ts';

/** how long an endpoint may take to answer the challenge, ms; eBay publishes none, this is ours */
const CHALLENGE_TIMEOUT_MS = 3_000;

/** Hosts that eBay does not send to. */
const LOCAL_HOST = /^(localhost|.*\.local|\[.*|0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/;

const publicUrl = z.url({ protocol: /^https$/ }).refine((url) => !LOCAL_HOST.test(new URL(url).hostname));

/** @param exemptEndpoint the one endpoint that need not be public and https */
const destinationRequest = (exemptEndpoint: string) =>
  z.object({
    name: z.string().min(1).max(64),
    status: z.enum(['ENABLED', 'DISABLED']),
    deliveryConfig: z.object({
      endpoint: z.literal(exemptEndpoint).or(publicUrl),
      verificationToken: z.string().regex(/^[A-Za-z0-9_-]{32,80}$/),
    }),
  });

type DestinationRequest = z.infer<ReturnType<typeof destinationRequest>>;

/** MARKED_DOWN is eBay's own doing, to an endpoint that does not answer. */
export type Destination = Omit<DestinationRequest, 'status'> & {
  destinationId: string;
  status: DestinationRequest['status'] | 'MARKED_DOWN';
};

const refusal = (errorId: number, message: string): EbayError => badRequest(NOTIFICATION, errorId, message);

/** By field. Which of 195016 to 195018 is which field's is our guess; 195019 is documented. */
const FIELD_ERRORS: Record<string, EbayError> = {
  name: refusal(195016, 'name is missing or longer than 64 characters.'),
  status: refusal(195017, 'status must be ENABLED or DISABLED.'),
  deliveryConfig: refusal(195018, 'deliveryConfig is missing.'),
  'deliveryConfig.endpoint': refusal(195018, 'The endpoint must be a public https URL.'),
  'deliveryConfig.verificationToken': refusal(
    195019,
    'The verification token must be 32 to 80 of letters, digits, _ and -.',
  ),
};

/** 409: the application has set no alert e-mail address yet. */
export const NO_CONFIG = refusal(195003, 'Set the configuration first.');

/**
 * Where notifications go. The challenge is sent to a new endpoint, but only the status of its answer reaches the
 * sandbox, so a 200 with a wrong `challengeResponse` passes here and not at eBay.
 */
export function destinationsApi(
  deps: Pick<SandboxDeps, 'send' | 'randomHex'>,
  options: {
    baseUrl: string;
    newId: () => string;
    isConfigured: () => boolean;
    destinations: Map<string, Destination>;
    exemptEndpoint: string;
    isInUse: (destinationId: string) => boolean;
  },
): Hono {
  const { destinations } = options;
  const schema = destinationRequest(options.exemptEndpoint);
  const url = `${options.baseUrl}/destination`;

  async function answersChallenge(endpoint: string): Promise<boolean> {
    const challenge = new URL(endpoint);
    challenge.searchParams.set('challenge_code', deps.randomHex(32));
    const request = { method: 'GET' as const, url: challenge.href, headers: { accept: 'application/json' } };
    return deps.send(request, { timeoutMs: CHALLENGE_TIMEOUT_MS }).then(
      (answer) => answer.status === 200,
      () => false, // an endpoint that can't be reached has failed the challenge
    );
  }

  /** The destination that the body describes, or the answer that it can't be. `id`: the one that it replaces. */
  async function readRequest(c: Context, id?: string): Promise<DestinationRequest | Response> {
    const request = schema.safeParse(await c.req.json().catch(() => undefined));
    if (!request.success) {
      const field = request.error.issues[0]?.path.join('.') ?? '';
      return refuse(c, 400, FIELD_ERRORS[field] ?? refusal(195016, 'The body is no destination.'));
    }
    const { endpoint } = request.data.deliveryConfig;
    const others = [...destinations.values()].filter((one) => one.destinationId !== id);
    if (others.some((one) => one.deliveryConfig.endpoint === endpoint)) {
      return refuse(c, 409, refusal(195021, 'There is a destination with this endpoint.'));
    }
    if (!(await answersChallenge(endpoint)))
      return refuse(c, 409, refusal(195020, 'The endpoint failed the challenge.'));
    return request.data;
  }

  const unknown = (c: Context): Response => refuse(c, 404, refusal(195022, 'There is no such destination.'));

  const app = new Hono();
  app.get('/', (c) => answerList(c, url, 'destinations', [...destinations.values()]));

  app.post('/', async (c) => {
    if (!options.isConfigured()) return refuse(c, 409, NO_CONFIG);
    const request = await readRequest(c);
    if (request instanceof Response) return request;
    const destinationId = options.newId();
    destinations.set(destinationId, { destinationId, ...request });
    return c.json({}, 201, { Location: `${url}/${destinationId}` });
  });

  app.get('/:id', (c) => {
    const destination = destinations.get(c.req.param('id'));
    return destination ? c.json(destination) : unknown(c);
  });
  app.put('/:id', async (c) => {
    const destination = destinations.get(c.req.param('id'));
    if (!destination) return unknown(c);
    const request = await readRequest(c, destination.destinationId);
    if (request instanceof Response) return request;
    Object.assign(destination, request);
    return c.body(null, 204);
  });
  app.delete('/:id', (c) => {
    const { id } = c.req.param();
    if (!destinations.has(id)) return unknown(c);
    if (options.isInUse(id)) return refuse(c, 409, refusal(195024, 'A subscription uses the destination.'));
    destinations.delete(id);
    return c.body(null, 204);
  });
  return app;
}

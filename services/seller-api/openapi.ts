import { z } from 'zod';
import { accepted, commandStatus, inventoryUpdateBody, problem, shipmentConfirmationBody } from './schemas.ts';

/** As a component of its own: what is taken is described as it may be sent, with what has a default left out. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    override({ jsonSchema }) {
      // The format says it already, and shorter.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      // Answers may get fields.
      if (io === 'output') delete jsonSchema.additionalProperties;
    },
  });
  return rest;
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (name: string) => ({ 'application/json': { schema: ref(name) } });
const refused = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

const UNAUTHORIZED = { 401: refused('No key, or none that is known. The body was not read.') };
const UNAVAILABLE = { 503: refused('Nothing can be accepted right now. Send it again with the same key.') };

/** A path that takes one kind of command. */
function takes(body: string, texts: { operationId: string; summary: string; description: string; example: object }) {
  const { example, ...described } = texts;
  return {
    post: {
      ...described,
      tags: ['commands'],
      parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }],
      requestBody: { required: true, content: { 'application/json': { schema: ref(body), example } } },
      responses: {
        202: {
          description: 'Queued durably, and done once. Again for the same key with the same content.',
          headers: { Location: { description: 'where its outcome is told', schema: { type: 'string' } } },
          content: json('Accepted'),
        },
        400: refused('The key is missing, or the body is not JSON or not of this form.'),
        ...UNAUTHORIZED,
        409: refused('The key has been used with another content.'),
        413: refused('The body is too large.'),
        422: refused('There is no such connection.'),
        ...UNAVAILABLE,
      },
    },
  };
}

/** The API in OpenAPI 3.1, made from the schemas that it checks with. `docs/openapi.json` is a copy, and a test compares. */
export function openApiDocument() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice: commands of the seller’s systems',
      version: '1.0.0',
      description:
        'Stock and shipments for marketplaces. A command is accepted once for each Idempotency-Key, run as fast as the ' +
        'marketplace allows, and answered by one event in the queue seller-events; GET tells the same.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:4620', description: 'make dev; SLUICE_SELLER_API_PORT' }],
    security: [{ apiKey: [] }],
    tags: [{ name: 'commands' }],
    paths: {
      '/v1/inventory-updates': takes('InventoryUpdate', {
        operationId: 'updateInventory',
        summary: 'Set the sellable stock of SKUs',
        description:
          'Quantities are absolute. Of updates of one listing that wait, only the latest is sent; the lines of the others ' +
          'are superseded. A listing is meant by its SKU and reference: give them always in the same form.',
        example: { connectionId: 'amazon-1', lines: [{ sku: 'MUG-1', quantity: 12 }] },
      }),
      '/v1/shipment-confirmations': takes('ShipmentConfirmation', {
        operationId: 'confirmShipment',
        summary: 'Tell that a package has left',
        description: 'A shipment that the marketplace has already, with the same tracking number, is confirmed.',
        example: {
          connectionId: 'ebay-1',
          orderId: '01-00001-10000',
          carrier: { name: 'Royal Mail' },
          trackingNumber: 'RM123456789GB',
          shippedAt: '2026-11-24T05:30:00Z',
        },
      }),
      '/v1/commands/{commandId}': {
        get: {
          operationId: 'getCommand',
          summary: 'What has become of a command',
          description: 'Commands are kept for 30 days.',
          tags: ['commands'],
          parameters: [{ name: 'commandId', in: 'path', required: true, schema: { type: 'string' } }],
          responses: {
            200: { description: 'The command as it is now.', content: json('Command') },
            ...UNAUTHORIZED,
            404: refused('No such command was accepted.'),
            ...UNAVAILABLE,
          },
        },
      },
    },
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: '`sluice api-keys show` prints a key.' },
      },
      parameters: {
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          required: true,
          description: 'Your own name of the command, kept for 30 days. The same key with another content is refused.',
          schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
        },
      },
      schemas: {
        InventoryUpdate: schemaOf(inventoryUpdateBody, 'input'),
        ShipmentConfirmation: schemaOf(shipmentConfirmationBody, 'input'),
        Accepted: schemaOf(accepted, 'output'),
        Command: schemaOf(commandStatus, 'output'),
        Problem: schemaOf(problem, 'output'),
      },
    },
  };
}

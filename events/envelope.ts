import { z } from 'zod';

/** An instant: RFC 3339 in UTC with milliseconds, `2026-11-24T06:00:00.000Z`. */
export const instant = z.iso.datetime({ precision: 3 });

/** https://www.w3.org/TR/trace-context/#traceparent-header, version 00 */
const traceparent = z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);

/** CloudEvents 1.0 in JSON, https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
export type Event<Type extends string = string, Data = unknown> = {
  specversion: '1.0';
  id: string;
  source: string;
  type: Type;
  time: string;
  subject?: string | undefined;
  datacontenttype: 'application/json';
  traceparent: string;
  data: Data;
};

export type EventDefinition<Type extends string = string, Data = unknown> = {
  type: Type;
  schema: z.ZodType<Event<Type, Data>>;
  example: NoInfer<Event<Type, Data>>;
};

/** Declares one event: its type, the schema of its data and an example that a test parses. */
export function defineEvent<const Type extends string, Data>(
  type: Type,
  data: z.ZodType<Data>,
  example: NoInfer<Data>,
): EventDefinition<Type, Data> {
  const schema = z.object({
    specversion: z.literal('1.0'),
    id: z.string().min(1).max(256),
    source: z.string().min(1),
    type: z.literal(type),
    time: instant,
    subject: z.string().min(1).optional(),
    datacontenttype: z.literal('application/json'),
    traceparent,
    data,
  }) as unknown as z.ZodType<Event<Type, Data>>;
  return {
    type,
    schema,
    example: {
      specversion: '1.0',
      id: '9b2f6d0c5a7e41f0',
      source: '/sluice/example',
      type,
      time: '2026-11-24T06:00:00.000Z',
      datacontenttype: 'application/json',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      data: example,
    },
  };
}

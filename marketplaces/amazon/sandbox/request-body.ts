import type { Context } from 'hono';
import type { z } from 'zod';
import { InvalidInput } from './answers.ts';

/** The JSON body in the shape of `schema`; another one is an invalid input. */
export async function readBody<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  const body: unknown = await c.req.json().catch(() => undefined);
  const result = schema.safeParse(body);
  if (!result.success) throw new InvalidInput(`The body is invalid at ${result.error.issues[0]?.path.join('.')}.`);
  return result.data;
}

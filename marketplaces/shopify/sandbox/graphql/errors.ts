import type { Location } from './lexer.ts';

/** An entry of `errors` in an answer. */
export type GraphQLError = {
  message: string;
  locations?: Location[];
  path?: (string | number)[];
  extensions?: Record<string, unknown>;
};

/** Thrown by a resolver: its field is null and the answer says why. */
export class FieldTrouble extends Error {
  readonly extensions: Record<string, unknown>;
  constructor(message: string, extensions: Record<string, unknown>) {
    super(message);
    this.extensions = extensions;
  }
}

/** What a resolver throws for a request that asks for something the wrong way. */
export function badRequest(message: string): FieldTrouble {
  return new FieldTrouble(message, { code: 'BAD_REQUEST' });
}

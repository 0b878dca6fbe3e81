import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MODELS = join(import.meta.dirname, '..', '..', 'vectors', 'amazon', 'models');

/** The part of JSON Schema that OpenAPI 2.0 and Amazon's models use. */
export type Schema = {
  $ref?: string;
  allOf?: Schema[];
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  enum?: unknown[];
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
};

export type Parameter = Omit<Schema, 'required'> & {
  name: string;
  in: 'path' | 'query' | 'header' | 'body';
  required?: boolean;
  collectionFormat?: 'csv' | 'ssv' | 'tsv' | 'pipes' | 'multi';
  /** of a body */
  schema?: Schema;
};

/** One answer of Amazon's static sandbox: to the first request whose every parameter listed here has this value. */
export type StaticCase = {
  status: number;
  /** by parameter name; arrays for lists */
  parameters: Record<string, unknown>;
  /** undefined: the case asks for no particular body */
  body: unknown;
  response: unknown;
};

export type Operation = {
  /** file name of its model without `.json` */
  model: string;
  operationId: string;
  method: string;
  /** `/orders/2026-01-01/orders/{orderId}` */
  path: string;
  description: string;
  consumes: string[];
  parameters: Parameter[];
  staticCases: StaticCase[];
  definitions: Record<string, Schema>;
};

type SandboxCase = { request: { parameters?: Record<string, { value?: unknown }> }; response: unknown };
type WrittenOperation = {
  operationId: string;
  description?: string;
  consumes?: string[];
  parameters?: Parameter[];
  responses: Record<string, { 'x-amzn-api-sandbox'?: { static?: SandboxCase[] } }>;
};
type Model = {
  /** by path and method; what else stands at a path is none of ours */
  paths: Record<string, Record<string, WrittenOperation>>;
  definitions?: Record<string, Schema>;
  consumes?: string[];
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Every operation of one of Amazon's models, `readModel('sellers')`. */
export function readModel(name: string): Operation[] {
  const model = JSON.parse(readFileSync(join(MODELS, `${name}.json`), 'utf8')) as Model;
  const { definitions = {}, paths } = model;
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const written = item[method];
      if (!written) return [];
      const { operationId, description = '', consumes = model.consumes ?? [], parameters = [], responses } = written;
      const staticCases = Object.entries(responses).flatMap(([status, response]) =>
        (response['x-amzn-api-sandbox']?.static ?? []).map((one) => readCase(Number(status), one)),
      );
      const called = { model: name, operationId, method: method.toUpperCase(), path };
      return [{ ...called, description, consumes, parameters, staticCases, definitions }];
    }),
  );
}

/** Every operation of every model that is kept here. */
export function readModels(): Operation[] {
  const names = readdirSync(MODELS).filter((file) => file.endsWith('.json'));
  return names.flatMap((file) => readModel(file.slice(0, -'.json'.length)));
}

function readCase(status: number, { request, response }: SandboxCase): StaticCase {
  const { body, ...parameters } = request.parameters ?? {};
  const values = Object.entries(parameters).map(([name, { value }]) => [name, value]);
  return { status, parameters: Object.fromEntries(values), body: body?.value, response };
}

import type { HttpRequest } from '#platform/runtime/http.ts';
import type { Operation, Parameter, Schema } from './models.ts';

/** RFC 3339, which OpenAPI 2.0 means by `date-time` */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const SEPARATORS = { csv: ',', ssv: ' ', tsv: '\t', pipes: '|', multi: undefined };

/** The operation that a request calls by its method and path, or undefined. */
export function operationOf(request: HttpRequest, operations: readonly Operation[]): Operation | undefined {
  const { pathname } = new URL(request.url);
  return operations.find(({ method, path }) => method === request.method && pathValues(path, pathname));
}

/**
 * What is wrong with a request by Amazon's model of it; nothing where it is valid. Stricter than OpenAPI, which lets
 * unknown fields pass: a field that the model does not know is a mistake of ours.
 */
export function requestViolations(request: HttpRequest, operations: readonly Operation[]): string[] {
  const operation = operationOf(request, operations);
  const url = new URL(request.url);
  if (!operation) return [`no operation is called by ${request.method} ${url.pathname}`];
  const inPath = pathValues(operation.path, url.pathname)!;
  const valuesOf: Record<Parameter['in'], (parameter: Parameter) => string[]> = {
    path: ({ name }) => (inPath[name] === undefined ? [] : [inPath[name]]),
    query: ({ name }) => url.searchParams.getAll(name),
    header: ({ name }) => request.headers[name.toLowerCase()] ?? [],
    body: () => request.body ?? [],
  } as Record<Parameter['in'], (parameter: Parameter) => string[]>;
  const known = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  const unknown = [...url.searchParams.keys()].filter((name) => !known.includes(name));
  return [
    ...unknown.map((name) => `query: ${name} is not in the model`),
    ...operation.parameters.flatMap((parameter) => {
      const values = [valuesOf[parameter.in](parameter)].flat();
      const at = `${parameter.in}: ${parameter.name}`;
      if (values.length === 0) return parameter.required ? [`${at} is missing`] : [];
      return parameter.in === 'body'
        ? bodyViolations(request, operation, parameter.schema!)
        : textViolations(values, parameter, operation, at);
    }),
    ...(request.body !== undefined && !operation.parameters.some((parameter) => parameter.in === 'body')
      ? ['body: the operation takes none']
      : []),
  ];
}

/** The values of a path's parameters; undefined if the path is another one. */
function pathValues(template: string, pathname: string): Record<string, string> | undefined {
  const parts = template.split('/');
  const given = pathname.split('/');
  if (parts.length !== given.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    const value = given[index]!;
    if (name === undefined ? part !== value : value === '') return undefined;
    if (name !== undefined) values[name] = decodeURIComponent(value);
  }
  return values;
}

function bodyViolations({ body = '', headers }: HttpRequest, operation: Operation, schema: Schema): string[] {
  const contentType = headers['content-type'] ?? '';
  const wrongType = operation.consumes.includes(contentType) ? [] : [`body: content type '${contentType}'`];
  try {
    return [...wrongType, ...violations(JSON.parse(body), schema, operation.definitions, 'body')];
  } catch {
    return [...wrongType, 'body: no JSON'];
  }
}

/** Parameters outside of a body are text; the model says what the text stands for. */
function textViolations(values: string[], parameter: Parameter, { definitions }: Operation, at: string): string[] {
  const {
    type,
    items = {},
    collectionFormat = 'csv',
    name: _,
    in: __,
    required: ___,
    schema: ____,
    ...rest
  } = parameter;
  const schema: Schema = { ...rest, ...(type && { type }), items };
  const separator = SEPARATORS[collectionFormat];
  if (values.length > 1 && (type !== 'array' || separator !== undefined)) return [`${at} is given twice`];
  if (type !== 'array') return violations(typed(values[0]!, schema), schema, definitions, at);
  const list = separator === undefined ? values : values[0]!.split(separator);
  return violations(
    list.map((text) => typed(text, items)),
    schema,
    definitions,
    at,
  );
}

function typed(text: string, { type }: Schema): unknown {
  if (type === 'integer' || type === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  return text;
}

/** What is wrong with a value by its schema, each with the place where it stands. */
export function violations(value: unknown, written: Schema, definitions: Record<string, Schema>, at: string): string[] {
  const schema = resolve(written, definitions);
  if (schema.type && !isOf(schema.type, value)) return [`${at}: no ${schema.type}`];
  const found: string[] = [];
  const check = (isWrong: boolean, what: string): void => {
    if (isWrong) found.push(`${at}: ${what}`);
  };
  check(schema.enum !== undefined && !schema.enum.includes(value), 'not one of the values');
  if (typeof value === 'string') {
    check(schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value), 'not of the pattern');
    check(schema.format === 'date-time' && !isDateTime(value), 'no date-time');
    check([...value].length < (schema.minLength ?? 0), 'too short');
    check([...value].length > (schema.maxLength ?? Number.POSITIVE_INFINITY), 'too long');
  }
  if (typeof value === 'number') {
    check(value < (schema.minimum ?? Number.NEGATIVE_INFINITY), 'too small');
    check(value > (schema.maximum ?? Number.POSITIVE_INFINITY), 'too large');
  }
  if (Array.isArray(value)) {
    check(value.length < (schema.minItems ?? 0), 'too few');
    check(value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY), 'too many');
    check(schema.uniqueItems === true && new Set(value.map((one) => JSON.stringify(one))).size < value.length, 'twice');
    found.push(...value.flatMap((one, index) => violations(one, schema.items ?? {}, definitions, `${at}[${index}]`)));
  } else if (isOf('object', value)) {
    const { properties = {}, required = [], additionalProperties = schema.properties === undefined } = schema;
    for (const name of required) check(!Object.hasOwn(value as object, name), `${name} is missing`);
    for (const [name, held] of Object.entries(value as object)) {
      const property = Object.hasOwn(properties, name) ? properties[name]! : additionalProperties;
      check(property === false, `${name} is not in the model`);
      if (typeof property === 'object') found.push(...violations(held, property, definitions, `${at}.${name}`));
    }
  }
  return found;
}

/** The schema with its references and its parts put together. */
export function resolve(schema: Schema, definitions: Record<string, Schema>): Schema {
  const { $ref, allOf, ...own } = schema;
  if ($ref !== undefined) {
    const referred = definitions[$ref.replace('#/definitions/', '')];
    if (!referred) throw new Error(`the model lacks ${$ref}`);
    return resolve(referred, definitions);
  }
  const parts = [...(allOf ?? []).map((part) => resolve(part, definitions)), own];
  const properties = parts.flatMap((part) => Object.entries(part.properties ?? {}));
  return {
    ...Object.assign({}, ...parts),
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    required: parts.flatMap(({ required = [] }) => required),
  };
}

function isOf(type: NonNullable<Schema['type']>, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  const name: string = typeof value;
  return name === type;
}

function isDateTime(text: string): boolean {
  return DATE_TIME.test(text) && !Number.isNaN(Date.parse(text));
}

import type { OutgoingMessage } from '#platform/engines/engine.ts';
import { MAX_BODY_BYTES } from '#platform/engines/engine.ts';
import type { Random } from '#platform/runtime/random.ts';
import { MESSAGES_PREFIX } from './names.ts';
import type { Objects } from './objects.ts';

/** The one attribute of a message: JSON of the port's attributes, and of how the body is to be read. */
export const ATTRIBUTE = 'sluice';
const ATTRIBUTE_TYPE = 'String';
/** in it, how the body is to be read: `json`, it is a JSON string; `object`, it names an object that holds that */
const FORM = '$';
/** what the attribute's name and type count towards the size of a message, bytes */
const ATTRIBUTE_BYTES = ATTRIBUTE.length + ATTRIBUTE_TYPE.length;
/** bytes of an object's name that is never given twice */
const OBJECT_NAME_BYTES = 16;

/** Characters that SQS refuses in a body (API reference of SendMessage), lone surrogates among them. */
const REFUSED = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
/** whatever an attribute's value had better not hold */
const NOT_ASCII = /[^\x20-\x7e]/g;

/** A message as SQS takes it; `bytes` is what it counts towards SQS's limits. */
export type EncodedMessage = {
  MessageBody: string;
  MessageAttributes?: Record<string, { DataType: string; StringValue: string }>;
  bytes: number;
};

/** A message as SQS gives it. */
export type RawMessage = {
  Body?: string | undefined;
  MessageAttributes?: Record<string, { StringValue?: string | undefined }> | undefined;
};

type ObjectPlace = { objects: Objects; source: () => Promise<string> };

/** A body that SQS refuses, an empty one among them, travels as a JSON string; one that is too large in an object. */
export async function encodeMessage(
  { body, attributes = {} }: OutgoingMessage,
  { objects, source, random }: ObjectPlace & { random: Random },
): Promise<EncodedMessage> {
  const plain =
    body === '' || REFUSED.test(body) ? together(toAscii(body), attributes, 'json') : together(body, attributes);
  if (plain.bytes <= MAX_BODY_BYTES) return plain;
  const key = `${MESSAGES_PREFIX}${random.hex(OBJECT_NAME_BYTES)}`;
  await objects.put(key, Buffer.from(toAscii(body)), source);
  return together(key, attributes, 'object');
}

function together(body: string, attributes: Record<string, string>, form?: string): EncodedMessage {
  const bodyBytes = Buffer.byteLength(body);
  const all = form === undefined ? attributes : { ...attributes, [FORM]: form };
  if (Object.keys(all).length === 0) return { MessageBody: body, bytes: bodyBytes };
  const text = toAscii(all);
  return {
    MessageBody: body,
    MessageAttributes: { [ATTRIBUTE]: { DataType: ATTRIBUTE_TYPE, StringValue: text } },
    bytes: bodyBytes + ATTRIBUTE_BYTES + text.length,
  };
}

/** JSON in ASCII. */
function toAscii(value: unknown): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(NOT_ASCII, escaped);
}

/** The message as it was sent. Who sends from outside may write anything: what is not of our form is taken as it is. */
export async function decodeMessage(
  { Body = '', MessageAttributes }: RawMessage,
  { objects, source }: ObjectPlace,
): Promise<{ body: string; attributes: Record<string, string> }> {
  const { [FORM]: form, ...attributes } = parseAttributes(MessageAttributes?.[ATTRIBUTE]?.StringValue);
  if (form === 'json') return { body: parseBody(Body), attributes };
  if (form !== 'object' || !Body.startsWith(MESSAGES_PREFIX)) return { body: Body, attributes };
  return { body: parseBody(Buffer.from(await objects.get(Body, source)).toString()), attributes };
}

function parseBody(text: string): string {
  const body = parse(text);
  return typeof body === 'string' ? body : text;
}

function parseAttributes(text: string | undefined): Record<string, string> {
  const attributes = parse(text ?? '{}');
  if (typeof attributes !== 'object' || attributes === null) return {};
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => typeof value === 'string'));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

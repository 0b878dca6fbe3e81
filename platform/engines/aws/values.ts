import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '#platform/engines/engine.ts';
import type { Random } from '#platform/runtime/random.ts';
import { VALUES_PREFIX } from './names.ts';
import type { Objects } from './objects.ts';

/** Shorter JSON is kept as it is, bytes: with its keys it is within one write unit (1 KB) anyway. */
const DEFLATE_FROM_BYTES = 800;
/**
 * From here on, after deflate, an object is cheaper than the item's write units, bytes: S3 takes $5 for a million PUTs,
 * DynamoDB $0.625 for a million units of 1 KB (us-east-1, on demand, 2026), and twice that in an all-or-nothing write.
 */
const OBJECT_FROM_BYTES = 8_192;
const OBJECT_FROM_BYTES_ATOMICALLY = 4_096;
/** bytes of an object's name that is never given twice */
const OBJECT_NAME_BYTES = 16;
const SECOND_MS = 1_000;

/** An item as the table has it. */
export type Row = Record<string, AttributeValue>;

export type Values = {
  /** The attributes that hold a value and its expiry; a value that is dear to write is in an object when it resolves. */
  encode(
    table: string,
    written: { value: unknown; expiresAt?: number | undefined },
    options: { isAtomic: boolean },
  ): Promise<Row>;
  decode(table: string, row: Row): Promise<Item>;
};

/** Values are JSON: as text where short, deflated where long, in an object of their own where that is cheaper. */
export function openValues(deps: {
  objects: Objects;
  random: Pick<Random, 'hex'>;
  /** the table's ARN, which names the account */
  arn(table: string): Promise<string>;
}): Values {
  const { objects, random, arn } = deps;

  return {
    async encode(table, { value, expiresAt }, { isAtomic }) {
      const json = JSON.stringify(value) as string | undefined;
      if (json === undefined) throw new TypeError(`the value for table ${table} is not JSON`);
      const expiry: Row =
        expiresAt === undefined
          ? {}
          : { expiresAt: { N: String(expiresAt) }, ttl: { N: String(Math.ceil(expiresAt / SECOND_MS)) } };
      if (Buffer.byteLength(json) < DEFLATE_FROM_BYTES) return { value: { S: json }, ...expiry };
      const bytes = await promisify(deflateRaw)(json);
      if (bytes.length < (isAtomic ? OBJECT_FROM_BYTES_ATOMICALLY : OBJECT_FROM_BYTES)) {
        return { value: { B: bytes }, ...expiry };
      }
      const key = `${VALUES_PREFIX}${table}/${random.hex(OBJECT_NAME_BYTES)}`;
      await objects.put(key, bytes, () => arn(table));
      return { object: { S: key }, ...expiry };
    },

    async decode(table, row) {
      const { partition, sort, version, value, object, expiresAt } = row;
      const bytes = object?.S === undefined ? value?.B : await objects.get(object.S, () => arn(table));
      const json = bytes === undefined ? value!.S! : (await promisify(inflateRaw)(bytes)).toString();
      return {
        partition: partition!.S!,
        sort: sort!.S!,
        version: Number(version!.N),
        value: JSON.parse(json) as unknown,
        expiresAt: expiresAt?.N === undefined ? undefined : Number(expiresAt.N),
      };
    },
  };
}

import { type Item, sizeOf, type Value } from './items.ts';

/** A write to one item as a request asks for it; `after`: what the item is then, bytes, 0 where it is deleted. */
export type ItemWrite = { table: string; partition: string; key: string; after: number };

type Names = Record<string, string>;
type Update = {
  TableName: string;
  Key: Item;
  UpdateExpression: string;
  ExpressionAttributeNames: Names;
  ExpressionAttributeValues: Item;
};
type TransactItem = {
  Put?: { TableName: string; Item: Item };
  Update?: Update;
  Delete?: { TableName: string; Key: Item };
};
type Statement = { Statement: string; Parameters: Value[] };

/** about as long as any version, which is a number that an update computes */
const ANY_VERSION: Value = { N: '1000' };

export const keyOf = ({ partition, sort }: Item): string => JSON.stringify([partition!.S, sort!.S]);

export const partitionOf = ({ partition }: Item): string => partition!.S!;

const write = (table: string, item: Item): ItemWrite => ({ ...deletion(table, item), after: sizeOf(item) });
const deletion = (table: string, key: Item): ItemWrite => ({
  table,
  partition: partitionOf(key),
  key: keyOf(key),
  after: 0,
});

/** An update of the engine sets or removes every attribute, so it leaves exactly what it sets. */
export function updateOf({ TableName, Key, ...update }: Update): ItemWrite {
  const item: Item = { ...Key, version: ANY_VERSION };
  for (const [, name, value] of update.UpdateExpression.matchAll(/(#\w+) = (:\w+)/g)) {
    item[update.ExpressionAttributeNames[name!]!] = update.ExpressionAttributeValues[value!]!;
  }
  return write(TableName, item);
}

export function transactWriteOf({ Put, Update, Delete }: TransactItem): ItemWrite {
  if (Put) return write(Put.TableName, Put.Item);
  if (Update) return updateOf(Update);
  if (Delete) return deletion(Delete.TableName, Delete.Key);
  throw new Error('the engine sends no other item in a transaction');
}

/** The PartiQL that the engine writes: INSERT of a whole item, UPDATE that sets or removes every attribute, DELETE. */
export function statementOf({ Statement, Parameters }: Statement): ItemWrite {
  const [, verb, table = ''] = /^(INSERT INTO|UPDATE|DELETE FROM) "([^"]+)"/.exec(Statement) ?? [];
  if (verb === 'INSERT INTO') {
    const names = [...Statement.matchAll(/'(\w+)': \?/g)].map(([, name]) => name!);
    return write(table, Object.fromEntries(names.map((name, i) => [name, Parameters[i]!])));
  }
  const sets = [...Statement.matchAll(/SET "(\w+)" = \?/g)].map(([, name]) => name!);
  const [partition, sort] = Parameters.slice(sets.length);
  const key = { partition: partition!, sort: sort! };
  if (verb === 'DELETE FROM') return deletion(table, key);
  if (verb !== 'UPDATE') throw new Error(`the engine sends no statement that begins ${Statement.slice(0, 20)}`);
  return write(table, { ...key, ...Object.fromEntries(sets.map((name, i) => [name, Parameters[i]!])) });
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { redirect } from './redirect.ts';
import { type Create, type Served, serveSandbox } from './served-sandbox.ts';

/** What a client must be able to do. */
export type Operations = {
  'token exchange and refresh'(): Promise<void>;
  'order list with paging'(): Promise<void>;
  'order detail'(): Promise<void>;
  'stock update'(): Promise<void>;
  shipment(): Promise<void>;
};

/**
 * Runs a client from npm against a marketplace's sandbox over HTTP, on a loopback port. Without the packages the test is
 * skipped, and says how to install them.
 * @param options.hosts the fixed hosts of a client that has no base URL to set
 * @param start makes the client and what it does, in the order to do it; what a client has no call for is left out
 */
export function testClient<S extends Served['sandbox']>(
  options: { name: string; packages: readonly string[]; create: Create<S>; hosts?: readonly string[] },
  start: (served: Served<S>) => Promise<Partial<Operations>>,
): void {
  const missing = options.packages.filter((name) => !existsSync(join(import.meta.dirname, 'node_modules', name)));
  const skip = missing.length > 0 && `${missing.join(', ')} not installed: npm ci --prefix test/clients`;
  test(options.name, { skip }, async (t) => {
    t.mock.method(console, 'log', () => {}); // some clients log every call
    const served = await serveSandbox(options.create);
    t.after(served.stop);
    redirect(options.hosts ?? [], served.port);
    for (const [operation, run] of Object.entries(await start(served))) await t.test(operation, run);
  });
}

/** A package that need not be installed, therefore without types. What a CommonJS package exports is its `default`. */
export const load = (name: string) => import(name);

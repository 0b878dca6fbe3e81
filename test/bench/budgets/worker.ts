import { parentPort } from 'node:worker_threads';
import { measure } from './measure.ts';
import { measureRival, rivals } from './rivals.ts';
import { rows } from './rows.ts';

/** One piece of work: a row, or a rival at a row. */
export type Job = { limit: string; rival?: string; hours: number };

parentPort?.on('message', async ({ limit, rival: name, hours }: Job) => {
  const row = rows.find((each) => each.limit === limit)!;
  const rival = rivals.find((each) => each.name === name);
  parentPort!.postMessage(rival ? await measureRival(rival, row) : await measure(row, hours));
});

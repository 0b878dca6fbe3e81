import type { AnyEvent } from '#events/index.ts';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import { pollNow } from '#services/all-in-one/live-replay/check.ts';
import { isQuiet, underWay } from '#services/all-in-one/live-replay/counts.ts';
import { type RemoteSandbox, reachSandboxes } from '#services/all-in-one/remote-sandboxes.ts';
import { haveTokens, takeSellerEvents } from '#test/pipeline/wrong-effects.ts';
import { interrupt, planInterruptions } from './interruptions.ts';
import { accountsOf, brokenPromises } from './judge.ts';
import { type Load, startLoad } from './load.ts';
import { type Work, workedAfterMs } from './restarts.ts';
import type { Stack } from './stack.ts';

/** time between two interruptions, ms: after one is over and its function works again */
const BETWEEN_MS = [500, 3_000] as const;
/** a function works again so soon after the start of its container, ms: issue 4 */
export const WORKS_WITHIN_MS = 3_000;
/** longest wait for every connection's first token, ms */
const TOKENS_WITHIN_MS = 90_000;
/**
 * Longest wait for all to be through, ms. What was in flight comes back after a minute; a listing whose sender was killed
 * in the middle of a call is free after five.
 */
const THROUGH_WITHIN_MS = 540_000;
/** A poll reads changes that are a minute old, three at Amazon: then it finds what no webhook has brought, ms. */
const POLLS_AFTER_MS = [70_000, 200_000, 330_000];
const LOOK_EVERY_MS = 2_000;
const TELL_EVERY_MS = 15_000;

export type Result = {
  kills: number;
  orders: number;
  webhooks: number;
  commands: number;
  effectsWrong: number;
  /** by function, its first work after each start of its container, ms from then on; null: none in half a minute */
  restarts: ReadonlyMap<string, readonly (Work | null)[]>;
  /** promises that are not kept, a line each */
  complaints: string[];
};

export async function runChaos(
  deps: FunctionDeps,
  stack: Stack,
  options: { kills: number; tell(line: string): void },
): Promise<Result> {
  const { clock } = deps;
  const { tell } = options;
  const { all: sandboxes } = await reachSandboxes(deps.send, stack.urls.sandbox);
  // A kill in the middle of a token exchange costs a seller's consent where tokens rotate: that is another test's.
  const deadline = clock.now() + TOKENS_WITHIN_MS;
  while (!(await haveTokens(deps))) {
    if (clock.now() > deadline) throw new Error(`no tokens within ${TOKENS_WITHIN_MS / 1000} s: see the logs`);
    await clock.sleep(LOOK_EVERY_MS);
  }
  const load = await startLoad(deps, sandboxes, stack.urls);
  const restarts = await interruptAll(deps, stack, load, options);
  tell(`the load ends: ${load.orders()} orders, ${load.commands.length} commands; waiting until all is through …`);
  await load.stop();
  const { complaints, events } = await untilThrough(deps, { sandboxes, load, sandboxUrl: stack.urls.sandbox, tell });

  const accounts = await accountsOf(sandboxes);
  const answers = events.filter(({ type }) => type === 'inventory-update.completed');
  tell(`${events.length} events for the seller, ${answers.length} of them answers; ${load.consents.answered} consents`);
  const slow = [...restarts].flatMap(([name, found]) =>
    found.filter((work) => work === null || work.done > WORKS_WITHIN_MS).map((work) => `${name}${worked(work)}`),
  );
  return {
    kills: options.kills,
    orders: accounts.reduce((sum, { stats }) => sum + stats.orders, 0),
    webhooks: accounts.reduce((sum, { stats }) => sum + stats.webhooks.accepted, 0),
    commands: load.commands.length,
    effectsWrong: complaints.length,
    restarts,
    complaints: [...complaints, ...slow],
  };
}

async function interruptAll(
  { clock, random }: FunctionDeps,
  stack: Stack,
  load: Load,
  { kills, tell }: { kills: number; tell(line: string): void },
): Promise<Map<string, (Work | null)[]>> {
  const restarts = new Map<string, (Work | null)[]>();
  for (const [index, { target, how }] of planInterruptions(kills).entries()) {
    const [from, to] = BETWEEN_MS;
    await clock.sleep(from + random.fraction() * (to - from));
    const container = stack.containers.get(target);
    if (container === undefined) throw new Error(`there is no container of ${target}`);
    await interrupt(clock, container, how);
    const work = how === 'kill' ? ((await workedAfterMs(clock, container)) ?? null) : undefined;
    if (work !== undefined) restarts.set(target, [...(restarts.get(target) ?? []), work]);
    const said = work === undefined ? '' : worked(work);
    tell(`${index + 1} of ${kills}: ${how} ${target}${said} (${load.orders()} orders)`);
  }
  return restarts;
}

const worked = (work: Work | null): string =>
  work
    ? ` took its first work ${work.taken} ms after its start, done at ${work.done} ms`
    : ' did no work after its start';

type Through = {
  sandboxes: readonly RemoteSandbox[];
  load: Load;
  sandboxUrl: string;
  tell(line: string): void;
};

/** Waits until nothing is under way and every promise is kept; at the deadline it is as it is. */
async function untilThrough(
  deps: FunctionDeps,
  { sandboxes, load, sandboxUrl, tell }: Through,
): Promise<{ complaints: string[]; events: AnyEvent[] }> {
  const { clock } = deps;
  const endedAt = clock.now();
  const polls = POLLS_AFTER_MS.map((afterMs) => endedAt + afterMs);
  const events: AnyEvent[] = [];
  let toldAt = endedAt;
  for (;;) {
    if (clock.now() > (polls[0] ?? Number.POSITIVE_INFINITY)) {
      polls.shift();
      await pollNow({ deps, sandboxes });
    }
    events.push(...(await takeSellerEvents(deps.queues)));
    const now = await underWay(deps, sandboxes);
    const isLast = clock.now() > endedAt + THROUGH_WITHIN_MS;
    const isDrained = isQuiet(now) && now.delayed === 0;
    let waitsFor = `${now.messages} messages in the queues, ${now.delayed} that come later`;
    if (isDrained || isLast) {
      const accounts = await accountsOf(sandboxes);
      const complaints = await brokenPromises(deps, { accounts, events, promised: load, sandboxUrl });
      if (!isDrained) complaints.push(`not through within ${THROUGH_WITHIN_MS / 1000} s: ${waitsFor}`);
      if (complaints.length === 0 || isLast) return { complaints, events };
      waitsFor = `${complaints[0]}, and ${complaints.length - 1} more`;
    }
    if (clock.now() - toldAt > TELL_EVERY_MS) {
      toldAt = clock.now();
      tell(`after ${Math.round((toldAt - endedAt) / 1000)} s: ${waitsFor}`);
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}

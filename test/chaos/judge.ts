import type { AnyEvent } from '#events/index.ts';
import { deadLetterQueue, QUEUES } from '#events/routes.ts';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import { verifyAuditLog } from '#services/all-in-one/demo/audit.ts';
import type { RemoteSandbox, SandboxStats } from '#services/all-in-one/remote-sandboxes.ts';
import { type Account, auditedIds, type OrderChanged, wrongEffects } from '#test/pipeline/wrong-effects.ts';
import { type Promised, stocksOf, type Taken } from './load.ts';

/** What is there when all is quiet. */
export type Outcome = {
  accounts: readonly (Account & { stats: SandboxStats })[];
  /** everything that the seller's systems were told */
  events: readonly AnyEvent[];
  promised: Promised;
  sandboxUrl: string;
};

export async function accountsOf(sandboxes: readonly RemoteSandbox[]): Promise<Outcome['accounts']> {
  return Promise.all(
    sandboxes.map(async ({ name, sellers, orders, stats }) => ({
      name,
      sellers,
      orders: await orders(),
      stats: await stats(),
    })),
  );
}

/** Every promise that is not kept, a line each; empty where all are. */
export async function brokenPromises(deps: FunctionDeps, outcome: Outcome): Promise<string[]> {
  const { accounts, events, promised, sandboxUrl } = outcome;
  // What was published again after a kill is there twice under one id, which is one event.
  const ids: Ids = new Map([...(await auditedIds(deps))].map(([kind, ofKind]) => [kind, new Set(ofKind)]));
  const told = events.filter((event): event is OrderChanged => event.type === 'order.changed');
  const stocks = await stocksOf(deps, sandboxUrl);
  return [
    ...promised.refusals,
    ...(await wrongEffects(deps, accounts, told)),
    ...unexpectedEvents(events),
    ...wrongAnswers(promised.commands, events, stocks),
    ...(await wrongTokens(deps, promised, ids)),
    ...(await wrongConsents(deps, promised, ids)),
    ...wrongEntries(events, ids),
    ...lostWebhooks(accounts, ids),
    ...accounts
      .filter(({ stats }) => stats.calls.throttled > 0)
      .map(({ name, stats }) => `${name} refused ${stats.calls.throttled} calls as too many`),
    ...(await deadLetters(deps)),
    ...(await auditTrouble(deps)),
  ];
}

const EXPECTED: readonly AnyEvent['type'][] = ['order.changed', 'inventory-update.completed'];

const unexpectedEvents = (events: readonly AnyEvent[]): string[] =>
  events
    .filter(({ type }) => !EXPECTED.includes(type))
    .map(({ type, id, data }) => `${id} is a ${type}: ${JSON.stringify(data).slice(0, 300)}`);

/** Each command that was taken has one answer, and the marketplace shows its quantity. */
export function wrongAnswers(
  commands: readonly Taken[],
  events: readonly AnyEvent[],
  stocks: ReadonlyMap<string, number>,
): string[] {
  const answers = new Map<string, Set<string>>();
  for (const { id, type, data } of events) {
    if (type !== 'inventory-update.completed') continue;
    answers.set(data.commandId, (answers.get(data.commandId) ?? new Set()).add(id));
  }
  return commands.flatMap(({ commandId, listing, quantity }) => {
    const count = answers.get(commandId)?.size ?? 0;
    const stock = stocks.get(listing);
    return [
      ...(count === 1 ? [] : [`command ${commandId} has ${count} answers`]),
      ...(stock === quantity ? [] : [`${listing} has a stock of ${stock}, and ${quantity} was asked for`]),
    ];
  });
}

/** ids of the audit log's entries, by kind */
type Ids = ReadonlyMap<string, ReadonlySet<string>>;

const countOf = (ids: Ids, kind: string, prefix: string): number =>
  [...(ids.get(kind) ?? [])].filter((id) => id.startsWith(prefix)).length;

/** Each token that was to be replaced was, and each new one is told once. */
async function wrongTokens(deps: FunctionDeps, { wishes }: Promised, ids: Ids): Promise<string[]> {
  const wrong: string[] = [];
  for (const [connectionId, asked] of wishes) {
    const generation = await deps.credentials.generation(connectionId);
    if (generation <= asked) wrong.push(`${connectionId} still has its token ${asked}, for which a new one was asked`);
    const told = countOf(ids, 'token.refreshed', `${connectionId}/`);
    // The first generation is the grant, which came with no token.
    if (told !== generation - 1) wrong.push(`${connectionId} got ${generation - 1} tokens, and ${told} were told`);
  }
  return wrong;
}

async function wrongConsents(deps: FunctionDeps, { consents }: Promised, ids: Ids): Promise<string[]> {
  const { connectionId, answered, lastBeganAt } = consents;
  const connection = await deps.connections.get(connectionId);
  const told = countOf(ids, 'connection.connected', `${connectionId}/connected/`);
  const isOld = (connection?.consentedAt ?? 0) < lastBeganAt;
  return [
    ...(connection?.status === 'active' && !isOld ? [] : [`${connectionId} is not connected as its seller was told`]),
    // The first consent was there before; those that came to nothing for their seller may have been finished later.
    ...(told >= answered + 1 ? [] : [`${connectionId} was connected ${answered} times, and ${told - 1} are told`]),
  ];
}

/** The audit log knows each order event and each answer, and no others. */
function wrongEntries(events: readonly AnyEvent[], ids: Ids): string[] {
  const wrong: string[] = [];
  for (const type of EXPECTED) {
    const known = ids.get(type) ?? new Set<string>();
    const told = new Set(events.filter((event) => event.type === type).map(({ id }) => id));
    const missing = told.difference(known).size;
    if (missing > 0) wrong.push(`the audit log lacks ${missing} entries of ${type}`);
    const untold = known.difference(told).size;
    if (untold > 0) wrong.push(`the audit log has ${untold} entries of ${type} that the seller was not told`);
  }
  return wrong;
}

/**
 * What was answered 2xx has an entry, whatever a later poll has made up for. A webhook whose answer got lost may have one
 * too, though its marketplace has counted it as refused.
 */
export function lostWebhooks(accounts: readonly { stats: Pick<SandboxStats, 'webhooks'> }[], ids: Ids): string[] {
  const accepted = accounts.reduce((sum, { stats }) => sum + stats.webhooks.accepted, 0);
  const refused = accounts.reduce((sum, { stats }) => sum + stats.webhooks.refused, 0);
  const entries = ids.get('webhook.received')?.size ?? 0;
  if (entries >= accepted && entries <= accepted + refused) return [];
  return [`${accepted} webhooks were answered 2xx, ${refused} were not, and the audit log has ${entries}`];
}

async function deadLetters({ queues }: FunctionDeps): Promise<string[]> {
  const wrong: string[] = [];
  for (const queue of QUEUES.map(deadLetterQueue)) {
    const { visible, inFlight, delayed } = await queues.depth(queue);
    if (visible + inFlight + delayed > 0) wrong.push(`${queue} holds ${visible + inFlight + delayed}`);
  }
  return wrong;
}

async function auditTrouble(deps: FunctionDeps): Promise<string[]> {
  const { verified, problem } = await verifyAuditLog(deps);
  return verified ? [] : [`the audit log does not verify: ${problem}`];
}

import { refusesGrant } from '#test/simulation/ledger.ts';
import type { Inside } from '#test/simulation/simulation.ts';
import type { Call, Checker } from '#test/simulation/watch.ts';

const RULE = 'no refresh token is lost';
/** how soon a rotated token is stored by a worker that nothing happens to, ms */
const STORED_WITHIN_MS = 60_000;
/** how soon a dead grant is told once the marketplace has refused it, ms: a minute, and the tick that finds it again */
const TOLD_WITHIN_MS = 360_000;
/** how long after a process began to stand still that may tell, ms */
const STANDS_STILL_MS = 600_000;
/** what each fault that befalls token-refresh meanwhile may add, ms: a message that comes back by its visibility timeout */
const FAULT_MAY_ADD_MS = 180_000;

type Stored = {
  generation: number;
  accessToken: string | null;
  refreshToken: string | null;
  lease: { startedAt: number } | null;
};

/** What became of a refresh token that a marketplace gave in place of another. */
type Rotation = { connectionId: string; refreshToken: string; at: number; worker: string; isExcused: boolean };

/**
 * One exchange at a time for each connection; a rotated token is stored unless the network, a crash or the engine takes
 * it; a connection asks for consent only where the marketplace would take nothing that is stored, and then soon.
 */
export function checkGrants(inside: Inside): Checker {
  const { clock, ledger } = inside;
  const violate = (text: string): void => inside.violate(RULE, text);
  const underWay = new Map<string, Call>();
  const rotations = new Map<string, Rotation>();
  const stored = new Map<string, string>();
  const statuses = new Map<string, string>();
  /** the worker that took the lease last */
  const holders = new Map<string, string>();
  /** the access token that was stored last, by its place in the order of issue */
  const newest = new Map<string, number>();
  const stoodStillAt = new Map<string, number>();
  let misfortunes = 0;
  const told = new Set<string>();
  /** dead grants that a worker was refused with, and nobody was told of yet */
  const refused = new Map<string, { at: number; misfortunes: number }>();

  const isTokenWorker = (worker: string): boolean => worker.startsWith('token-refresh');

  /** A process that stands still longer than its lease comes back with it to an exchange that another has begun. */
  const stoodStill = (worker: string): boolean =>
    clock.now() - (stoodStillAt.get(worker) ?? Number.NEGATIVE_INFINITY) < STANDS_STILL_MS;

  /** Something befell the worker: what it was about to store may be lost. */
  function excuse(worker: string): void {
    if (isTokenWorker(worker)) misfortunes += 1;
    for (const rotation of rotations.values()) if (rotation.worker === worker) rotation.isExcused = true;
  }

  function isDead(connectionId: string): boolean {
    const grant = ledger.grants.get(connectionId);
    return grant !== undefined && (grant.revokedAt !== undefined || grant.refreshToken !== stored.get(connectionId));
  }

  function keepStored(connectionId: string, before: Stored | undefined, after: Stored, by: string): void {
    if (after.lease && after.lease.startedAt !== before?.lease?.startedAt) holders.set(connectionId, by);
    if (before && after.generation > before.generation && by !== 'outside' && holders.get(connectionId) !== by) {
      violate(`${by} stored a token of ${connectionId} without holding its lease`);
    }
    if (after.accessToken !== null && after.accessToken !== before?.accessToken) {
      const issued = ledger.issued.get(inside.encryption.decrypt(after.accessToken, connectionId)) ?? -1;
      const isOld = issued < (newest.get(connectionId) ?? -1);
      if (isOld) violate(`${by} stored a token of ${connectionId} that is older than the one before`);
      newest.set(connectionId, issued);
    }
    const { refreshToken } = after;
    if (refreshToken === null) return;
    const token = inside.encryption.decrypt(refreshToken, connectionId);
    stored.set(connectionId, token);
    if (rotations.get(connectionId)?.refreshToken === token) rotations.delete(connectionId);
  }

  function changeStatus(connectionId: string, status: string): void {
    if (statuses.get(connectionId) === status) return;
    statuses.set(connectionId, status);
    if (status === 'active') {
      refused.delete(connectionId);
      told.delete(connectionId);
    }
    if (status === 'needs-consent' && !isDead(connectionId)) {
      violate(`${connectionId} asks for consent, and the marketplace takes its refresh token`);
    }
  }

  function lookAtRotations(): void {
    for (const [connectionId, { at, worker, isExcused, refreshToken }] of rotations) {
      if (isExcused || clock.now() - at < STORED_WITHIN_MS) continue;
      rotations.delete(connectionId);
      if (ledger.grants.get(connectionId)?.refreshToken !== refreshToken) continue; // the seller has consented anew
      violate(`${worker} got a new refresh token of ${connectionId}, and did not store it`);
    }
  }

  function lookAtRefusals(): void {
    for (const [connectionId, refusal] of refused) {
      const mayTakeMs = TOLD_WITHIN_MS + (misfortunes - refusal.misfortunes) * FAULT_MAY_ADD_MS;
      if (clock.now() - refusal.at <= mayTakeMs) continue;
      refused.delete(connectionId);
      violate(`the grant of ${connectionId} is dead and was refused, and nobody was told`);
    }
  }

  return {
    rule: RULE,
    callStarted(call) {
      const { exchangeOf, worker } = call;
      if (exchangeOf === undefined) return;
      const other = underWay.get(exchangeOf);
      if (other && !stoodStill(worker) && !stoodStill(other.worker)) {
        violate(`${worker} exchanges the token of ${exchangeOf} while ${other.worker} does`);
      }
      underWay.set(exchangeOf, call);
    },
    callEnded(call) {
      const { exchangeOf, worker, response } = call;
      if (exchangeOf === undefined || call.isOrphan) return;
      if (underWay.get(exchangeOf) === call) underWay.delete(exchangeOf);
      if (response && refusesGrant(response) && isDead(exchangeOf) && !told.has(exchangeOf)) {
        if (refused.has(exchangeOf)) return;
        refused.set(exchangeOf, { at: clock.now(), misfortunes });
      }
      const grant = ledger.grants.get(exchangeOf);
      const isWhole =
        response?.status === 200 &&
        grant !== undefined &&
        response.body.includes(grant.refreshToken) &&
        isJson(response.body);
      if (!isWhole || stored.get(exchangeOf) === grant.refreshToken) return;
      rotations.set(exchangeOf, { ...grant, at: clock.now(), worker, isExcused: stoodStill(worker) });
    },
    crashed(worker) {
      excuse(worker);
      for (const [connectionId, call] of underWay) if (call.worker === worker) underWay.delete(connectionId);
    },
    struck(kind, worker) {
      if (kind === 'pause') stoodStillAt.set(worker, clock.now());
      excuse(worker);
    },
    sent({ queue, body }, by) {
      if (body.includes('"token.refreshed"')) {
        for (const { connectionId, worker, isExcused } of rotations.values()) {
          if (worker !== by || isExcused || !body.includes(`"${connectionId}"`)) continue;
          violate(`${by} told that ${connectionId} has a new token before it was stored`);
        }
      }
      if (queue !== 'seller-events' || !body.includes('"connection.consent-needed"')) return;
      const { data } = JSON.parse(body) as { data: { connectionId: string } };
      refused.delete(data.connectionId);
      told.add(data.connectionId);
    },
    wrote({ table, partition, sort, before, after }, by) {
      if (after === undefined) return;
      if (table === 'credentials') {
        keepStored(partition, before === undefined ? undefined : JSON.parse(before), JSON.parse(after), by);
      }
      if (table === 'connections' && sort === 'connection') {
        changeStatus(partition, (JSON.parse(after) as { status: string }).status);
      }
    },
    everyMinute() {
      lookAtRotations();
      lookAtRefusals();
    },
    async finish() {
      for (const { connectionId } of ledger.grants.values()) {
        const connection = await inside.deps.connections.get(connectionId);
        const token = await inside.deps.credentials.accessToken(connectionId);
        const isInForce = token !== undefined && token.expiresAt > clock.now();
        if (connection?.status === 'active') {
          // A grant that was taken back shows only when its access token has ended.
          if (!isInForce) violate(`${connectionId} has no token in force, and does not ask for consent`);
        } else if (!isDead(connectionId)) violate(`${connectionId} asks for consent, and its grant is good`);
        else if (!connection?.announced) violate(`nobody was told that ${connectionId} asks for consent`);
      }
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // it was cut on its way
  }
}

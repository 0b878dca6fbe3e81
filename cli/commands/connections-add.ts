import { readFileSync } from 'node:fs';
import { defineCommand, WrongCall } from '#cli/command.ts';
import { recordActions } from '#cli/operator-actions.ts';
import { list, text, time } from '#cli/options.ts';
import { connectApp, connectSeller } from '#platform/functions/connect-seller.ts';
import { createFunctionDeps } from '#platform/functions/deps.ts';
import { registrationSecret } from '#platform/state/secrets.ts';

export const connectionsAdd = defineCommand({
  name: 'connections add',
  takes: ['marketplace', 'seller'],
  says: 'Connects a seller by a refresh token that you have, or gives a connection a new one',
  options: {
    'refresh-token-file': text('FILE', 'a file that holds the refresh token and nothing else; it is needed'),
    id: text('ID', 'how the connection is called; <marketplace>-<seller> where it is not given'),
    'consent-ends': time('when the consent ends; without it, the calendar counts from today'),
    setting: list('NAME=VALUE', 'what the marketplace wants to know besides, such as marketplaceIds=A1F83G8C2ARO7P'),
  },
  async run(deps, { words: [marketplace, sellerId], values }) {
    const world = await deps.open();
    const file = values['refresh-token-file'];
    if (!file)
      throw new WrongCall('--refresh-token-file is missing: a token on the command line would be seen by others');
    const settings = Object.fromEntries(values.setting.map(readSetting));
    const functionDeps = await createFunctionDeps(world, 'cli');
    if (!functionDeps.members.has(marketplace)) {
      const name = registrationSecret(marketplace);
      throw new Error(`${marketplace} is not set up: put its registration into the secrets as ${name}`);
    }
    const ofSeller = await functionDeps.connections.bySeller(marketplace, sellerId);
    const connectionId = values.id ?? ofSeller?.connectionId ?? `${marketplace}-${sellerId}`;
    if (ofSeller && ofSeller.connectionId !== connectionId) {
      throw new Error(`${ofSeller.connectionId} is this seller's connection: leave --id out to give it the new token`);
    }
    if (!ofSeller && (await functionDeps.connections.get(connectionId))) {
      throw new Error(`${connectionId} is the connection of another seller: give another --id`);
    }
    const refreshToken = readToken(file);
    const consentEnds = values['consent-ends'];
    await connectSeller(functionDeps, {
      ...{ connectionId, marketplace, sellerId, settings, grant: 'seller', refreshToken },
      ...(consentEnds !== undefined && { consentEndsAt: Date.parse(consentEnds) }),
    });
    await connectApp(functionDeps, marketplace);
    await recordActions(deps, 'connections add', [connectionId]);
    return {
      json: { connectionId, marketplace, sellerId },
      text: [`${connectionId} is connected. Its first token is asked for; sluice connections shows when it is there.`],
    };
  },
});

function readSetting(given: string): [string, string] {
  const at = given.indexOf('=');
  if (at < 1) throw new WrongCall(`--setting is ${JSON.stringify(given)}: give NAME=VALUE`);
  return [given.slice(0, at), given.slice(at + 1)];
}

function readToken(file: string): string {
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (thrown) {
    throw new Error(
      `can't read ${file} (${(thrown as NodeJS.ErrnoException).code}): name a file that this user may read`,
    );
  }
  if (token === '') throw new Error(`${file} is empty: put the refresh token into it`);
  return token;
}

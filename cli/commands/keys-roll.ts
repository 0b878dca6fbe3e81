import { defineCommand } from '#cli/command.ts';
import { recordActions } from '#cli/operator-actions.ts';
import { rollDataKey } from '#platform/state/secrets.ts';

export const keysRoll = defineCommand({
  name: 'keys roll',
  takes: [],
  says: 'Makes a new data key for tokens and buyers, in force a quarter of an hour later; nothing has to be restarted',
  options: {},
  async run(deps) {
    const { engine, random, clock } = await deps.open();
    const { version, inForceAt } = await rollDataKey({ secrets: engine.secrets, random, clock });
    await recordActions(deps, 'keys roll', [`data-key/${version}`]);
    const from = new Date(inForceAt).toISOString();
    return {
      json: { version, inForceAt: from },
      text: [
        `Data key ${version} encrypts from ${from} on.`,
        'Tokens that lie still are encrypted anew after that. The keys before it stay, and go on decrypting.',
      ],
    };
  },
});

import { defineCommand } from '#cli/command.ts';
import { recordActions } from '#cli/operator-actions.ts';
import { rollSellerApiKey } from '#platform/state/secrets.ts';

export const apiKeysRoll = defineCommand({
  name: 'api-keys roll',
  takes: [],
  says: "Makes a new key for the seller's systems; the one before it is good until the next roll",
  options: {},
  async run(deps) {
    const { engine, random } = await deps.open();
    const key = await rollSellerApiKey({ secrets: engine.secrets, random });
    await recordActions(deps, 'api-keys roll', ['seller-api-keys']);
    return {
      json: { key },
      text: [key, 'It is good at once. Give it to your systems, then roll again: that ends the one before.'],
    };
  },
});

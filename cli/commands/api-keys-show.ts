import { defineCommand } from '#cli/command.ts';
import { newestSellerApiKey } from '#platform/state/secrets.ts';

export const apiKeysShow = defineCommand({
  name: 'api-keys show',
  takes: [],
  says: "Prints the newest key by which the seller's systems may send commands",
  options: {},
  async run(deps) {
    const { engine, random } = await deps.open();
    const key = await newestSellerApiKey({ secrets: engine.secrets, random }, { createIfAbsent: false });
    return { json: { key }, text: [key] };
  },
});

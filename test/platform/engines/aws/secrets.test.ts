import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { openSecrets } from '#platform/engines/aws/secrets.ts';
import { drivenClock } from '#test/support/driven-clock.ts';

const refusal = (name: string, message = 'no'): Error =>
  Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode: 400 } });

/** Secrets Manager, whose reads see a write only after some looks. */
function world({ looksUntilSeen = 0, isDeleted = false } = {}) {
  const secretsById = new Map<string, Map<string, string>>();
  const current = new Map<string, string>();
  let looksLeft = looksUntilSeen;
  let tokens = 0;
  const client = {
    async send(command: unknown) {
      if (isDeleted) throw refusal('InvalidRequestException', 'the secret was marked for deletion: value 7');
      if (command instanceof GetSecretValueCommand) {
        const value = current.get(command.input.SecretId!);
        if (value === undefined || looksLeft-- > 0) throw refusal('ResourceNotFoundException');
        return { SecretString: value };
      }
      assert.ok(command instanceof CreateSecretCommand || command instanceof PutSecretValueCommand);
      const isCreate = command instanceof CreateSecretCommand;
      const id = isCreate ? command.input.Name! : command.input.SecretId!;
      const { SecretString = '', ClientRequestToken = `token ${tokens++}` } = command.input;
      const versions = secretsById.get(id);
      if (isCreate && versions) throw refusal('ResourceExistsException');
      if (!isCreate && !versions) throw refusal('ResourceNotFoundException');
      const before = versions?.get(ClientRequestToken);
      if (before !== undefined && before !== SecretString) throw refusal('ResourceExistsException');
      secretsById.set(id, (versions ?? new Map<string, string>()).set(ClientRequestToken, SecretString));
      current.set(id, SecretString);
      return {};
    },
  };
  const clock = drivenClock();
  const open = () => openSecrets({ secrets: client as unknown as SecretsManagerClient, clock }, { stack: 'acme' });
  return { open, current, addEmpty: (id: string) => secretsById.set(id, new Map()) };
}

test('names are those of the stack', async () => {
  const { open, current } = world();
  await open().put('sluice/registrations/shopee', 'v');
  assert.deepEqual([...current], [['acme/registrations/shopee', 'v']]);
});

test('who finds a secret that is not readable yet waits for its value', async () => {
  const { open } = world({ looksUntilSeen: 4 });
  assert.equal(await open().create('sluice/data-key', 'first'), 'first');
  assert.equal(await open().create('sluice/data-key', 'second'), 'first');
});

test('of those who find a secret without a value, one gives it one, and all read that', async () => {
  const { open, addEmpty } = world();
  addEmpty('acme/data-key');
  const created = await Promise.all(['a', 'b', 'c'].map((value) => open().create('sluice/data-key', value)));
  assert.equal(new Set(created).size, 1);
});

test('a secret that is marked for deletion is named, with what to do, and nothing of its value', async () => {
  const { open } = world({ isDeleted: true });
  for (const run of [
    () => open().get('sluice/x'),
    () => open().create('sluice/x', 'v'),
    () => open().put('sluice/x', 'v'),
  ]) {
    await assert.rejects(run(), {
      kind: 'permanent',
      message: /^the secret acme\/x is marked for deletion: restore it/,
    });
  }
});

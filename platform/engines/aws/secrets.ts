import { createHash } from 'node:crypto';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Secrets } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import { Failure } from '#platform/runtime/failure.ts';
import { asking } from './failures.ts';
import { secretName } from './names.ts';

/** How often, and how long apart, ms, the value of a secret is asked for that another has just created: 3 s in all. */
const MAX_LOOKS = 15;
const LOOK_PAUSE_MS = 200;

const MISSING = 'ResourceNotFoundException';
const THERE_ALREADY = 'ResourceExistsException';

/** The port over AWS Secrets Manager. */
export function openSecrets(
  { secrets, clock }: { secrets: Pick<SecretsManagerClient, 'send'>; clock: Clock },
  { stack }: { stack: string },
): Secrets {
  const asked = (action: string, name: string) => ({ action: `secretsmanager:${action}`, of: `the secret ${name}` });

  async function read(SecretId: string): Promise<string | undefined> {
    return asking(asked('GetSecretValue', SecretId), async () => {
      try {
        return (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString;
      } catch (thrown) {
        if (isNamed(thrown, MISSING)) return undefined;
        throw explained(thrown, SecretId);
      }
    });
  }

  /** Creates it; false where one of this name is there. */
  async function createNew(Name: string, SecretString: string): Promise<boolean> {
    return asking(asked('CreateSecret', Name), async () => {
      try {
        await secrets.send(new CreateSecretCommand({ Name, SecretString, ClientRequestToken: firstVersion(Name) }));
        return true;
      } catch (thrown) {
        if (isNamed(thrown, THERE_ALREADY)) return false;
        throw explained(thrown, Name);
      }
    });
  }

  /** Gives a value to a secret that is there; false where none is. With `ClientRequestToken`: only the first one's counts. */
  async function putValue(SecretId: string, SecretString: string, ClientRequestToken?: string): Promise<boolean> {
    return asking(asked('PutSecretValue', SecretId), async () => {
      try {
        await secrets.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken }));
        return true;
      } catch (thrown) {
        if (isNamed(thrown, MISSING)) return false;
        if (isNamed(thrown, THERE_ALREADY) && ClientRequestToken !== undefined) return true;
        throw explained(thrown, SecretId);
      }
    });
  }

  return {
    get: (name) => read(secretName(stack, name)),

    async put(name, value) {
      const id = secretName(stack, name);
      if ((await putValue(id, value)) || (await createNew(id, value))) return;
      await putValue(id, value); // another has created it meanwhile
    },

    async create(name, value) {
      const id = secretName(stack, name);
      if (await createNew(id, value)) return value;
      for (let looks = 1; looks <= MAX_LOOKS; looks++) {
        const found = await read(id);
        if (found !== undefined) return found;
        // A new secret is not readable everywhere at once; one that was made without a value is given this one.
        if (looks === MAX_LOOKS - 1) await putValue(id, value, firstVersion(id));
        await clock.sleep(LOOK_PAUSE_MS);
      }
      const message = `the secret ${id} is there and has no value: put one, or delete it`;
      throw new Failure('retryable', message, { code: 'engine-secret-empty' });
    },
  };
}

/** The id of a secret's first version, the same for all who create it: of several values for it, one is taken. */
const firstVersion = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 32);

const isNamed = (thrown: unknown, name: string): boolean => thrown instanceof Error && thrown.name === name;

function explained(thrown: unknown, name: string): unknown {
  if (!isNamed(thrown, 'InvalidRequestException') || !/deletion|deleted/i.test((thrown as Error).message))
    return thrown;
  const message = `the secret ${name} is marked for deletion: restore it (aws secretsmanager restore-secret)`;
  return new Failure('permanent', message, { code: 'engine-secret-deleted' });
}

import type { App } from 'aws-cdk-lib';
import { createApp } from '#infra/app.ts';
import { deployed, readSettings } from '#infra/settings.ts';

export const STACK = 'acme';
export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
const SUFFIX = 'amazonaws.com';

/** What the functions are deployed with: each image has a digest of its own. */
export const digestOf = (name: string): string => `sha256:${Buffer.from(name.padEnd(32)).toString('hex')}`;
const context: Record<string, unknown> = {
  stack: STACK,
  imageDigests: Object.fromEntries(deployed.map(({ name }) => [name, digestOf(name)])),
  publicUrl: 'https://hooks.example.com',
  certificateArn: `arn:aws:acm:${REGION}:${ACCOUNT}:certificate/1`,
  auditLogs: 'audit,audit-2',
  environment: { SLUICE_BACKFILL_DAYS: 60 },
  alarmTopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:alarms`,
};

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON that each test looks into
type Json = any;
export type Resource = { id: string; Type: string; Properties: Json; UpdateReplacePolicy?: string };
export type Synthesized = { template: Json; resources: Resource[]; ofType(type: string): Resource[] };

/** The templates as CloudFormation sees them: pseudo parameters and joins resolved, references as `{ Ref }` to an id. */
export function synthesize(): { app: App; state: Synthesized; images: Synthesized; functions: Synthesized } {
  const app = createApp(readSettings(new Map(Object.entries(context))));
  const assembly = app.synth();
  const [state, images, functions] = ['state', 'images', 'functions'].map((name) => {
    const template = resolved(assembly.getStackByName(`${STACK}-${name}`).template) as Json;
    const resources = Object.entries(template.Resources as Json).map(
      ([id, resource]) => ({ ...(resource as object), id }) as Resource,
    );
    return { template, resources, ofType: (type: string) => resources.filter(({ Type }) => Type === type) };
  }) as [Synthesized, Synthesized, Synthesized];
  return { app, state, images, functions };
}

const PSEUDO: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::URLSuffix': SUFFIX,
};

function resolved(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(resolved);
  if (typeof json !== 'object' || json === null) return json;
  if ('Ref' in json && PSEUDO[String(json.Ref)] !== undefined) return PSEUDO[String(json.Ref)];
  if ('Fn::GetAtt' in json) return { Ref: (json['Fn::GetAtt'] as string[])[0] };
  const entries = Object.entries(json).map(([key, value]) => [key, resolved(value)] as const);
  const [first] = entries;
  if (first?.[0] === 'Fn::Join') {
    const [separator, parts] = first[1] as [string, unknown[]];
    if (parts.every((part) => typeof part === 'string')) return parts.join(separator);
  }
  return Object.fromEntries(entries);
}

import { QUEUES, schedules } from '#events/routes.ts';
import { deployed } from './settings.ts';
import { type FunctionTopology, sellerSystems } from './topology.ts';

/** The block of a document that holds the picture. */
const BLOCK = /(<!-- topology:begin -->\n)[\s\S]*?(<!-- topology:end -->)/;

/** The document with the picture as the topology is now; throws where it has no place for one. */
export function withPicture(markdown: string): string {
  if (!BLOCK.test(markdown)) throw new Error('the document has no <!-- topology:begin -->…<!-- topology:end -->');
  return markdown.replace(BLOCK, (_, begin: string, end: string) => `${begin}${picture()}\n${end}`);
}

const MARKETPLACES = 'marketplaces';
const SELLER = 'seller';
const SCHEDULES = 'schedules';

/** Functions and queues as a Mermaid chart, and who touches which tables and secrets as a table. */
function picture(): string {
  return `${note}

\`\`\`mermaid
flowchart LR
${[...nodes(), ...edges()].map((line) => `  ${line}`).join('\n')}
\`\`\`

Everybody also sends to \`audit\`. Who consumes a queue also sends to it, messages that come back later, and to its
dead-letter queue. Every function reads the secrets ${code(common(({ secrets }) => secrets.reads))}, which the operator puts,
and ${code(common(({ secrets }) => secrets.creates))}, which it makes where it is missing.

| function | serves | reads and writes | only reads | only writes | makes and reads |
|---|---|---|---|---|---|
${deployed.map((topology) => `| ${rowOf(topology).join(' | ')} |`).join('\n')}`;
}

const note = '_Made from `infra/topology.ts` and `events/routes.ts` by `npm run topology`._';

const queueId = (queue: string): string => `q-${queue}`;

function nodes(): string[] {
  return [
    `${MARKETPLACES}{{marketplaces and their sellers}}`,
    `${SELLER}{{"the seller's own systems"}}`,
    `${SCHEDULES}((schedules))`,
    ...QUEUES.map((queue) => `${queueId(queue)}([${queue}])`),
    ...deployed.map(({ name }) => `${name}[${name}]`),
  ];
}

function edges(): string[] {
  const own = (topology: Pick<FunctionTopology, 'consumes' | 'sends'>, id: string): string[] => [
    ...topology.consumes.map((queue) => `${queueId(queue)} --> ${id}`),
    ...topology.sends.filter((queue) => queue !== 'audit').map((queue) => `${id} --> ${queueId(queue)}`),
  ];
  const http = ({ name, serves }: FunctionTopology): string[] => {
    if (!serves) return [];
    if (serves.publicPaths.length === 0) return [`${SELLER} -- HTTP --> ${name}`];
    return [`${MARKETPLACES} -- "${serves.publicPaths.join(', ')}" --> ${name}`];
  };
  const ticks = Map.groupBy(schedules, ({ queue }) => queue);
  return [
    `${MARKETPLACES} -- Amazon --> ${queueId('amazon-notifications')}`,
    ...deployed.flatMap((topology) => [
      ...http(topology),
      ...own(topology, topology.name),
      ...(topology.callsOut ? [`${topology.name} -. calls .-> ${MARKETPLACES}`] : []),
    ]),
    ...own(sellerSystems, SELLER),
    ...[...ticks].map(
      ([queue, rules]) => `${SCHEDULES} -- "${rules.map(({ name }) => name).join(', ')}" --> ${queueId(queue)}`,
    ),
  ];
}

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** What all functions have in common. */
function common(namesOf: (topology: FunctionTopology) => readonly string[]): string[] {
  const [first, ...others] = deployed.map(namesOf);
  return first!.filter((name) => others.every((names) => names.includes(name)));
}

function rowOf({ name, serves, reads, writes, secrets }: FunctionTopology): string[] {
  const shared = common((topology) => topology.secrets.creates);
  return [
    `\`${name}\``,
    serves ? `${serves.port}` : '',
    code(reads.filter((table) => writes.includes(table))),
    code(reads.filter((table) => !writes.includes(table))),
    code(writes.filter((table) => !reads.includes(table))),
    code(secrets.creates.filter((secret) => !shared.includes(secret))),
  ];
}

/** The ACL as a table: which role may receive and publish what of a gateway's topics (SPEC.md, Topics). */
import { TOPICS, type TopicName } from '@timeband/protocol';

export const ROLES = ['subscriber', 'console', 'operator', 'technician', 'uplink', 'peer'] as const;
export type Role = (typeof ROLES)[number];

export interface Access {
  readonly topic: TopicName;
  /** One value of `{type}` that goes by a row of its own. */
  readonly type?: string;
  readonly receive: readonly Role[];
  readonly publish: readonly Role[];
}

const NOBODY: readonly Role[] = [];
/** Who is told what happens at the centre. */
const LISTENERS: readonly Role[] = ['subscriber', 'console', 'operator', 'uplink'];
/** Mediation is confidential: that a case exists is already a matter for few. */
const CONFIDANTS: readonly Role[] = ['console', 'operator', 'uplink'];
/** Who may ask the gateway for something; `{client}` is their own account. */
const COMMANDERS: readonly Role[] = ['console', 'operator', 'technician'];

/** The first row that fits a topic decides; what fits none is denied. */
export const ACCESS: readonly Access[] = [
  { topic: 'event', type: 'mediate', receive: CONFIDANTS, publish: NOBODY },
  { topic: 'event', receive: LISTENERS, publish: NOBODY },
  { topic: 'json', type: 'mediate', receive: CONFIDANTS, publish: NOBODY },
  { topic: 'json', receive: LISTENERS, publish: NOBODY },
  { topic: 'status', receive: ROLES, publish: NOBODY },
  { topic: 'health', receive: [...LISTENERS, 'technician'], publish: NOBODY },
  { topic: 'certificate', receive: ROLES, publish: NOBODY },
  { topic: 'head', receive: ROLES, publish: NOBODY },
  { topic: 'help', receive: LISTENERS, publish: NOBODY },
  { topic: 'policy', receive: ['uplink', 'peer'], publish: ['uplink'] },
  { topic: 'forward', receive: NOBODY, publish: ['peer'] },
  { topic: 'forwardAnswer', receive: ['peer'], publish: NOBODY },
  { topic: 'request', receive: NOBODY, publish: COMMANDERS },
  { topic: 'response', receive: COMMANDERS, publish: NOBODY },
];

/** Below `tb/1/{site}/{gateway}`, with its parameters in braces. */
export function pathOf({ topic, type }: Access): string {
  const { path } = TOPICS[topic];
  return type === undefined ? path : path.replace('{type}', type);
}

/** The table for people, in Markdown. */
export function accessTable(): string {
  const mark = (row: Access, role: Role): string => {
    const words = [row.receive.includes(role) && 'receive', row.publish.includes(role) && 'publish'];
    return words.filter((word) => word !== false).join(', ') || '–';
  };
  const rows = [
    ['below `tb/1/{site}/{gateway}/`', ...ROLES],
    ['---', ...ROLES.map(() => '---')],
    ...ACCESS.map((row) => [`\`${pathOf(row)}\``, ...ROLES.map((role) => mark(row, role))]),
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

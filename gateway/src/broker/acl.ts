/** Who may subscribe to, receive and publish what. Whatever is not allowed here is denied. */
import { gatewayTopics, isId } from '@timeband/protocol';
import { hasWildcard, intersects } from './topic-filter.js';

export const ROLES = ['subscriber', 'console', 'operator', 'technician', 'uplink', 'peer'] as const;
export type Role = (typeof ROLES)[number];

/** Mediation is confidential: that a case exists is already a matter for few. */
const CONFIDENTIAL_TYPE = 'mediate';
const MAY_RECEIVE_CONFIDENTIAL: ReadonlySet<Role> = new Set<Role>(['console', 'operator', 'uplink']);

export interface Acl {
  /** A wildcard filter within the gateway's topics is granted, and `mayReceive` withholds what the role may not see. */
  readonly maySubscribe: (role: Role, filter: string) => boolean;
  readonly mayReceive: (role: Role, topic: string) => boolean;
  readonly mayPublish: (role: Role, topic: string) => boolean;
}

export function createAcl(site: string, gateway: string): Acl {
  const topics = gatewayTopics(site, gateway);
  const root = topics.event('').replace(/event\/$/, '');
  const single = new Set([topics.status, topics.health, topics.certificate, topics.head, topics.help]);
  const branches = [topics.events, topics.jsons, ...single];

  const mayReceive = (role: Role, topic: string): boolean => {
    if (single.has(topic)) return true;
    const prefix = [topics.event(''), topics.json('')].find((start) => topic.startsWith(start));
    if (prefix === undefined) return false;
    const type = topic.slice(prefix.length);
    return isId(type) && (type !== CONFIDENTIAL_TYPE || MAY_RECEIVE_CONFIDENTIAL.has(role));
  };

  return {
    mayReceive,
    maySubscribe: (role, filter) => {
      if (!filter.startsWith(root)) return false;
      if (!hasWildcard(filter)) return mayReceive(role, filter);
      return branches.some((branch) => intersects(branch, filter));
    },
    mayPublish: () => false, // requests will be the first thing that a client may publish
  };
}

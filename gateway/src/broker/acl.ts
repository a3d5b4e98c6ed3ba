/**
 * Who may subscribe to, receive, publish and retain what (SPEC.md, Topics). A gateway's topics go by role, as the table
 * of access says; others by what an account was granted. Whatever is not allowed is denied.
 */
import { isId, TOPIC_ROOT, type TopicName, TOPICS } from '@timeband/protocol';
import { ACCESS, type Access, pathOf, type Role } from './access.js';
import { covers, hasWildcard, intersects } from './topic-filter.js';

/** What a client is known by once it has logged in. */
export interface Login {
  readonly account: string;
  readonly role: Role;
  /** Account of the ledger that it acts for: events of everybody are not for it. */
  readonly organisation?: string | undefined;
  /** Filters of topics outside `tb/` that the account may publish on, and those that it may subscribe to. */
  readonly publish?: readonly string[] | undefined;
  readonly subscribe?: readonly string[] | undefined;
}

export interface Acl {
  /** A wildcard filter within the gateway's topics is granted, and `mayReceive` withholds what the role may not see. */
  readonly maySubscribe: (login: Login, filter: string) => boolean;
  readonly mayReceive: (login: Login, topic: string) => boolean;
  /** @param retain whether the broker is to keep the message, which not every topic allows */
  readonly mayPublish: (login: Login, topic: string, retain: boolean) => boolean;
}

/** Topics under this belong to gateways, and those of "$" to the broker: no grant opens any of them. */
const RESERVED = TOPIC_ROOT.split('/')[0] ?? '';

/** What an account of an organisation uses; all else tells of residents who have nothing to do with it. */
const FOR_ORGANISATIONS: ReadonlySet<TopicName> = new Set<TopicName>([
  ...(['status', 'health', 'certificate', 'head', 'request', 'response'] as const),
]);

/**
 * Whether an account may be granted a filter: a valid one (MQTT 3.1.1 §4.7.1) that names no reserved topic. Where it begins with a
 * wildcard it means all topics but those.
 */
export function isGrantable(filter: string): boolean {
  const levels = filter.split('/');
  const valid = levels.every(
    (level, i) => level === '+' || (level === '#' && i === levels.length - 1) || !/[+#\p{Cc}]/u.test(level),
  );
  return filter !== '' && filter.length <= 256 && valid && !isReserved(filter);
}

export function createAcl(site: string, gateway: string): Acl {
  const root = `${TOPIC_ROOT}/${site}/${gateway}/`;
  const rows = ACCESS.map((row) => ({ row, path: pathOf(row).split('/') }));

  const rowOf = (account: string, topic: string): Access | undefined => {
    if (!topic.startsWith(root)) return undefined;
    const levels = topic.slice(root.length).split('/');
    return rows.find(({ path }) => path.length === levels.length && path.every(fits(account, levels)))?.row;
  };
  const isOpenTo = ({ organisation }: Login, row: Access): boolean =>
    organisation === undefined || FOR_ORGANISATIONS.has(row.topic);
  const mayReceive = (login: Login, topic: string): boolean => {
    const { account, role, subscribe = [] } = login;
    if (!isReserved(topic)) return subscribe.some((granted) => intersects(granted, topic));
    const row = rowOf(account, topic);
    return row !== undefined && row.receive.includes(role) && isOpenTo(login, row);
  };

  return {
    mayReceive,
    maySubscribe: (login, filter) => {
      if (!isReserved(filter)) return login.subscribe?.some((granted) => covers(granted, filter)) === true;
      if (!filter.startsWith(root)) return false;
      if (!hasWildcard(filter)) return mayReceive(login, filter);
      return rows.some(
        ({ row, path }) =>
          row.receive.includes(login.role) &&
          isOpenTo(login, row) &&
          intersects(root + filterOf(login.account, path), filter),
      );
    },
    mayPublish: (login, topic, retain) => {
      const { account, role, publish = [] } = login;
      if (!isReserved(topic)) return publish.some((granted) => intersects(granted, topic));
      const row = rowOf(account, topic);
      return (
        row?.publish.includes(role) === true &&
        isOpenTo(login, row) &&
        (!retain || TOPICS[row.topic].retained)
      );
    },
  };
}

/** Whether a topic or filter is within what belongs to gateways or to the broker. */
function isReserved(filter: string): boolean {
  return filter.startsWith('$') || filter.split('/', 1)[0] === RESERVED;
}

/** For a level of a path: whether that level of a topic can stand for it. `{client}` is the account itself. */
function fits(account: string, topic: readonly string[]) {
  return (level: string, i: number): boolean => {
    const given = topic[i] ?? '';
    if (level === '{client}') return given === account;
    return level.startsWith('{') ? isId(given) : given === level;
  };
}

function filterOf(account: string, path: readonly string[]): string {
  return path
    .map((level) => (level === '{client}' ? account : level.startsWith('{') ? '+' : level))
    .join('/');
}

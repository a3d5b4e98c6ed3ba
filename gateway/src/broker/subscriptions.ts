/** What one session has subscribed to, and at which QoS each topic reaches it (MQTT 3.1.1 §3.3.5, §3.8.4). */
import type { GatewayTopics } from '@timeband/protocol';
import type { Acl, Login } from './acl.js';
import { intersects, matches } from './topic-filter.js';

export type Qos = 0 | 1 | 2;

/** How one form of an event goes out: its topic as UTF-8 and the QoS. Events are published at QoS 1. */
export interface Lane {
  readonly topic: Uint8Array;
  readonly qos: 0 | 1;
}

/** The forms in which a session receives events of one type. */
export interface Route {
  readonly event: Lane | undefined;
  readonly json: Lane | undefined;
}

export class Subscriptions {
  private readonly filters = new Map<string, Qos>();
  private readonly routes = new Map<string, Route>();
  private events: boolean | undefined;

  /** @param login whose they are; of an account that is gone there is none, and it receives nothing */
  constructor(
    private readonly topics: GatewayTopics,
    private readonly acl: Acl,
    private login: Login | undefined,
    private readonly changed: () => void = () => undefined,
  ) {}

  /** After a login: an account's role and grants may have changed since. */
  assume(login: Login | undefined): void {
    this.login = login;
    this.hasChanged();
  }

  get size(): number {
    return this.filters.size;
  }

  has(filter: string): boolean {
    return this.filters.has(filter);
  }

  grant(filter: string, qos: Qos): void {
    this.filters.set(filter, qos);
    this.hasChanged();
  }

  revoke(filter: string): void {
    if (this.filters.delete(filter)) this.hasChanged();
  }

  /** Whether any event could reach this session. */
  get wantsEvents(): boolean {
    this.events ??= [...this.filters.keys()].some(
      (filter) => intersects(filter, this.topics.events) || intersects(filter, this.topics.jsons),
    );
    return this.events;
  }

  mayReceive(topic: string): boolean {
    return this.login !== undefined && this.acl.mayReceive(this.login, topic);
  }

  /** The highest QoS among the filters that match, or nothing when none does or the account may not see it. */
  qosFor(topic: string): Qos | undefined {
    let granted: Qos | undefined;
    for (const [filter, qos] of this.filters) {
      if ((granted === undefined || qos > granted) && matches(filter, topic)) granted = qos;
    }
    return granted !== undefined && this.mayReceive(topic) ? granted : undefined;
  }

  routeOf(type: string): Route {
    let route = this.routes.get(type);
    if (route === undefined) {
      route = { event: this.lane(this.topics.event(type)), json: this.lane(this.topics.json(type)) };
      this.routes.set(type, route);
    }
    return route;
  }

  private lane(topic: string): Lane | undefined {
    const qos = this.qosFor(topic);
    return qos === undefined ? undefined : { topic: Buffer.from(topic), qos: qos > 0 ? 1 : 0 };
  }

  private hasChanged(): void {
    this.routes.clear();
    this.events = undefined;
    this.changed();
  }
}

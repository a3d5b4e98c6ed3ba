/** What one session has subscribed to, and at which QoS each topic reaches it (MQTT 3.1.1 §3.3.5, §3.8.4). */
import type { GatewayTopics } from '@timeband/protocol';
import type { Acl, Login } from './acl.js';
import { intersects } from './topic-filter.js';

/** Nothing is published above QoS 1. */
export type Qos = 0 | 1;

/** How one form of an event goes out: its topic as UTF-8 and the QoS. */
export interface Lane {
  readonly topic: Uint8Array;
  readonly qos: Qos;
}

/** The forms in which a session receives events of one type. */
export interface Route {
  readonly event: Lane | undefined;
  readonly json: Lane | undefined;
}

export class Subscriptions {
  private readonly filters = new Map<string, Qos>();
  private readonly routes = new Map<string, Route>();

  constructor(
    private readonly topics: GatewayTopics,
    private readonly acl: Acl,
    private login: Login,
  ) {}

  /** After a login: an account's role and grants may have changed since. */
  assume(login: Login): void {
    this.login = login;
    this.routes.clear();
  }

  get size(): number {
    return this.filters.size;
  }

  has(filter: string): boolean {
    return this.filters.has(filter);
  }

  /** @returns filters and their QoS */
  list(): readonly { readonly topic: string; readonly qos: Qos }[] {
    return [...this.filters].map(([topic, qos]) => ({ topic, qos }));
  }

  grant(filter: string, qos: number): void {
    this.filters.set(filter, qos > 0 ? 1 : 0);
    this.routes.clear();
  }

  revoke(filter: string): void {
    this.filters.delete(filter);
    this.routes.clear();
  }

  /** Whether any event could reach this session. */
  get wantsEvents(): boolean {
    return [...this.filters.keys()].some(
      (filter) => intersects(filter, this.topics.events) || intersects(filter, this.topics.jsons),
    );
  }

  /** The highest QoS among the filters that match, or nothing when none does or the role may not see it. */
  qosFor(topic: string): Qos | undefined {
    if (!this.acl.mayReceive(this.login, topic)) return undefined;
    let granted: Qos | undefined;
    for (const [filter, qos] of this.filters) {
      if (intersects(filter, topic)) granted = granted === 1 ? 1 : qos;
    }
    return granted;
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
    return qos === undefined ? undefined : { topic: Buffer.from(topic), qos };
  }
}

/** The topics of this gateway as they are called at the city: the same, below a prefix that the city may want. */
import { gatewayTopics, type GatewayTopics } from '@timeband/protocol';

export type CityTopics = Pick<
  GatewayTopics,
  'event' | 'json' | 'status' | 'health' | 'certificate' | 'head' | 'help' | 'policy'
>;

export function cityTopics(site: string, gateway: string, prefix: string): CityTopics {
  const topics = gatewayTopics(site, gateway);
  return {
    event: remembering((type) => prefix + topics.event(type)),
    json: remembering((type) => prefix + topics.json(type)),
    status: prefix + topics.status,
    health: prefix + topics.health,
    certificate: prefix + topics.certificate,
    head: prefix + topics.head,
    help: prefix + topics.help,
    policy: (type) => prefix + topics.policy(type),
  };
}

/** There are a dozen types, and a topic is needed for every event. */
function remembering(make: (type: string) => string): (type: string) => string {
  const made = new Map<string, string>();
  return (type) => {
    let topic = made.get(type);
    if (topic === undefined) {
      topic = make(type);
      made.set(type, topic);
    }
    return topic;
  };
}

/** Every MQTT topic, and what is on it. Nothing else names a topic. */

/** The topics of one gateway. */
export interface GatewayTopics {
  /** An event message (CBOR `[event, receipt]`), QoS 1, never retained. */
  readonly event: (type: string) => string;
  /** The same as a CloudEvents JSON envelope. */
  readonly json: (type: string) => string;
  /** Filters for all of either. */
  readonly events: string;
  readonly jsons: string;
  /** {@link GatewayStatus} as JSON, retained, with a last will. */
  readonly status: string;
  /** Counters and link states as JSON, retained. */
  readonly health: string;
  /** The gateway's certificate (CWT bytes), retained: with the site's issuer key it verifies every event. */
  readonly certificate: string;
}

/** What stands on the `status` topic. */
export interface GatewayStatus {
  readonly state: 'online' | 'offline';
  readonly gateway: string;
  readonly site: string;
  /** Unix seconds of the last change. */
  readonly since: number;
}

/** Topics begin with the product and the version of this contract. */
export const TOPIC_ROOT = 'tb/1';

export function gatewayTopics(site: string, gateway: string): GatewayTopics {
  const base = `${TOPIC_ROOT}/${site}/${gateway}`;
  return {
    event: (type) => `${base}/event/${type}`,
    json: (type) => `${base}/json/${type}`,
    events: `${base}/event/+`,
    jsons: `${base}/json/+`,
    status: `${base}/status`,
    health: `${base}/health`,
    certificate: `${base}/certificate`,
  };
}

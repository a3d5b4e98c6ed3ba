/** Every MQTT topic and what is on it (SPEC.md, Topics). Nothing else names a topic; the AsyncAPI document is made from this. */

/** Topics begin with the product and the version of this contract. */
export const TOPIC_ROOT = 'tb/1';

/** What a message is made of. */
export const CONTENT_TYPE = {
  cbor: 'application/cbor',
  /** RFC 9052 §11.3.1. */
  sign1: 'application/cose; cose-type="cose-sign1"',
  /** RFC 8392 §9.2. */
  cwt: 'application/cwt',
  json: 'application/json',
  /** CloudEvents 1.0, JSON event format. */
  cloudEvent: 'application/cloudevents+json',
} as const;

export interface Topic {
  /** Below `tb/1/{site}/{gateway}`; what stands in braces is an id. */
  readonly path: string;
  /** Who publishes. */
  readonly publisher: 'gateway' | 'city' | 'client';
  readonly contentType: (typeof CONTENT_TYPE)[keyof typeof CONTENT_TYPE];
  /** The name of what is on it. */
  readonly message: string;
  readonly qos: 0 | 1;
  readonly retained: boolean;
  /** Reserved: part of the contract, served by nobody yet. */
  readonly status: 'served' | 'reserved';
  readonly says: string;
}

export const TOPICS = {
  event: {
    path: 'event/{type}',
    publisher: 'gateway',
    contentType: CONTENT_TYPE.cbor,
    message: 'EventMessage',
    qos: 1,
    retained: false,
    status: 'served',
    says: 'One event with its receipt, CBOR [event, receipt].',
  },
  json: {
    path: 'json/{type}',
    publisher: 'gateway',
    contentType: CONTENT_TYPE.cloudEvent,
    message: 'JsonTwin',
    qos: 1,
    retained: false,
    status: 'served',
    says: 'The same event as a CloudEvents envelope. It is never taken as input.',
  },
  status: {
    path: 'status',
    publisher: 'gateway',
    contentType: CONTENT_TYPE.json,
    message: 'GatewayStatus',
    qos: 1,
    retained: true,
    status: 'served',
    says: 'Whether the gateway is there. Its last will says that it is not.',
  },
  health: {
    path: 'health',
    publisher: 'gateway',
    contentType: CONTENT_TYPE.json,
    message: 'GatewayHealth',
    qos: 0,
    retained: true,
    status: 'served',
    says: 'Counters and link states. Their names are not part of the contract.',
  },
  certificate: {
    path: 'certificate',
    publisher: 'gateway',
    contentType: CONTENT_TYPE.cwt,
    message: 'Certificate',
    qos: 1,
    retained: true,
    status: 'served',
    says: 'The certificate of the gateway: with the key of the issuer it verifies every event.',
  },
  head: {
    path: 'head',
    publisher: 'gateway',
    contentType: CONTENT_TYPE.sign1,
    message: 'TreeHead',
    qos: 1,
    retained: true,
    status: 'served',
    says: 'The signed head of the tree over the event log, when it has changed.',
  },
  help: {
    path: 'help',
    publisher: 'gateway',
    contentType: CONTENT_TYPE.json,
    message: 'HelpHeard',
    qos: 1,
    retained: false,
    status: 'served',
    says: 'A call for help was heard in the air: a hint, seconds before the event that proves it.',
  },
  policy: {
    path: 'policy/{type}',
    publisher: 'city',
    contentType: CONTENT_TYPE.sign1,
    message: 'PolicyDocument',
    qos: 1,
    retained: true,
    status: 'reserved',
    says: 'The newest signed policy document of a type, on the broker of the city.',
  },
  forward: {
    path: 'peer/{client}/forward',
    publisher: 'client',
    contentType: CONTENT_TYPE.sign1,
    message: 'Forward',
    qos: 1,
    retained: false,
    status: 'served',
    says: 'Sealed records that another gateway of the site read, for the primary. {client} is its login: its id.',
  },
  forwardAnswer: {
    path: 'peer/{client}/answer',
    publisher: 'gateway',
    contentType: CONTENT_TYPE.sign1,
    message: 'ForwardAnswer',
    qos: 1,
    retained: false,
    status: 'served',
    says: 'What the primary answers to a forward of {client}; with it comes its ack for the device.',
  },
  request: {
    path: 'request/{client}/{id}',
    publisher: 'client',
    contentType: CONTENT_TYPE.json,
    message: 'ClientRequest',
    qos: 1,
    retained: false,
    status: 'served',
    says: 'A question or a command. {client} is the login, {id} is chosen by the client; a repetition changes nothing.',
  },
  response: {
    path: 'response/{client}/{id}',
    publisher: 'gateway',
    contentType: CONTENT_TYPE.json,
    message: 'ClientResponse',
    qos: 1,
    retained: false,
    status: 'served',
    says: 'The answer to the request of the same {client} and {id}, for whoever is connected then.',
  },
} as const satisfies Record<string, Topic>;

export type TopicName = keyof typeof TOPICS;

/** The names in braces of a path. */
type Parameter<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Parameter<Rest>
  : never;

/** The topic of a gateway, its parameters filled in. */
export function topicOf<Name extends TopicName>(
  site: string,
  gateway: string,
  name: Name,
  parameters: Readonly<Record<Parameter<(typeof TOPICS)[Name]['path']>, string>>,
): string {
  const values = new Map<string, string>(Object.entries(parameters));
  const path = TOPICS[name].path.replace(/\{(\w+)\}/g, (_, parameter: string) => values.get(parameter) ?? '');
  return `${TOPIC_ROOT}/${site}/${gateway}/${path}`;
}

/** The topics of one gateway. */
export interface GatewayTopics {
  readonly event: (type: string) => string;
  readonly json: (type: string) => string;
  /** Filters for all of either. */
  readonly events: string;
  readonly jsons: string;
  /** {@link GatewayStatus} */
  readonly status: string;
  readonly health: string;
  readonly certificate: string;
  readonly head: string;
  /** {@link HelpHeard} */
  readonly help: string;
  readonly policy: (type: string) => string;
  /** What a peer hands over, and what it is answered (SPEC.md, Forward). */
  readonly forward: (client: string) => string;
  readonly forwardAnswer: (client: string) => string;
  /** {@link ClientRequest} */
  readonly request: (client: string, id: string) => string;
  /** {@link ClientResponse} */
  readonly response: (client: string, id: string) => string;
}

export function gatewayTopics(site: string, gateway: string): GatewayTopics {
  return {
    event: (type) => topicOf(site, gateway, 'event', { type }),
    json: (type) => topicOf(site, gateway, 'json', { type }),
    events: topicOf(site, gateway, 'event', { type: '+' }),
    jsons: topicOf(site, gateway, 'json', { type: '+' }),
    status: topicOf(site, gateway, 'status', {}),
    health: topicOf(site, gateway, 'health', {}),
    certificate: topicOf(site, gateway, 'certificate', {}),
    head: topicOf(site, gateway, 'head', {}),
    help: topicOf(site, gateway, 'help', {}),
    policy: (type) => topicOf(site, gateway, 'policy', { type }),
    forward: (client) => topicOf(site, gateway, 'forward', { client }),
    forwardAnswer: (client) => topicOf(site, gateway, 'forwardAnswer', { client }),
    request: (client, id) => topicOf(site, gateway, 'request', { client, id }),
    response: (client, id) => topicOf(site, gateway, 'response', { client, id }),
  };
}

/** What stands on the `status` topic. */
export interface GatewayStatus {
  readonly state: 'online' | 'offline';
  readonly gateway: string;
  readonly site: string;
  /** Unix seconds of the last change. */
  readonly since: number;
}

/**
 * What stands on the `help` topic. Whoever recorded the advert can play it back while its address lasts, so this is a reason
 * to go and look, and never an event.
 */
export interface HelpHeard {
  /** Id of the band. */
  readonly device: string;
  /** Unix seconds. */
  readonly at: number;
  /** dBm: -50 is near, -90 is far. */
  readonly rssi: number;
  /** Per cent. */
  readonly battery: number;
}

/** What a client asks on a `request` topic. */
export interface ClientRequest {
  /** The operation of the HTTP API that asks the same: `balance`, `statement`, `submit`. */
  readonly action: string;
  /** Unix seconds; not carried out from this second on, however late it arrives. */
  readonly expires: number;
  /**
   * The parameters of that operation; of `submit` its body, which holds the signatures without which no login changes
   * the ledger.
   */
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
}

/** What a gateway answers on the `response` topic of the same client and id. */
export type ClientResponse =
  | { readonly state: 'done'; readonly result?: Readonly<Record<string, unknown>> | undefined }
  | { readonly state: 'refused'; readonly code: string; readonly message: string };

/**
 * An ordinary MQTT client with a subscriber's account. It believes the site's issuer and nothing else: the gateway's
 * certificate comes over MQTT and is checked like every event after it.
 */
import {
  equalBytes,
  type Event,
  EventVerifier,
  gatewayTopics,
  type HelpHeard,
  toHex,
  TrustStore,
  type Certificate,
} from '@timeband/protocol';
import { connectAsync, type MqttClient } from 'mqtt';

export interface SubscriberOptions {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly site: string;
  readonly gateway: string;
  readonly issuer: Certificate;
  readonly onEvent: (event: Event) => void;
  /** A call for help was heard in the air. Nothing proves it yet, and it is counted nowhere. */
  readonly onHelp: (call: HelpHeard) => void;
  readonly onBad: (reason: string) => void;
}

/** What was received. An event counts as a duplicate when its record came before. */
export interface Tally {
  received: number;
  verified: number;
  duplicates: number;
  /** Records seen, by log and sequence number. */
  readonly records: Set<string>;
}

export class Subscriber {
  readonly tally: Tally = { received: 0, verified: 0, duplicates: 0, records: new Set() };
  private readonly verifier = new EventVerifier();
  private previous: Uint8Array | undefined;

  private constructor(
    private readonly client: MqttClient,
    private readonly options: SubscriberOptions,
  ) {}

  /** Connects, learns the gateway's certificate and subscribes to everything that happens from now on. */
  static async connect(options: SubscriberOptions): Promise<Subscriber> {
    const client = await connectAsync(`mqtt://127.0.0.1:${options.port}`, {
      clientId: 'demo-display',
      clean: false,
      username: options.user,
      password: options.password,
      protocolVersion: 4,
    });
    const subscriber = new Subscriber(client, options);
    const topics = gatewayTopics(options.site, options.gateway);
    const certified = new Promise<void>((resolve) => {
      client.on('message', (topic, payload) => {
        if (topic === topics.certificate) {
          subscriber.learn(payload);
          resolve();
        } else if (topic === topics.help) {
          options.onHelp(JSON.parse(payload.toString()) as HelpHeard);
        } else {
          subscriber.receive(payload);
        }
      });
    });
    await client.subscribeAsync(topics.certificate, { qos: 1 });
    await certified;
    await client.subscribeAsync([topics.events, topics.help], { qos: 1 });
    return subscriber;
  }

  async end(): Promise<void> {
    await this.client.endAsync();
  }

  private learn(certificate: Uint8Array): void {
    const { issuer, site } = this.options;
    const now = Math.floor(Date.now() / 1_000);
    this.verifier.trust(new TrustStore([issuer.key]).verify(certificate, { roles: ['gateway'], site, now }));
  }

  private receive(payload: Uint8Array): void {
    const { tally, options } = this;
    tally.received++;
    try {
      const { event, hash } = this.verifier.verify(payload);
      const record = `${toHex(event.logId)}/${event.logSeq}`;
      if (tally.records.has(record)) {
        tally.duplicates++;
        return;
      }
      if (this.previous !== undefined && !equalBytes(this.previous, event.previous)) {
        options.onBad(`event ${event.seq} does not follow the one before it`);
        return;
      }
      this.previous = hash;
      tally.verified++;
      tally.records.add(record);
      options.onEvent(event);
    } catch (error) {
      options.onBad((error as Error).message);
    }
  }
}

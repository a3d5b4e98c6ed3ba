/** A program of the city: subscribes to everything of one gateway at a broker and verifies it. */
import { EventVerifier, gatewayTopics, toHex, verifyHead } from '@timeband/protocol';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { GATEWAY, SITE } from './centre.js';
import type { UplinkSite } from './uplink-box.js';

export const TOPICS = gatewayTopics(SITE, GATEWAY);

/** An event as it arrived. */
export interface ArrivedEvent {
  readonly seq: number;
  readonly type: string;
  readonly identity: string;
  readonly dup: boolean;
}

export class CityReader {
  /** In the order in which they arrived, repetitions included. */
  readonly events: ArrivedEvent[] = [];
  /** The newest message of every other topic. */
  readonly states = new Map<string, Buffer>();
  private readonly verifier = new EventVerifier();
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly site: UplinkSite,
    readonly mqtt: MqttClient,
  ) {
    this.verifier.trust(site.gateway);
    mqtt.on('message', (topic, payload, { dup }) => {
      this.take(topic, payload, dup);
      for (const look of this.waiting) look();
    });
  }

  /** With a session that outlives connections. */
  static async connect(site: UplinkSite, url: string, options: IClientOptions = {}): Promise<CityReader> {
    const mqtt = await connectAsync(url, {
      ...{ clientId: 'city', clean: false, protocolVersion: 4, reconnectPeriod: 50, ...options },
    });
    const reader = new CityReader(site, mqtt);
    await mqtt.subscribeAsync(TOPICS.event('').replace('event/', '#'), { qos: 1 });
    return reader;
  }

  /** Numbers of the events, each where it first arrived. */
  get numbers(): number[] {
    return [...new Set(this.events.map(({ identity }) => identity))].map((identity) =>
      Number(identity.split(' ')[0]),
    );
  }

  /** Events that arrived more than once. */
  get repetitions(): ArrivedEvent[] {
    const seen = new Set<string>();
    return this.events.filter(({ identity }) => seen.size === seen.add(identity).size);
  }

  /** Size of the newest head. */
  get headSize(): number {
    const head = this.states.get(TOPICS.head);
    return head === undefined ? 0 : verifyHead(head, this.site.gateway).size;
  }

  get status(): string | undefined {
    const status = this.states.get(TOPICS.status);
    return status && (JSON.parse(status.toString()) as { state: string }).state;
  }

  /** Resolves once the condition holds. */
  until(condition: (reader: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition(this)) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }

  close(): Promise<void> {
    return this.mqtt.endAsync(true);
  }

  private take(topic: string, payload: Buffer, dup: boolean): void {
    if (!topic.startsWith(TOPICS.event(''))) {
      this.states.set(topic, payload);
      return;
    }
    const { event, hash } = this.verifier.verify(payload);
    const { seq, type, epoch } = event;
    this.events.push({ seq, type, identity: `${seq} ${epoch} ${toHex(hash)}`, dup });
  }
}

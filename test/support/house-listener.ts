/** A subscriber of a {@link House}: every event that it publishes, verified, with a session that outlives connections. */
import { readFileSync } from 'node:fs';
import {
  type Event,
  EventVerifier,
  gatewayTopics,
  openIssuerCertificate,
  TrustStore,
} from '@timeband/protocol';
import { connectAsync, type MqttClient } from 'mqtt';
import { GATEWAY, SITE } from './centre.js';
import type { House } from './house.js';

export class HouseListener {
  /** In the order in which they came. */
  readonly heard: Event[] = [];
  private mqtt: MqttClient | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly house: House) {}

  async connect(): Promise<void> {
    const { house } = this;
    const mqtt = await connectAsync(`mqtt://127.0.0.1:${house.mqttPort}`, {
      ...{ username: 'subscriber', password: house.passwordOf('subscriber'), reconnectPeriod: 0 },
      ...{ clientId: 'listener', clean: false },
    });
    this.mqtt = mqtt;
    const verifier = new EventVerifier();
    const { key } = openIssuerCertificate(readFileSync(house.files.issuerCertificate));
    const topics = gatewayTopics(SITE, GATEWAY);
    mqtt.on('message', (topic, payload) => {
      if (topic === topics.certificate) {
        const now = Math.floor(Date.now() / 1_000);
        verifier.trust(new TrustStore([key]).verify(payload, { roles: ['gateway'], site: SITE, now }));
      } else this.heard.push(verifier.verify(payload).event);
      for (const look of this.waiting) look();
    });
    await mqtt.subscribeAsync(topics.certificate, { qos: 1 });
    await mqtt.subscribeAsync(topics.events, { qos: 1 });
  }

  async end(): Promise<void> {
    await this.mqtt?.endAsync();
  }

  /** Stops the gateway and starts it anew, and is there again. */
  async restart(): Promise<void> {
    await this.end();
    await this.house.stop();
    await this.house.start();
    await this.connect();
  }

  /** Resolves once there is something to be found. */
  until<Found>(find: () => Found | undefined): Promise<Found> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }
}

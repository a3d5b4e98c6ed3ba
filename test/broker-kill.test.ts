/** The gateway is killed without warning while clients publish: whatever was acknowledged is there afterwards, in order. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, BrokerBox } from './support/broker-box.js';

describe('the broker of a gateway that is killed', () => {
  let box: BrokerBox;
  const clients: MqttClient[] = [];
  beforeAll(async () => {
    box = await BrokerBox.create({ settings: { maxPublishRate: 100_000 } });
  });
  afterAll(async () => {
    for (const client of clients) client.end(true);
    await box.close();
  });

  const connect = (port: number, clientId: string, more: IClientOptions = {}): MqttClient => {
    const login = { username: ACCOUNT, password: box.password, clientId, clean: false } as const;
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { ...login, reconnectPeriod: 0, ...more });
    clients.push(client);
    return client;
  };

  it('has every message that it acknowledged, retained and for a session that was away, and the wills too', async () => {
    let port = await box.start();
    const reader = connect(port, 'reader');
    await reader.subscribeAsync(['room/#', 'will'], { qos: 2 });
    await reader.endAsync();
    const will = { topic: 'will', payload: Buffer.from('killed'), qos: 1, retain: true } as const;
    const writer = connect(port, 'writer', { will });
    const acknowledged: number[] = [];
    const enough = new Promise<void>((resolve) => {
      for (let i = 1; i <= 2_000; i++) {
        writer.publish('room/1', String(i), { qos: i % 2 === 0 ? 1 : 2, retain: true }, (error) => {
          if (!(error instanceof Error)) acknowledged.push(i);
          if (acknowledged.length === 500) resolve();
        });
      }
    });
    await enough;
    await box.kill();
    writer.end(true);

    port = await box.start();
    const received: string[] = [];
    const back = connect(port, 'reader');
    const all = new Promise<void>((resolve) => {
      back.on('message', (topic, payload) => {
        received.push(topic === 'will' ? 'will' : payload.toString());
        if (!received.includes('will')) return;
        if (acknowledged.every((number) => received.includes(String(number)))) resolve();
      });
    });
    await all;
    // A client hands on a message of QoS 2 at its release, so those of each QoS are in an order of their own.
    const numbers = received.filter((text) => text !== 'will').map(Number);
    for (const rest of [0, 1]) {
      const ofOneQos = numbers.filter((number) => number % 2 === rest);
      expect(ofOneQos).toEqual([...new Set(ofOneQos)].sort((a, b) => a - b));
    }
  }, 90_000);
});

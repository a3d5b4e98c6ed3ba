import { describe, expect, it } from 'vitest';
import { ManualTimers } from '@timeband/protocol/testing';
import {
  BareClient,
  closed,
  connect,
  Inbox,
  nextMessage,
  range,
  ROOT,
  startBroker,
  type TestBroker,
  until,
} from './broker.test.support.js';

const EVENTS = `${ROOT}/event/#`;
const DURABLE = { clientId: 'city', clean: false };

describe('events', () => {
  it.each([0, 1] as const)('reach a live subscriber in order, each once, at QoS %d', async (qos) => {
    const broker = await startBroker();
    const client = await connect(broker);
    const inbox = new Inbox(client);
    await client.subscribeAsync(EVENTS, { qos });
    for (let i = 0; i < 50; i++) broker.emit(100);
    await inbox.count(5_000);
    expect(inbox.numbers).toEqual(range(1, 5_000));
    expect(inbox.received.every(({ topic, dup }) => topic === `${ROOT}/event/punch` && !dup)).toBe(true);
    await until(() => broker.stats().inFlight === 0);
    expect(broker.stats().sent).toBe(5_000);
  });

  it('begin for a new session with what comes after it subscribed', async () => {
    const broker = await startBroker();
    broker.emit(10);
    const client = await connect(broker, DURABLE);
    const inbox = new Inbox(client);
    await client.subscribeAsync(EVENTS, { qos: 1 });
    broker.emit(3);
    await inbox.count(3);
    expect(inbox.numbers).toEqual([11, 12, 13]);
  });

  it('come once to a session with overlapping subscriptions, at the highest QoS granted', async () => {
    const broker = await startBroker();
    const client = await connect(broker);
    const inbox = new Inbox(client);
    await client.subscribeAsync({
      [`${ROOT}/#`]: { qos: 0 },
      [EVENTS]: { qos: 1 },
      [`${ROOT}/event/punch`]: { qos: 0 },
    });
    const packet = nextMessage(client);
    broker.emit(1);
    broker.emit(1, 'device');
    await inbox.count(2);
    expect(inbox.numbers).toEqual([1, 2]);
    expect(await packet).toMatchObject({ qos: 1 });
  });

  it('of mediation are withheld from subscribers and reach an operator', async () => {
    const broker = await startBroker();
    const subscriber = await connect(broker);
    const operator = await connect(broker, { username: 'operator' });
    const [plain, full] = [new Inbox(subscriber), new Inbox(operator)];
    await subscriber.subscribeAsync(`${ROOT}/#`, { qos: 1 });
    await operator.subscribeAsync(`${ROOT}/#`, { qos: 1 });
    broker.emit(1, 'punch');
    broker.emit(1, 'mediate');
    broker.emit(1, 'punch');
    await Promise.all([plain.count(2), full.count(3)]);
    expect([plain.numbers, full.numbers]).toEqual([
      [1, 3],
      [1, 2, 3],
    ]);
  });

  it('stop when a session unsubscribes, and go on from the head when it subscribes again', async () => {
    const broker = await startBroker();
    const client = await connect(broker, DURABLE);
    const inbox = new Inbox(client);
    await client.subscribeAsync(EVENTS, { qos: 1 });
    broker.emit(2);
    await inbox.count(2);
    await client.unsubscribeAsync(EVENTS);
    expect(broker.cursors.load('city', 'sub')).toBeUndefined();
    broker.emit(2);
    await client.subscribeAsync(EVENTS, { qos: 1 });
    broker.emit(2);
    await inbox.count(4);
    expect(inbox.numbers).toEqual([1, 2, 5, 6]);
  });

  it('are kept from a subscriber of state', async () => {
    const broker = await startBroker();
    const client = await connect(broker);
    const inbox = new Inbox(client);
    await client.subscribeAsync(`${ROOT}/status`, { qos: 1 });
    broker.emit(5);
    await broker.publishRetained(`${ROOT}/status`, 'online');
    await inbox.count(1);
    expect(inbox.received.map(({ text }) => text)).toEqual(['online']);
    expect(broker.stats().sent).toBe(1);
  });
});

describe('acknowledgements', () => {
  it('of events and of state cannot be mistaken for each other', async () => {
    const broker = await startBroker();
    const [client] = await BareClient.open(broker, 'city', false);
    await client.subscribe(`${ROOT}/#`, 1);
    for (let i = 0; i < 50; i++) {
      broker.emit(1);
      await broker.publishRetained(`${ROOT}/health`, `state ${i}`);
    }
    await until(() => client.publishes.length === 100);
    const [events, state] = [`${ROOT}/event/punch`, `${ROOT}/health`].map((topic) =>
      client.publishes.filter((packet) => packet.topic === topic),
    );
    const ids = new Set(client.publishes.map(({ messageId }) => messageId));
    expect([events?.length, state?.length, ids.size]).toEqual([50, 50, 100]);
    for (const packet of state ?? []) client.acknowledge(packet);
    broker.emit(1);
    await until(() => client.publishes.length === 101);
    expect(broker.stats().inFlight).toBe(51);
  });
});

describe('a subscriber that does not read', () => {
  async function stalled(broker: TestBroker, qos: 0 | 1) {
    const [client] = await BareClient.open(broker, 'stalled', true);
    await client.subscribe(`${ROOT}/#`, qos);
    client.socket.pause();
    return client.socket;
  }

  it('delays neither the events nor the state that others get', async () => {
    const broker = await startBroker();
    await stalled(broker, 0);
    const client = await connect(broker);
    const inbox = new Inbox(client);
    await client.subscribeAsync(`${ROOT}/#`, { qos: 1 });
    for (let i = 0; i < 20; i++) {
      broker.emit(1_000, 'punch', 1_000);
      await inbox.count(inbox.received.length + 1_000 - (inbox.received.length % 1_000));
    }
    await broker.publishRetained(`${ROOT}/status`, 'online');
    await until(() => inbox.received.at(-1)?.text === 'online');
    expect(inbox.numbers.slice(0, 20_000)).toEqual(range(1, 20_000));
    expect(broker.stats().connections).toBe(2);
  });

  it.each([0, 1] as const)(
    'is disconnected after a minute, at QoS %d, and one that reads is not',
    async (qos) => {
      const timers = new ManualTimers();
      const broker = await startBroker({ timers });
      const socket = await stalled(broker, qos);
      const client = await connect(broker);
      const inbox = new Inbox(client);
      await client.subscribeAsync(EVENTS, { qos: 1 });
      broker.emit(10_000, 'punch', 2_000);
      await inbox.count(10_000);
      await until(() => broker.stats().inFlight <= 512);
      await timers.run(45_000);
      expect(broker.stats().connections).toBe(2);
      await timers.run(30_000);
      await closed(socket);
      expect(broker.counters.of('broker/evicted stalled')).toBe(1);
      broker.emit(1);
      await inbox.count(10_001);
    },
  );

  it('piles up no state: of what it has not been sent only the newest is kept', async () => {
    const broker = await startBroker();
    const socket = await stalled(broker, 0);
    for (let i = 0; i < 100; i++) await broker.publishRetained(`${ROOT}/health`, Buffer.alloc(60_000, i));
    const { queued, queuedBytes } = broker.stats();
    expect(queued).toBeLessThan(10);
    expect(queuedBytes).toBeLessThan(600_000);
    socket.destroy();
  });
});

describe('many subscribers', () => {
  it('each get everything in order, the JSON form only if they asked for it', async () => {
    const broker = await startBroker();
    const inboxes = await Promise.all(
      range(1, 20).map(async () => {
        const client = await connect(broker);
        const inbox = new Inbox(client);
        await client.subscribeAsync(EVENTS, { qos: 1 });
        return inbox;
      }),
    );
    broker.emit(500);
    await Promise.all(inboxes.map((inbox) => inbox.count(500)));
    for (const inbox of inboxes) expect(inbox.numbers).toEqual(range(1, 500));
    expect(broker.counters.of('broker/json')).toBe(0); // these messages have none, so making one would be counted
  });
});

/** What clients publish to each other: MQTT 3.1.1 as another implementation checks it, and what is there after a restart. */
import { generate } from 'mqtt-packet';
import { ManualTimers } from '@timeband/protocol/testing';
import { describe, expect, it } from 'vitest';
import type { Account } from './accounts.js';
import {
  accounts as plain,
  BareClient,
  connect,
  fillableTables,
  Inbox,
  memoryTables,
  nextMessage,
  range,
  refusal,
  startBroker,
  type TestBroker,
  until,
} from './broker.test.support.js';

const GRANTS = { publish: ['room/#', 'will'], subscribe: ['room/#', 'will', '+/+'] };
const accounts = {
  find: (name: string): Account | undefined => {
    const account = plain.find(name);
    return account && { ...account, ...GRANTS };
  },
};
const start = (given: Parameters<typeof startBroker>[0] = {}): Promise<TestBroker> =>
  startBroker({ accounts, ...given });
const DURABLE = { clientId: 'reader', clean: false };

async function leave(broker: TestBroker, client: Awaited<ReturnType<typeof connect>>): Promise<void> {
  const { connections } = broker.stats();
  await client.endAsync();
  await until(() => broker.stats().connections === connections - 1);
}

describe('a message of a client', () => {
  it('reaches a subscriber at each QoS, at the lower of the two', async () => {
    const broker = await start();
    const client = await connect(broker);
    for (const [granted, sent, expected] of [
      [2, 0, 0],
      [2, 1, 1],
      [2, 2, 2],
      [1, 2, 1],
      [0, 2, 0],
    ] as const) {
      await client.subscribeAsync('room/1', { qos: granted });
      const message = nextMessage(client);
      await client.publishAsync('room/1', `${granted} ${sent}`, { qos: sent });
      expect(await message).toMatchObject({ qos: expected, retain: false });
    }
  });

  it('is not lost when others of lower QoS are published in the same turn', async () => {
    const broker = await start();
    const reader = await connect(broker, DURABLE);
    const inbox = new Inbox(reader);
    await reader.subscribeAsync('room/#', { qos: 1 });
    const writer = await connect(broker, { username: 'operator' });
    for (let i = 0; i < 500; i++) {
      writer.publish('room/1', String(i), { qos: 1, retain: i % 10 === 0 });
      writer.publish('room/0', 'x', { qos: 0 });
    }
    await inbox.count(1_000);
    const ofQos1 = inbox.received.filter(({ topic }) => topic === 'room/1').map(({ text }) => Number(text));
    expect(ofQos1).toEqual(range(0, 499));
  });

  it('comes once through filters that overlap, at the highest QoS of them', async () => {
    const broker = await start();
    const client = await connect(broker);
    const inbox = new Inbox(client);
    await client.subscribeAsync({ 'room/#': { qos: 2 }, 'room/+': { qos: 1 }, 'room/1': { qos: 0 } });
    const message = nextMessage(client);
    await client.publishAsync('room/1', 'once', { qos: 2 });
    expect((await message).qos).toBe(2);
    await client.publishAsync('room/2', 'last', { qos: 1 });
    await inbox.count(2);
    expect(inbox.received.map(({ text }) => text)).toEqual(['once', 'last']);
  });

  it('comes no more after UNSUBSCRIBE', async () => {
    const broker = await start();
    const client = await connect(broker);
    const inbox = new Inbox(client);
    await client.subscribeAsync(['room/1', 'room/2'], { qos: 1 });
    await client.unsubscribeAsync('room/1');
    for (const topic of ['room/1', 'room/2']) await client.publishAsync(topic, topic, { qos: 1 });
    await inbox.count(1);
    expect(inbox.received.map(({ text }) => text)).toEqual(['room/2']);
  });

  it('in "$" is acknowledged, reaches nobody and is counted', async () => {
    const broker = await start();
    const client = await connect(broker);
    const inbox = new Inbox(client);
    await client.subscribeAsync('+/+', { qos: 1 });
    await client.publishAsync('$room/1', 'x', { qos: 1 });
    await client.publishAsync('room/1', 'y', { qos: 1 });
    await inbox.count(1);
    expect([inbox.received[0]?.text, broker.counters.of('broker/publish-denied server')]).toEqual(['y', 1]);
  });

  it('of QoS 2 that is repeated before its release counts once, also when both come at once', async () => {
    const broker = await start();
    const reader = await connect(broker);
    const inbox = new Inbox(reader);
    await reader.subscribeAsync('room/1', { qos: 2 });
    const [writer] = await BareClient.open(broker, 'writer', false);
    const publish = { cmd: 'publish', topic: 'room/1', qos: 2, retain: false, messageId: 7 } as const;
    writer.socket.write(
      Buffer.concat([false, true, true].map((dup) => generate({ ...publish, dup, payload: 'one' }))),
    );
    await until(() => writer.answered('pubrec') === 3);
    writer.socket.write(generate({ cmd: 'pubrel', messageId: 7 }));
    await until(() => writer.answered('pubcomp') === 1);
    writer.socket.write(generate({ ...publish, dup: false, payload: 'two' }));
    await inbox.count(2);
    expect(inbox.received.map(({ text }) => text)).toEqual(['one', 'two']);
  });
});

describe('a retained message', () => {
  it('reaches who comes later, flagged so, until an empty one ends it', async () => {
    const broker = await start();
    const client = await connect(broker);
    for (const qos of [0, 1, 2] as const) {
      await client.publishAsync(`room/${qos}`, String(qos), { qos, retain: true });
    }
    const late = await connect(broker);
    const inbox = new Inbox(late);
    const message = nextMessage(late);
    await late.subscribeAsync('+/+', { qos: 2 });
    expect((await message).retain).toBe(true);
    await inbox.count(3);
    for (const qos of [0, 1, 2] as const) await client.publishAsync(`room/${qos}`, '', { qos, retain: true });
    const last = await connect(broker);
    const none = new Inbox(last);
    await last.subscribeAsync('+/+', { qos: 2 });
    await client.publishAsync('room/9', 'live', { qos: 1 });
    await none.count(1);
    expect([none.received[0]?.text, broker.stats().retained]).toEqual(['live', 0]);
  });

  it('is passed on and not kept where too many topics are', async () => {
    const broker = await start({ limits: { retained: 2 } });
    const client = await connect(broker);
    for (const i of [1, 2, 3]) await client.publishAsync(`room/${i}`, 'x', { qos: 1, retain: true });
    expect([broker.stats().retained, broker.counters.of('broker/dropped retained')]).toEqual([2, 1]);
  });
});

describe('a durable session', () => {
  it('is kept what is published while its client is away, and says that it is there', async () => {
    const broker = await start();
    const reader = await connect(broker, DURABLE);
    await reader.subscribeAsync('room/#', { qos: 2 });
    await leave(broker, reader);
    const writer = await connect(broker, { username: 'operator' });
    for (const qos of [0, 1, 2] as const) await writer.publishAsync(`room/${qos}`, String(qos), { qos });
    const [back, connack] = await BareClient.open(broker, 'reader', false);
    expect(connack).toMatchObject({ sessionPresent: true });
    await until(() => back.publishes.length === 2);
    expect(back.publishes.map(({ qos, dup }) => [qos, dup])).toEqual([
      [1, false],
      [2, false],
    ]);
  });

  it('says that it is there without a subscription too, and not when it is new', async () => {
    const broker = await start();
    const [first, connack] = await BareClient.open(broker, 'bare', false);
    expect(connack).toMatchObject({ sessionPresent: false });
    first.socket.destroy();
    await until(() => broker.stats().connections === 0);
    expect((await BareClient.open(broker, 'bare', false))[1]).toMatchObject({ sessionPresent: true });
    expect((await BareClient.open(broker, 'bare', true))[1]).toMatchObject({ sessionPresent: false });
  });

  it('is sent again what it did not acknowledge, and of QoS 2 only the release where it has the message', async () => {
    const broker = await start();
    const [first] = await BareClient.open(broker, 'reader', false);
    await first.subscribe('room/#', 2);
    const writer = await connect(broker, { username: 'operator' });
    for (const qos of [1, 2, 2] as const) await writer.publishAsync('room/1', String(qos), { qos });
    await until(() => first.publishes.length === 3);
    const [a, b, c] = first.publishes.map(({ messageId = 0 }) => messageId);
    first.socket.write(generate({ cmd: 'pubrec', messageId: b ?? 0 }));
    await until(() => first.answered('pubrel') === 1);
    first.socket.destroy();
    await until(() => broker.stats().connections === 1);
    const [second] = await BareClient.open(broker, 'reader', false);
    await until(() => second.publishes.length === 2 && second.answered('pubrel') === 1);
    expect(second.publishes.map(({ messageId, dup }) => [messageId, dup])).toEqual([
      [a, true],
      [c, true],
    ]);
  });

  it('is sent a message of QoS 2 again, not its release, where the disk was too full to note that it has it', async () => {
    const { tables, disk } = fillableTables();
    const broker = await start({ tables });
    const [first] = await BareClient.open(broker, 'reader', false);
    await first.subscribe('room/#', 2);
    const writer = await connect(broker, { username: 'operator' });
    await writer.publishAsync('room/1', 'once', { qos: 2 });
    await until(() => first.publishes.length === 1);
    const [messageId = 0] = first.publishes.map((publish) => publish.messageId);
    disk.isFull = true;
    first.socket.write(generate({ cmd: 'pubrec', messageId }));
    await until(() => broker.stats().connections === 1);
    expect(first.answered('pubrel')).toBe(0);
    disk.isFull = false;
    const [second] = await BareClient.open(broker, 'reader', false);
    await until(() => second.publishes.length + second.answered('pubrel') === 1);
    expect(second.publishes.map((publish) => [publish.messageId, publish.dup])).toEqual([[messageId, true]]);
  });

  it('drops what is more than may wait, counts it, and goes on', async () => {
    const broker = await start({ limits: { queue: { messages: 100, bytes: 1_000_000 } } });
    const reader = await connect(broker, DURABLE);
    await reader.subscribeAsync('room/#', { qos: 1 });
    await leave(broker, reader);
    const writer = await connect(broker, { username: 'operator' });
    await Promise.all(range(1, 150).map((i) => writer.publishAsync('room/1', String(i), { qos: 1 })));
    expect([broker.stats().queued, broker.counters.of('broker/dropped queue')]).toEqual([100, 50]);
    const inbox = new Inbox(await connect(broker, DURABLE));
    await inbox.count(100);
    await writer.publishAsync('room/1', 'more', { qos: 1 });
    await inbox.count(101);
    expect(inbox.numbers.slice(0, 100)).toEqual(range(1, 100));
  });

  it('is forgotten with its queue when its client was not here for long, and one that is here is not', async () => {
    const timers = new ManualTimers();
    let days = 0;
    const broker = await start({ timers, wallClock: () => days * 86_400, limits: { sessionDays: 30 } });
    const reader = await connect(broker, DURABLE);
    await reader.subscribeAsync('room/#', { qos: 1 });
    await connect(broker, { clientId: 'here', clean: false, username: 'operator' });
    days = 100;
    await timers.run(3_600_000);
    expect(broker.stats().sessions).toBe(2);
    await leave(broker, reader);
    days = 131;
    await timers.run(3_600_000);
    expect([broker.stats().sessions, broker.counters.of('broker/session-expired')]).toEqual([1, 1]);
  });

  it('acknowledges late and gets 20,000 that waited in order, none twice', async () => {
    const broker = await start({ limits: { publishPerSecond: 1_000_000 } });
    const reader = await connect(broker, DURABLE);
    await reader.subscribeAsync('room/#', { qos: 1 });
    await leave(broker, reader);
    const writer = await connect(broker, { username: 'operator' });
    await Promise.all(range(1, 20_000).map((i) => writer.publishAsync('room/1', String(i), { qos: 1 })));
    const [back] = await BareClient.open(broker, 'reader', false);
    for (let done = 0; done < 20_000;) {
      await until(() => back.publishes.length > done);
      const upTo = back.publishes.length;
      expect(upTo - done).toBeLessThanOrEqual(512);
      for (const packet of back.publishes.slice(done, upTo).reverse()) back.acknowledge(packet);
      done = upTo;
    }
    expect(back.publishes.map(({ payload }) => Number(payload.toString()))).toEqual(range(1, 20_000));
  });
});

describe('a will', () => {
  const will = { topic: 'will', payload: Buffer.from('gone'), qos: 1, retain: false } as const;

  it('is executed when a connection ends without DISCONNECT, and not otherwise', async () => {
    const broker = await start();
    const watcher = await connect(broker);
    const inbox = new Inbox(watcher);
    await watcher.subscribeAsync('will', { qos: 2 });
    await leave(broker, await connect(broker, { username: 'operator', will }));
    const client = await connect(broker, {
      username: 'operator',
      will: { ...will, payload: Buffer.from('lost') },
    });
    client.stream.destroy();
    await inbox.count(1);
    expect(inbox.received.map(({ text }) => text)).toEqual(['lost']);
  });

  it('is executed when another connection takes over, whose own will stays', async () => {
    const broker = await start();
    const watcher = await connect(broker);
    const inbox = new Inbox(watcher);
    await watcher.subscribeAsync('will', { qos: 1 });
    const login = { clientId: 'same', username: 'operator' };
    await connect(broker, { ...login, will: { ...will, payload: Buffer.from('first') } });
    const second = await connect(broker, { ...login, will: { ...will, payload: Buffer.from('second') } });
    await inbox.count(1);
    second.stream.destroy();
    await inbox.count(2);
    expect(inbox.received.map(({ text }) => text)).toEqual(['first', 'second']);
  });

  it('ends nothing where the disk is too full to keep it or to say that it is void', async () => {
    const { tables, disk } = fillableTables();
    const broker = await start({ tables });
    const login = { clientId: 'same', username: 'operator' };
    await connect(broker, { ...login, will });
    disk.isFull = true;
    await expect(connect(broker, { ...login, will })).rejects.toThrow();
    await expect(connect(broker, login)).rejects.toThrow();
    disk.isFull = false;
    await leave(broker, await connect(broker, login));
  });

  it.each(['tb/1/x', 'elsewhere', 'room/#', '$SYS/x'])(
    'on "%s" is refused with its connection',
    async (topic) => {
      const broker = await start();
      expect(await refusal(broker, { username: 'operator', will: { ...will, topic } })).toBe(5);
    },
  );
});

describe('after a restart', () => {
  it('sessions, what waits for them, retained messages and QoS 2 are as they were, under the same identifiers', async () => {
    const tables = memoryTables();
    const old = await start({ tables });
    const [reader] = await BareClient.open(old, 'reader', false);
    await reader.subscribe('room/#', 2);
    const [writer] = await BareClient.open(old, 'writer', false);
    const publish = { cmd: 'publish', topic: 'room/1', dup: false, retain: true } as const;
    for (const messageId of [1, 2, 3]) {
      writer.socket.write(generate({ ...publish, qos: 2, messageId, payload: String(messageId) }));
    }
    await until(() => writer.answered('pubrec') === 3 && reader.publishes.length === 3);
    const [first, second, third] = reader.publishes.map(({ messageId = 0 }) => messageId);
    reader.socket.write(generate({ cmd: 'pubrec', messageId: second ?? 0 }));
    await until(() => reader.answered('pubrel') === 1);
    await old.close();

    const broker = await start({ tables });
    const [again, connack] = await BareClient.open(broker, 'reader', false);
    expect(connack).toMatchObject({ sessionPresent: true });
    await until(() => again.publishes.length === 2 && again.answered('pubrel') === 1);
    expect(again.publishes.map(({ messageId, dup }) => [messageId, dup])).toEqual([
      [first, true],
      [third, true],
    ]);
    const [back] = await BareClient.open(broker, 'writer', false);
    back.socket.write(generate({ ...publish, dup: true, qos: 2, messageId: 3, payload: '3' }));
    await until(() => back.answered('pubrec') === 1);
    expect([again.publishes.length, broker.stats().retained]).toEqual([2, 1]);
  });

  it('the wills of an earlier run are executed once', async () => {
    const tables = memoryTables();
    const fields = JSON.stringify({ qos: 1, retain: true });
    tables.putWill({
      client: 'operator/x',
      broker: 'earlier',
      topic: 'will',
      payload: Buffer.from('old'),
      fields,
    });
    const forbidden = { client: 'operator/y', broker: 'earlier', topic: 'elsewhere', fields };
    tables.putWill({ ...forbidden, payload: Buffer.from('no') });
    const broker = await start({ tables });
    await until(() => tables.wills().length === 0);
    expect(broker.counters.of('broker/publish-denied will')).toBe(1);
    const client = await connect(broker);
    const message = nextMessage(client);
    await client.subscribeAsync('will', { qos: 1 });
    expect((await message).payload.toString()).toBe('old');
  });

  it('who has lost a right while away is not given what waited', async () => {
    const tables = memoryTables();
    const old = await start({ tables });
    const reader = await connect(old, DURABLE);
    await reader.subscribeAsync('room/#', { qos: 1 });
    await leave(old, reader);
    const writer = await connect(old, { username: 'operator' });
    for (const i of [1, 2]) await writer.publishAsync(`room/${i}`, 'secret', { qos: 1 });
    await old.close();
    const broker = await startBroker({ tables }); // nothing is granted here
    const [back] = await BareClient.open(broker, 'reader', false);
    await until(() => broker.stats().queued === 0);
    expect(back.publishes).toEqual([]);
  });
});

describe('limits of a client', () => {
  it('slow down one that publishes more than it may, without losing any', async () => {
    const timers = new ManualTimers();
    const broker = await start({ timers, limits: { publishPerSecond: 10 } });
    const reader = await connect(broker);
    const inbox = new Inbox(reader);
    await reader.subscribeAsync('room/#', { qos: 1 });
    const writer = await connect(broker, { username: 'operator' });
    for (const i of range(1, 25)) writer.publish('room/1', String(i), { qos: 1 });
    await inbox.count(10);
    await until(() => broker.counters.of('broker/slowed') === 15);
    await timers.run(1_000);
    await inbox.count(19);
    expect(inbox.received.length).toBeLessThanOrEqual(20);
    await timers.run(1_000);
    await inbox.count(25);
    expect(inbox.numbers).toEqual(range(1, 25));
  });

  it('disconnect one that keeps no session and does not read, and nobody else', async () => {
    const broker = await start({
      limits: { queue: { messages: 200, bytes: 10_000_000 }, publishPerSecond: 1e6 },
    });
    const [stalled] = await BareClient.open(broker, 'stalled', true);
    await stalled.subscribe('room/#', 1);
    stalled.socket.pause();
    const writer = await connect(broker, { username: 'operator' });
    const payload = Buffer.alloc(30_000);
    while (broker.counters.of('broker/evicted queue') === 0)
      await writer.publishAsync('room/1', payload, { qos: 1 });
    await until(() => broker.stats().connections === 1);
    expect(writer.connected).toBe(true);
  });

  it('end the connection of one that publishes where nothing can be written, which gets no PUBACK', async () => {
    const tables = memoryTables();
    const broker = await start({ tables });
    const reader = await connect(broker, DURABLE);
    await reader.subscribeAsync('room/#', { qos: 1 });
    const [writer] = await BareClient.open(broker, 'writer', true);
    tables.transaction = () => {
      throw new Error('disk full');
    };
    const publish = { cmd: 'publish', topic: 'room/1', qos: 1, messageId: 1, payload: 'x' } as const;
    writer.socket.write(generate({ ...publish, dup: false, retain: false }));
    await until(() => writer.socket.destroyed);
    expect([writer.answered('puback'), broker.counters.of('broker/write') > 0]).toEqual([0, true]);
  });
});

import { once } from 'node:events';
import type { IClientOptions } from 'mqtt';
import { generate, type IConnectPacket } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { ManualTimers } from '@timeband/protocol/testing';
import {
  closed,
  connect,
  ended,
  fillableTables,
  Inbox,
  LISTENERS,
  nextMessage,
  PASSWORD,
  rawSocket,
  refusal,
  ROOT,
  startBroker,
  until,
} from './broker.test.support.js';
import { BrokerError } from './errors.js';

/** Offset of the flags in a CONNECT shorter than 128 bytes, and one of them. */
const CONNECT_FLAGS = 9;
const CLEAN_SESSION = 0x02;

const CONNECT: IConnectPacket = {
  cmd: 'connect',
  clientId: 'raw',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  keepalive: 60,
  username: 'sub',
  password: Buffer.from(PASSWORD),
};

describe('a connection', () => {
  it('needs an account and its password', async () => {
    const broker = await startBroker();
    expect(await refusal(broker, { username: 'sub', password: PASSWORD })).toBe(0);
    expect(await refusal(broker, { username: 'sub', password: 'wrong' })).toBe(4);
    expect(await refusal(broker, { username: 'nobody', password: PASSWORD })).toBe(4);
    const socket = await rawSocket(broker);
    socket.write(generate({ cmd: 'connect', clientId: 'anonymous', keepalive: 60 }));
    expect(await once(socket, 'data')).toEqual([Buffer.from([0x20, 2, 0, 5])]);
    await closed(socket);
    expect(broker.counters.of('broker/refused credentials')).toBe(2);
    expect(broker.counters.of('broker/refused anonymous')).toBe(1);
  });

  it('speaks MQTT 3.1.1: a client of version 5 is told so', async () => {
    const broker = await startBroker();
    const socket = await rawSocket(broker);
    socket.write(generate({ ...CONNECT, protocolVersion: 5 }, { protocolVersion: 5 }));
    expect(await once(socket, 'data')).toEqual([Buffer.from([0x20, 2, 0, 1])]);
    await closed(socket);
  });

  it.each<[string, IClientOptions, number]>([
    ['with a client id of 65 characters', { clientId: 'x'.repeat(65) }, 2],
    ['with a control character in its client id', { clientId: 'a\u0007b' }, 2],
    [
      'with a will on a topic that it may not publish on',
      { will: { topic: `${ROOT}/status`, payload: Buffer.from('x'), qos: 1, retain: true } },
      5,
    ],
  ])('is refused %s', async (_, options, code) => {
    const broker = await startBroker();
    expect(await refusal(broker, options)).toBe(code);
  });

  it.each([0, 65_535])('may promise a sign of life every %d seconds, or never', async (keepalive) => {
    const broker = await startBroker();
    expect(await refusal(broker, { keepalive })).toBe(0);
  });

  it('is refused without a client id, but with a session to keep', async () => {
    const broker = await startBroker();
    const socket = await rawSocket(broker);
    const bytes = generate({ ...CONNECT, clientId: '' });
    bytes.writeUInt8(bytes.readUInt8(CONNECT_FLAGS) & ~CLEAN_SESSION, CONNECT_FLAGS); // no library would write this
    socket.write(bytes);
    expect(await once(socket, 'data')).toEqual([Buffer.from([0x20, 2, 0, 2])]);
    await closed(socket);
  });

  it('without a client id gets one when it keeps no session', async () => {
    const broker = await startBroker();
    expect(await refusal(broker, { clientId: '', clean: true })).toBe(0);
    expect(await refusal(broker, { clientId: 'x'.repeat(64) })).toBe(0);
  });

  it('takes over its own earlier one, and never one of another account', async () => {
    const broker = await startBroker();
    const first = await connect(broker, { clientId: 'same' });
    const stranger = await connect(broker, { clientId: 'same', username: 'other' });
    const gone = ended(first);
    await connect(broker, { clientId: 'same' });
    await gone;
    expect(stranger.connected).toBe(true);
    await stranger.subscribeAsync(`${ROOT}/status`);
  });

  it('ends when it publishes, and nothing is published', async () => {
    const broker = await startBroker();
    const watcher = await connect(broker);
    const inbox = new Inbox(watcher);
    await watcher.subscribeAsync(`${ROOT}/#`, { qos: 1 });
    for (const qos of [0, 1, 2] as const) {
      const client = await connect(broker, { username: 'operator' });
      client.publish(`${ROOT}/event/punch`, 'forged', { qos, retain: true });
      await ended(client);
    }
    await broker.publishRetained(`${ROOT}/status`, 'real');
    await inbox.count(1);
    expect(inbox.received.map(({ text }) => text)).toEqual(['real']);
    expect(broker.counters.of('broker/publish-denied')).toBe(3);
  });

  it('says where it could not listen', async () => {
    const { port } = await startBroker();
    const second = startBroker({ listeners: [{ ...LISTENERS.tcp, port }] });
    await expect(second).rejects.toBeInstanceOf(BrokerError);
    await expect(second).rejects.toThrow(`127.0.0.1:${port}`);
  });
});

describe('subscriptions', () => {
  it('outside the rights of the role are refused, those beside them are granted', async () => {
    const broker = await startBroker();
    const client = await connect(broker);
    const granted = await client
      .subscribeAsync({
        '#': { qos: 1 },
        '$SYS/#': { qos: 1 },
        [`${ROOT}/event/mediate`]: { qos: 1 },
        [`${ROOT}/event/+`]: { qos: 1 },
      })
      .catch((error: unknown) => error);
    expect(granted).toBeInstanceOf(Error);
    const inbox = new Inbox(client);
    broker.emit(1);
    await inbox.count(1);
    expect(broker.counters.of('broker/subscribe-denied acl')).toBe(3);
  });

  it('end at 50 for a session', async () => {
    const broker = await startBroker();
    const client = await connect(broker);
    for (let i = 0; i < 50; i++) await client.subscribeAsync(`${ROOT}/event/type-${i}`);
    await expect(client.subscribeAsync(`${ROOT}/event/one-more`)).rejects.toThrow();
    await client.unsubscribeAsync(`${ROOT}/event/type-7`);
    await client.subscribeAsync(`${ROOT}/event/one-more`);
    expect(broker.counters.of('broker/subscribe-denied count')).toBe(1);
  });
});

describe('retained state', () => {
  it('reaches who is there and who comes later, in its newest form', async () => {
    const broker = await startBroker();
    const early = await connect(broker);
    const inbox = new Inbox(early);
    await early.subscribeAsync(`${ROOT}/status`, { qos: 1 });
    await broker.publishRetained(`${ROOT}/status`, 'online');
    await broker.publishRetained(`${ROOT}/status`, 'offline');
    await broker.publishRetained(`${ROOT}/health`, 'fine');
    await inbox.count(2);
    const late = await connect(broker);
    const lateInbox = new Inbox(late);
    await late.subscribeAsync(`${ROOT}/#`, { qos: 1 });
    await lateInbox.count(2);
    expect(inbox.received.map(({ text }) => text)).toEqual(['online', 'offline']);
    expect(lateInbox.received.map(({ text }) => text).sort()).toEqual(['fine', 'offline']);
  });

  it('is not lost when many states are published in one turn: the newest of each topic arrives', async () => {
    const broker = await startBroker();
    const client = await connect(broker);
    const inbox = new Inbox(client);
    await client.subscribeAsync(`${ROOT}/#`, { qos: 1 });
    const published: Promise<boolean>[] = [];
    for (let i = 0; i <= 1_000; i++) {
      for (const topic of ['status', 'health', 'certificate']) {
        published.push(broker.publishRetained(`${ROOT}/${topic}`, String(i)));
      }
    }
    await Promise.all(published);
    await until(() => inbox.received.filter(({ text }) => text === '1000').length === 3);
    const last = new Map(inbox.received.map(({ topic, text }) => [topic, text]));
    expect([...last.values()]).toEqual(['1000', '1000', '1000']);
    expect(inbox.received.length).toBeLessThan(10);
  });

  it('waits for a durable session that is away, the newest of each topic only', async () => {
    const broker = await startBroker();
    const options = { clientId: 'away', clean: false };
    const client = await connect(broker, options);
    await client.subscribeAsync(`${ROOT}/health`, { qos: 1 });
    await client.endAsync();
    await until(() => broker.stats().connections === 0);
    for (let i = 1; i <= 500; i++) await broker.publishRetained(`${ROOT}/health`, String(i));
    const again = connect(broker, options);
    const inbox = new Inbox(await again);
    await inbox.count(1);
    await broker.publishRetained(`${ROOT}/health`, 'live');
    await inbox.count(2);
    expect(inbox.received.map(({ text }) => text)).toEqual(['500', 'live']);
  });

  it('comes at the QoS that was granted, also through a wildcard', async () => {
    const broker = await startBroker();
    await broker.publishRetained(`${ROOT}/status`, 'online');
    const client = await connect(broker);
    const packet = nextMessage(client);
    await client.subscribeAsync(`${ROOT}/#`, { qos: 0 });
    expect(await packet).toMatchObject({ qos: 0, retain: true });
  });

  it('published while the broker closes, or after, fails nobody', async () => {
    const broker = await startBroker();
    const under = broker.publishRetained(`${ROOT}/status`, 'offline');
    await broker.close();
    await under;
    await broker.publishRetained(`${ROOT}/status`, 'offline');
  });
});

describe('on a full disk', () => {
  it('state is tried again until it is written, the newest of each topic; hints are given up; nobody is failed', async () => {
    const { tables, disk } = fillableTables();
    const timers = new ManualTimers(0);
    const broker = await startBroker({ tables, timers });
    const client = await connect(broker);
    const inbox = new Inbox(client);
    await client.subscribeAsync(`${ROOT}/#`, { qos: 1 });
    disk.isFull = true;
    expect(await broker.publishRetained(`${ROOT}/health`, 'at first')).toBe(false);
    expect(await broker.publishRetained(`${ROOT}/status`, 'online')).toBe(false);
    expect(await broker.publishRetained(`${ROOT}/health`, 'full')).toBe(false);
    expect(await broker.publishHint(`${ROOT}/help`, 'a call')).toBe(false);
    await timers.run(60_000);
    expect(inbox.received).toEqual([]);
    disk.isFull = false;
    await timers.run(5_000);
    await inbox.count(2);
    expect(inbox.received.map(({ text }) => text).sort()).toEqual(['full', 'online']);
    expect(broker.counters.of('broker/write')).toBeGreaterThan(3);
  });
});

describe('a hint', () => {
  it('reaches everybody who is there, each of many, and nobody who comes later', async () => {
    const broker = await startBroker();
    const away = await connect(broker, { clientId: 'away', clean: false });
    await away.subscribeAsync(`${ROOT}/help`, { qos: 1 });
    await away.endAsync();
    await until(() => broker.stats().connections === 0);
    const inboxes = await Promise.all(
      [{ clientId: 'durable', clean: false }, {}].map(async (options) => {
        const client = await connect(broker, options);
        const inbox = new Inbox(client);
        await client.subscribeAsync(`${ROOT}/#`, { qos: 1 });
        return inbox;
      }),
    );
    await Promise.all(['a', 'b', 'c'].map((call) => broker.publishHint(`${ROOT}/help`, call)));
    for (const inbox of inboxes) {
      await inbox.count(3);
      expect(inbox.received.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    }
    const back = new Inbox(await connect(broker, { clientId: 'away', clean: false }));
    await broker.publishRetained(`${ROOT}/status`, 'online');
    await broker.publishHint(`${ROOT}/help`, 'd');
    await back.count(1);
    expect(back.received.map(({ text }) => text)).toEqual(['d']);
  });

  it('floods nobody: what is more than can wait is dropped', async () => {
    const broker = await startBroker();
    const client = await connect(broker);
    const inbox = new Inbox(client);
    await client.subscribeAsync(`${ROOT}/#`, { qos: 1 });
    const flood = Array.from({ length: 10_000 }, (_, i) => broker.publishHint(`${ROOT}/help`, String(i)));
    await Promise.all(flood);
    await broker.publishRetained(`${ROOT}/status`, 'online');
    await until(() => inbox.received.some(({ text }) => text === 'online'));
    expect(inbox.received[0]?.text).toBe('0');
    expect(inbox.received.length).toBeLessThan(300);
  });
});

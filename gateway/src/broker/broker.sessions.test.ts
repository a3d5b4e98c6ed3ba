import type { IPublishPacket, MqttClient } from 'mqtt';
import { describe, expect, it } from 'vitest';
import {
  BareClient,
  connect,
  Inbox,
  MemoryCursors,
  MemorySource,
  range,
  ROOT,
  startBroker,
  type TestBroker,
  until,
} from './broker.test.support.js';

const EVENTS = `${ROOT}/event/#`;
const DURABLE = { clientId: 'city', clean: false };

function missing(): never {
  throw new Error('fewer messages than expected');
}

async function leave(broker: TestBroker, client: MqttClient): Promise<void> {
  const { connections } = broker.stats();
  await client.endAsync(true);
  await until(() => broker.stats().connections === connections - 1);
}

describe('a durable session', () => {
  it('goes on where it was after a reconnection', async () => {
    const broker = await startBroker();
    const first = await connect(broker, DURABLE);
    const before = new Inbox(first);
    await first.subscribeAsync(EVENTS, { qos: 1 });
    broker.emit(100);
    await before.count(100);
    await until(() => broker.stats().inFlight === 0);
    await leave(broker, first);
    broker.emit(20_000); // more than the ring holds
    const second = await connect(broker, DURABLE);
    const after = new Inbox(second);
    broker.emit(10);
    await after.count(20_010);
    expect(after.numbers).toEqual(range(101, 20_110));
  });

  it('gets again what it had not acknowledged, under the same identifiers and marked as duplicates', async () => {
    const broker = await startBroker();
    const [first] = await BareClient.open(broker, 'city', false);
    await first.subscribe(EVENTS, 1);
    broker.emit(5);
    await until(() => first.publishes.length === 5);
    for (const index of [0, 2]) first.acknowledge(first.publishes[index] ?? missing());
    await until(() => broker.stats().inFlight === 4); // the third is acknowledged, but the second is still owed
    first.socket.destroy();
    await until(() => broker.stats().connections === 0);
    broker.emit(2);
    const [second, connack] = await BareClient.open(broker, 'city', false);
    expect(connack).toMatchObject({ cmd: 'connack', returnCode: 0, sessionPresent: true });
    await until(() => second.publishes.length === 5);
    const seen = ({ payload, messageId, dup }: IPublishPacket) => [payload.toString(), messageId, dup];
    const owed = [1, 3, 4].map((index) => first.publishes[index] ?? missing());
    expect(second.publishes.slice(0, 3).map(seen)).toEqual(
      owed.map((packet) => seen({ ...packet, dup: true })),
    );
    expect(second.publishes.slice(3).map(({ payload, dup }) => [payload.toString(), dup])).toEqual([
      ['6', false],
      ['7', false],
    ]);
    for (const packet of second.publishes) second.acknowledge(packet);
    await until(() => broker.stats().inFlight === 0);
    second.socket.destroy();
    await until(() => broker.cursors.load('city', 'sub') === 7);
  });

  it('goes on where it was in a new broker over the same store', async () => {
    const source = new MemorySource();
    const cursors = new MemoryCursors();
    const old = await startBroker({ source, cursors });
    const first = await connect(old, DURABLE);
    const before = new Inbox(first);
    await first.subscribeAsync(EVENTS, { qos: 1 });
    old.emit(1_000);
    await before.count(1_000);
    await until(() => old.stats().inFlight === 0);
    await old.close();
    source.commit(5_000);
    const broker = await startBroker({ source, cursors });
    const second = await connect(broker, DURABLE);
    const after = new Inbox(second);
    await second.subscribeAsync(EVENTS, { qos: 1 });
    broker.emit(10);
    await after.count(5_010);
    expect(after.numbers).toEqual(range(1_001, 6_010));
  });

  it('is ended by a clean one with the same client id', async () => {
    const broker = await startBroker();
    const first = await connect(broker, DURABLE);
    await first.subscribeAsync(EVENTS, { qos: 1 });
    await leave(broker, first);
    broker.emit(5);
    await leave(broker, await connect(broker, { ...DURABLE, clean: true }));
    expect(broker.cursors.load('city', 'sub')).toBeUndefined();
    expect(broker.stats().sessions).toBe(0);
    const again = await connect(broker, DURABLE);
    const inbox = new Inbox(again);
    await again.subscribeAsync(EVENTS, { qos: 1 });
    broker.emit(1);
    await inbox.count(1);
    expect(inbox.numbers).toEqual([6]);
  });

  it('is refused to an account that holds too many', async () => {
    const broker = await startBroker();
    for (let i = 0; i < 64; i++)
      await leave(broker, await connect(broker, { clientId: `c${i}`, clean: false }));
    await expect(connect(broker, { clientId: 'one-more', clean: false })).rejects.toMatchObject({ code: 3 });
    await connect(broker, { clientId: 'c7', clean: false });
    await connect(broker, { clientId: 'one-more', clean: false, username: 'other' });
  });

  it('is taken over in the middle of a stream without a gap', async () => {
    const broker = await startBroker();
    const first = await connect(broker, DURABLE);
    const before = new Inbox(first);
    await first.subscribeAsync(EVENTS, { qos: 1 });
    broker.emit(3_000);
    await before.count(700);
    const second = await connect(broker, DURABLE);
    const after = new Inbox(second);
    await until(() => after.numbers.at(-1) === 3_000);
    const start = after.numbers[0] ?? 0;
    expect(start).toBeLessThanOrEqual((before.numbers.at(-1) ?? 0) + 1);
    expect(after.numbers).toEqual(range(start, 3_000));
  });
});

describe('a backlog', () => {
  it('of 50,000 events reaches a subscriber that acknowledges slowly in order, none twice', async () => {
    const source = new MemorySource();
    const cursors = new MemoryCursors();
    cursors.save([{ clientId: 'city', account: 'sub', cursor: 0 }]);
    source.commit(50_000, 'punch', 100);
    const broker = await startBroker({ source, cursors });
    const client = await connect(broker, DURABLE);
    const inbox = new Inbox(client);
    let most = 0;
    client.handleMessage = (_packet, done) => {
      // A pause each 64 messages: acknowledgements come in bursts, as from a subscriber that writes to a database.
      if (inbox.received.length % 64 === 0) setImmediate(done);
      else done();
      most = Math.max(most, broker.stats().inFlight);
    };
    await client.subscribeAsync(EVENTS, { qos: 1 });
    broker.emit(100);
    await inbox.count(50_100);
    expect(inbox.numbers).toEqual(range(1, 50_100));
    expect(most).toBeLessThanOrEqual(512);
  });

  it('is read from the store, and what is new from memory', async () => {
    const source = new MemorySource();
    const cursors = new MemoryCursors();
    cursors.save([{ clientId: 'city', account: 'sub', cursor: 900 }]);
    source.commit(1_000);
    const broker = await startBroker({ source, cursors });
    const client = await connect(broker, DURABLE);
    const inbox = new Inbox(client);
    await client.subscribeAsync(EVENTS, { qos: 1 });
    await inbox.count(100);
    const reads = source.reads;
    broker.emit(500);
    await inbox.count(600);
    expect(inbox.numbers).toEqual(range(901, 1_500));
    expect(source.reads).toBe(reads);
  });
});

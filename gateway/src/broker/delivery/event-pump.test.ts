import { Writable } from 'node:stream';
import {
  encodeCommit,
  encodeEvent,
  eventHash,
  eventJson,
  gatewayTopics,
  MerkleTree,
  PrivateKey,
  signCommit,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { type IPublishPacket, parser } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { createAcl } from '../acl.js';
import {
  GATEWAY,
  MemoryCounters,
  MemoryCursors,
  MemorySource,
  range,
  ROOT,
  silent,
  SITE,
} from '../broker.test.support.js';
import { BROKER_LIMITS, type BrokerLimits } from '../limits.js';
import type { Delivery } from './delivery.js';
import { EventPump } from './event-pump.js';
import { Pump } from './pump.js';
import { Subscriptions } from '../subscriptions.js';

const topics = gatewayTopics(SITE, GATEWAY);
const acl = createAcl(SITE, GATEWAY);

/** A socket whose peer reads when the test says so. */
class FakeSocket extends Writable {
  readonly publishes: IPublishPacket[] = [];
  private readonly reader = parser();
  private flush: (() => void) | undefined;

  constructor(private reading = true) {
    super({ highWaterMark: 1024 * 1024 });
    this.reader.on('packet', (packet) => packet.cmd === 'publish' && this.publishes.push(packet));
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.reader.parse(bytes);
    if (this.reading) done();
    else this.flush = done;
  }

  read(): void {
    this.reading = true;
    this.flush?.();
  }

  get numbers(): number[] {
    return this.publishes.map(({ payload }) => Number(payload.toString()));
  }
}

interface Given {
  readonly source?: MemorySource;
  readonly cursors?: MemoryCursors;
  readonly counters?: MemoryCounters;
  readonly limits?: Partial<BrokerLimits>;
}

/** A session with events only, and the pump that fills its socket. */
function setUp(given: Given = {}) {
  const timers = new ManualTimers();
  const {
    source = new MemorySource(),
    cursors = new MemoryCursors(),
    counters = new MemoryCounters(),
  } = given;
  const limits = { ...BROKER_LIMITS, ...given.limits };
  const pump = new Pump({ timers, counters, log: silent, ...limits });
  const events = new EventPump({ source, cursors, timers, counters, log: silent, limits });
  const open = (filter: string, qos: 0 | 1, durable = true) => {
    const subscriptions = new Subscriptions(topics, acl, { account: 'sub', role: 'subscriber' });
    subscriptions.grant(filter, qos);
    const delivery = pump.open('sub', 'city');
    const wake = () => {
      delivery.wake();
    };
    const lane = events.open({ clientId: 'city', account: 'sub', durable, subscriptions, wake });
    delivery.add(lane);
    return Object.assign(delivery, { lane });
  };
  const emit = (count: number, type?: string, bytes?: number) => {
    events.committed(source.commit(count, type, bytes));
  };
  const acknowledge = (delivery: Delivery, packets: readonly IPublishPacket[]) => {
    for (const { messageId = 0 } of packets) delivery.acknowledge(messageId);
  };
  return {
    timers,
    source,
    cursors,
    counters,
    pump,
    events,
    open,
    emit,
    acknowledge,
    settle: () => timers.run(0),
  };
}

describe('the event pump', () => {
  it('sends no more than a window, and the next as acknowledgements come in', async () => {
    const { pump, open, emit, acknowledge, settle } = setUp({ limits: { window: 10 } });
    const delivery = open(topics.events, 1);
    const socket = new FakeSocket();
    pump.attach(delivery, socket);
    emit(25);
    await settle();
    expect(socket.numbers).toEqual(range(1, 10));
    acknowledge(delivery, socket.publishes.slice(1, 4)); // the first is still owed: the window does not move
    await settle();
    expect([socket.numbers.length, delivery.lane.cursor]).toEqual([10, 0]);
    acknowledge(delivery, socket.publishes.slice(0, 1));
    await settle();
    expect([socket.numbers, delivery.lane.cursor]).toEqual([range(1, 14), 4]);
    acknowledge(delivery, socket.publishes);
    await settle();
    expect(socket.numbers).toEqual(range(1, 24));
  });

  it('gives a socket nothing new above its share of memory, whatever the backlog', async () => {
    const source = new MemorySource();
    const { pump, events, open, emit, settle } = setUp({ source });
    const delivery = open(topics.events, 0);
    const socket = new FakeSocket(false);
    pump.attach(delivery, socket);
    emit(20_000, 'punch', 1_000);
    for (let turn = 0; turn < 20; turn++) await settle();
    const held = socket.writableLength;
    expect(held).toBeGreaterThan(128 * 1024);
    expect(held).toBeLessThan((256 + 64 + 2) * 1024);
    expect(events.stats().ringEvents).toBeLessThanOrEqual(2_048);
    expect(events.stats().ringBytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    socket.read();
    while (socket.publishes.length < 20_000) await settle();
    expect(socket.numbers).toEqual(range(1, 20_000));
  });

  it('crosses from the store to memory and back without a gap or a duplicate', async () => {
    const { source, pump, open, emit, acknowledge, settle } = setUp({
      limits: { ring: { events: 50, bytes: 1_000_000 }, window: 30, page: 7 },
    });
    const delivery = open(topics.events, 1);
    const socket = new FakeSocket();
    pump.attach(delivery, socket);
    for (let round = 0, done = 0; round < 40; round++) {
      emit(round % 3 === 0 ? 90 : 1);
      await settle();
      const upTo = socket.publishes.length;
      acknowledge(delivery, socket.publishes.slice(done, upTo));
      done = upTo;
    }
    while (delivery.lane.cursor < source.head) {
      acknowledge(delivery, socket.publishes.slice(-30));
      await settle();
    }
    expect(socket.numbers).toEqual(range(1, source.head));
    expect(source.reads).toBeGreaterThan(0);
  });

  it('saves cursors a few times a second, never ahead of what is acknowledged, and at the end', async () => {
    const { timers, cursors, pump, events, open, emit, acknowledge, settle } = setUp();
    const delivery = open(topics.events, 1);
    expect(cursors.load('city', 'sub')).toBe(0); // its place is kept from the first moment on
    const socket = new FakeSocket();
    pump.attach(delivery, socket);
    emit(100);
    await settle();
    acknowledge(delivery, socket.publishes.slice(0, 40));
    const { saves } = cursors;
    await timers.run(249);
    expect([cursors.load('city', 'sub'), cursors.saves]).toEqual([0, saves]);
    await timers.run(1);
    expect([cursors.load('city', 'sub'), cursors.saves]).toEqual([40, saves + 1]);
    acknowledge(delivery, socket.publishes.slice(50, 60));
    acknowledge(delivery, socket.publishes.slice(40, 45));
    pump.close();
    events.close();
    expect(cursors.load('city', 'sub')).toBe(45);
    expect(timers.pending).toBe(0);
  });

  it('moves the cursor past what a session did not subscribe to', async () => {
    const { timers, cursors, pump, open, emit, settle } = setUp();
    pump.attach(open(topics.event('device'), 1), new FakeSocket());
    emit(1_000, 'punch');
    await settle();
    await timers.run(250);
    expect(cursors.load('city', 'sub')).toBe(1_000);
  });

  it('saves again what the store could not take', async () => {
    const { timers, cursors, counters, pump, open, emit, acknowledge, settle } = setUp();
    const delivery = open(topics.events, 1);
    const socket = new FakeSocket();
    pump.attach(delivery, socket);
    emit(3);
    await settle();
    const save = cursors.save.bind(cursors);
    cursors.save = () => {
      throw new Error('disk full');
    };
    acknowledge(delivery, socket.publishes);
    await timers.run(500);
    expect(counters.of('broker/cursor-save')).toBeGreaterThan(0);
    cursors.save = save;
    await timers.run(250);
    expect(cursors.load('city', 'sub')).toBe(3);
  });

  it('cuts off a session whose events cannot be read, and only that one', async () => {
    const { source, cursors, counters, pump, open, emit, settle } = setUp();
    source.commit(10);
    cursors.save([{ clientId: 'city', account: 'sub', cursor: 0 }]);
    const behind = new FakeSocket();
    const near = new FakeSocket();
    const { pump: second, open: openSecond } = setUp({ source, cursors, counters });
    source.read = () => {
      throw new Error('cannot read');
    };
    second.attach(openSecond(topics.events, 1), behind);
    pump.attach(open(topics.events, 1, false), near);
    await settle();
    expect([behind.destroyed, counters.of('broker/read')]).toEqual([true, 1]);
    emit(1);
    await settle();
    expect([near.destroyed, near.numbers]).toEqual([false, [11]]);
  });

  it('starts a session at the head whose cursor is ahead of the log', async () => {
    const { cursors, counters, pump, open, emit, settle } = setUp();
    cursors.save([{ clientId: 'city', account: 'sub', cursor: 99 }]);
    const socket = new FakeSocket();
    pump.attach(open(topics.events, 1), socket);
    emit(2);
    await settle();
    expect([socket.numbers, counters.of('broker/cursor-ahead')]).toEqual([[1, 2], 1]);
  });

  it('sends both forms of an event to who subscribed to both, and each is acknowledged by itself', async () => {
    const { source, pump, events, open, acknowledge, settle } = setUp();
    const delivery = open(`${ROOT}/#`, 1);
    const socket = new FakeSocket();
    pump.attach(delivery, socket);
    const message = eventMessage();
    source.events.push({ seq: 1, type: 'punch', message });
    events.committed(source.events);
    await settle();
    const [event, json, ...more] = socket.publishes;
    expect([event?.topic, json?.topic, more]).toEqual([topics.event('punch'), topics.json('punch'), []]);
    expect(Buffer.from(event?.payload ?? '').equals(message)).toBe(true);
    expect(json?.payload.toString()).toBe(eventJson(message));
    acknowledge(delivery, socket.publishes.slice(0, 1));
    expect(delivery.lane.cursor).toBe(0);
    acknowledge(delivery, socket.publishes.slice(1));
    expect(delivery.lane.cursor).toBe(1);
  });

  it('leaves out the JSON form of an event that has none, and goes on', async () => {
    const { counters, pump, open, emit, settle } = setUp();
    const socket = new FakeSocket();
    pump.attach(open(`${ROOT}/#`, 1), socket);
    emit(2);
    await settle();
    expect(socket.publishes.map(({ topic }) => topic)).toEqual([
      topics.event('punch'),
      topics.event('punch'),
    ]);
    expect(counters.of('broker/json')).toBe(2);
  });
});

/** A real event message, of which there is a JSON form. */
function eventMessage(): Uint8Array {
  const key = PrivateKey.generate();
  const hash = new Uint8Array(32);
  const event = encodeEvent({
    site: SITE,
    gateway: GATEWAY,
    epoch: 1,
    seq: 1,
    previous: hash,
    type: 'punch',
    device: 'reader-1',
    logId: new Uint8Array(16),
    logSeq: 1,
    logPrevious: hash,
    record: Uint8Array.of(1),
    sealId: hash,
    evidence: 1,
    time: { latest: 1_700_000_000 },
    recorded: 1_700_000_000,
  });
  const tree = new MerkleTree([eventHash(event)]);
  const [message] = encodeCommit([event], tree, signCommit(key, SITE, tree.root));
  if (message === undefined) throw new Error('a commit of one event has one message');
  return message;
}

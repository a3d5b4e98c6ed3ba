/** Two boxes of one site in this process, on a clock that the test moves: whatever becomes of them, each record is one event. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PeerLink, reconcile } from '@timeband/gateway';
import type { SimulatedReader, SimulatedReaderOptions } from '@timeband/simulator';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BoxOptions } from './support/box.js';
import { PeerWire } from './support/peer-wire.js';
import { PolicyBox, punch } from './support/policy-box.js';

/** Until everything has found its way, in seconds. */
const LONG = 12;
const ROOM = 10_000_000;

const headOf = (device: SimulatedReader): number => device.reader.status(0).head;
const upTo = (head: number, from = 1): number[] =>
  Array.from({ length: head - from + 1 }, (_, i) => from + i);

describe('two boxes of one site', () => {
  let dir: string;
  let primary: PolicyBox;
  let boxes: PolicyBox[];

  const add = (gateway: string, options: BoxOptions = {}): PolicyBox => {
    const [first] = boxes;
    const shared = first && { timers: first.timers, issuerKey: first.issuerKey };
    const box = new PolicyBox({ ...shared, gateway, ...options });
    boxes.push(box);
    return box;
  };
  const name = (gateway: string, term: number): void => {
    for (const box of boxes) box.policies.take(primary.sign(term, { type: 'primary', gateway, term }));
  };
  const reader = (options: Partial<SimulatedReaderOptions> = {}): SimulatedReader =>
    primary.device({ wall: primary.wallClock(), ...options });
  const tap = async (device: SimulatedReader, times: number, seconds = 0.1): Promise<void> => {
    for (let n = 0; n < times; n++) {
      device.reader.tap(punch(n));
      await primary.pass(seconds);
    }
  };
  /** What `reconcile` says of a box: how many records wait, or what is wrong. */
  const audit = async ({ store, trust, context: { site } }: PolicyBox): Promise<number | object> => {
    const { verdict, totals, counts } = await reconcile({ store, site, trust, hasUplink: false });
    return verdict === 'good' ? totals.waiting : counts;
  };
  const waiting = (box: PolicyBox): number => box.store.forward.totals.records;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'handover-'));
    boxes = [];
    primary = add('gw-1', { maxQueuedBytes: ROOM });
  });
  afterEach(async () => {
    await Promise.all(boxes.map((box) => box.close()));
    rmSync(dir, { recursive: true });
  });

  it('read nothing more while the queue for the primary is full, and lose nothing of it', async () => {
    const secondary = add('gw-2', { maxQueuedBytes: 3_000 });
    name('gw-1', 1);
    const wire = new PeerWire(secondary, primary);
    const device = reader();
    secondary.plug(device);
    await tap(device, 60);
    await primary.pass(5);
    const full = secondary.store.forward.totals;
    expect(await audit(secondary)).toBe(full.records);
    expect(secondary.queue?.isFull).toBe(true);
    expect([...secondary.codes()]).toContain('forward/full');
    await tap(device, 400, 0.05);
    expect(secondary.store.forward.totals).toEqual(full);
    expect(headOf(device)).toBeGreaterThan(460);

    wire.mend();
    await primary.pass(LONG);
    expect(primary.published(device.id)).toEqual(upTo(headOf(device)));
    expect(device.reader.identity().acked).toBe(headOf(device));
    expect(waiting(secondary)).toBe(0);
    // However long it was full, what went under one seal stayed small: 128, and the last of what was read at once.
    expect(Math.max(...wire.sent)).toBeLessThan(160);
    expect(wire.longest).toBeLessThan(65_536);
  });

  it('answer a tap that there is no room for', async () => {
    const secondary = add('gw-2', { maxQueuedBytes: 0 });
    name('gw-1', 1);
    let answered = 0;
    const device = reader({
      observe: ({ event }) => {
        if (event === 'feedback') answered++;
      },
    });
    secondary.plug(device);
    await primary.pass(2);
    const before = answered;
    await tap(device, 200, 0.06);
    expect(answered - before).toBe(200);
    expect(secondary.store.forward.totals.records).toBe(0);
  });

  it('count once what was answered on a line that lost the answer', async () => {
    const secondary = add('gw-2', { maxQueuedBytes: ROOM });
    name('gw-1', 1);
    const wire = new PeerWire(secondary, primary);
    wire.mend();
    wire.answersToLose = 2;
    const device = reader();
    secondary.plug(device);
    await tap(device, 3);
    await primary.pass(62);
    expect(secondary.counted.filter((entry) => entry.startsWith('forward/unanswered'))).toHaveLength(2);
    expect(primary.published(device.id)).toEqual(upTo(headOf(device)));
    expect(device.reader.identity().acked).toBe(headOf(device));
  });

  describe('of which the primary was restored from a backup', () => {
    let secondary: PolicyBox;
    let database: string;
    const backUp = async (): Promise<void> => {
      database = join(dir, 'backup.db');
      await primary.store.backup(database);
    };
    const restore = (): PolicyBox => add('gw-1', { restored: { from: primary, database } });
    beforeEach(() => {
      secondary = add('gw-2', { maxQueuedBytes: ROOM });
      name('gw-1', 1);
    });

    it('read a device again for what the primary lacks', async () => {
      const wire = new PeerWire(secondary, primary);
      wire.mend();
      const device = reader();
      secondary.plug(device);
      await tap(device, 3);
      await primary.pass(10);
      const stored = headOf(device);
      await backUp();
      await tap(device, 5);
      await primary.pass(10);
      expect(device.reader.identity().acked).toBe(stored + 5);
      wire.cut();

      const restored = restore();
      new PeerWire(secondary, restored).mend();
      await tap(device, 2);
      await primary.pass(LONG);
      expect([...secondary.codes()]).toContain('forward/lacks');
      expect(restored.published(device.id)).toEqual(upTo(headOf(device), stored + 1));
      expect(restored.store.totals()).toMatchObject({ records: headOf(device), quarantined: 0 });
      expect(await audit(restored)).toBe(0);
      expect(waiting(secondary)).toBe(0);
      expect(device.reader.identity().acked).toBe(headOf(device));
    });

    it('send what still waits without the device', async () => {
      const wire = new PeerWire(secondary, primary);
      wire.mend();
      const device = reader();
      const { link } = secondary.plug(device);
      await tap(device, 3);
      await primary.pass(10);
      const stored = headOf(device);
      await backUp();
      wire.cut();
      await tap(device, 5);
      await primary.pass(5);
      await link.close();
      expect(waiting(secondary)).toBe(5);

      const restored = restore();
      new PeerWire(secondary, restored).mend();
      await primary.pass(5);
      expect(restored.published(device.id)).toEqual(upTo(stored + 5, stored + 1));
      expect([...secondary.codes()]).not.toContain('forward/lacks');
    });

    it('count as lost what the device has overwritten since', async () => {
      const wire = new PeerWire(secondary, primary);
      wire.mend();
      const device = reader({ slots: 24 });
      secondary.plug(device);
      await tap(device, 3);
      await primary.pass(10);
      const stored = headOf(device);
      await backUp();
      for (let round = 0; round < 6; round++) {
        await tap(device, 8);
        await primary.pass(5);
      }
      const gone = device.reader.identity();
      expect(gone.oldest).toBeGreaterThan(stored + 1);
      wire.cut();

      const restored = restore();
      new PeerWire(secondary, restored).mend();
      await tap(device, 2);
      await primary.pass(LONG);
      expect(restored.published(device.id)).toEqual(upTo(headOf(device), gone.acked + 1));
      expect([...restored.codes()]).toContain('log/gap');
      expect(waiting(secondary)).toBe(0);
      await tap(device, 2);
      await primary.pass(10);
      expect(device.reader.identity().acked).toBe(headOf(device));
    });
  });

  describe('of which policy makes the other one the primary', () => {
    let secondary: PolicyBox;
    let link: PeerLink;
    beforeEach(() => {
      secondary = add('gw-2', { maxQueuedBytes: ROOM });
      const { context, queue, store, counters, timers, wallClock, clock, policies } = secondary;
      if (queue === undefined) throw new Error('no queue');
      const { site, gateway, credentials, log } = context;
      link = new PeerLink({
        ...{ site, gateway, credentials, log, counters, timers, wallClock, policies, queue },
        ...{ config: { to: [], maxQueuedMb: 1 }, dataDir: dir, tables: store.forward },
        now: () => clock.now(),
        toSelf: (bytes) => void secondary.desk.receive(gateway, bytes),
      });
      secondary.deskAnswered = (client, bytes) => {
        if (client === gateway) link.answered(bytes);
      };
      secondary.handOver = (key) => {
        if (key !== undefined) link.kept(key);
      };
      name('gw-1', 1);
      link.start();
    });
    afterEach(() => link.close());

    it('hand what waited to the new primary’s own ledger', async () => {
      const device = reader();
      secondary.plug(device);
      await tap(device, 6);
      await primary.pass(5);
      expect(link.report()).toMatchObject({ state: 'unknown', primary: 'gw-1', records: headOf(device) });
      expect(secondary.events).toEqual([]);

      name('gw-2', 2);
      link.policyChanged();
      await tap(device, 3);
      await primary.pass(LONG);
      expect(link.report()).toMatchObject({ state: 'idle', records: 0, inFlight: 0 });
      expect(secondary.published(device.id)).toEqual(upTo(headOf(device)));
      expect(device.reader.identity().acked).toBe(headOf(device));
      expect(secondary.counted.filter((entry) => entry.startsWith('internal/'))).toEqual([]);
    });

    it('hand over what the device is no longer there for', async () => {
      const device = reader();
      const { link: line } = secondary.plug(device);
      await tap(device, 6);
      await primary.pass(5);
      await line.close();
      name('gw-2', 2);
      link.policyChanged();
      await primary.pass(5);
      expect(secondary.published(device.id)).toEqual(upTo(headOf(device)));
      expect(link.report()).toMatchObject({ records: 0, cursors: [{ gateway: 'gw-2' }] });
    });

    it('have the old primary forward what it reads from then on', async () => {
      const device = reader();
      primary.plug(device);
      await tap(device, 4);
      await primary.pass(5);
      const before = headOf(device);
      expect(primary.published(device.id)).toEqual(upTo(before));

      name('gw-2', 2);
      link.policyChanged();
      new PeerWire(primary, secondary).mend();
      await tap(device, 5);
      await primary.pass(LONG);
      expect(primary.published(device.id)).toEqual(upTo(before));
      expect(secondary.published(device.id)).toEqual(upTo(headOf(device), before + 1));
      expect(device.reader.identity().acked).toBe(headOf(device));

      name('gw-1', 3); // and back again
      const wire = new PeerWire(secondary, primary);
      wire.mend();
      await tap(device, 2);
      await primary.pass(LONG);
      // It is no longer at the place where the other one went on, and wants all that the device still has.
      expect(primary.published(device.id)).toEqual(upTo(headOf(device)));
      expect(await audit(primary)).toBe(0);
    });

    it('refuse a forward from whoever has not heard of it yet, until it has', async () => {
      const device = reader();
      secondary.plug(device);
      await tap(device, 3);
      await primary.pass(5);
      const wire = new PeerWire(secondary, primary);
      primary.policies.take(primary.sign(2, { type: 'primary', gateway: 'gw-2', term: 2 }));
      wire.mend();
      await primary.pass(5);
      expect(primary.events).toEqual([]);
      expect([...secondary.codes()]).toContain('forward/later');
      const told = secondary.log.filter(({ code }) => code === 'forward/not-primary');
      expect(told).toHaveLength(1);
      expect(waiting(secondary)).toBe(headOf(device));
    });
  });

  it('make one event of each record that both of them read', async () => {
    const secondary = add('gw-2', { maxQueuedBytes: ROOM });
    name('gw-1', 1);
    const wire = new PeerWire(secondary, primary);
    const device = reader();
    const first = secondary.plug(device);
    await tap(device, 4);
    await primary.pass(5);
    await first.link.close();
    const second = primary.plug(device);
    await tap(device, 2);
    await primary.pass(5);
    expect(primary.published(device.id)).toEqual(upTo(headOf(device)));
    await second.link.close();
    const again = secondary.plug(device);
    await tap(device, 2);
    await primary.pass(5);
    expect(await audit(secondary)).toBe(waiting(secondary)); // though the primary has some of what lies between
    await again.link.close();
    wire.mend(); // with what the primary has read itself meanwhile
    await primary.pass(5);
    expect(waiting(secondary)).toBe(0);
    expect(primary.published(device.id)).toEqual(upTo(headOf(device)));

    wire.cut();
    const third = secondary.plug(device);
    await tap(device, 4);
    await primary.pass(5);
    expect(await audit(secondary)).toBe(4);
    await third.link.close();
    primary.plug(device);
    wire.mend(); // while the primary is reading them
    await tap(device, 3, 0.3);
    await primary.pass(LONG);
    expect(primary.published(device.id)).toEqual(upTo(headOf(device)));
    expect(primary.store.totals()).toMatchObject({ records: headOf(device), quarantined: 0 });
    expect(waiting(secondary)).toBe(0);
    expect(device.reader.identity().acked).toBe(headOf(device));
  });

  describe('of which one asks a device where its log begins while the other brings that', () => {
    /** Is done once, when the device is next asked for a seal, and before it answers. */
    const whenAsked = (device: SimulatedReader, work: () => void): void => {
      const seal = device.reader.seal.bind(device.reader);
      vi.spyOn(device.reader, 'seal').mockImplementationOnce((nonce, upto) => {
        work();
        return seal(nonce, upto);
      });
    };
    const settings = { signMs: 50 };
    const unexpected = (box: PolicyBox): readonly string[] =>
      box.counted.filter((entry) => entry.startsWith('internal/'));

    it('goes on from there with a log that it did not know', async () => {
      const secondary = add('gw-2', { maxQueuedBytes: ROOM });
      const other = add('gw-3');
      name('gw-1', 1);
      const device = reader({ settings });
      const first = primary.plug(device);
      await tap(device, 3);
      await primary.pass(5);
      await first.link.close();
      const { acked } = device.reader.identity();
      const second = secondary.plug(device);
      await tap(device, 4);
      await primary.pass(5);
      await second.link.close();

      name('gw-3', 2);
      whenAsked(device, () => {
        new PeerWire(secondary, other).mend();
      });
      other.plug(device);
      await tap(device, 2);
      await primary.pass(LONG);
      expect(unexpected(other)).toEqual([]);
      expect(other.published(device.id)).toEqual(upTo(headOf(device), acked + 1));
      expect(waiting(secondary)).toBe(0);
    });

    it('does not go back over what was brought to count records as lost', async () => {
      const secondary = add('gw-2', { maxQueuedBytes: ROOM });
      name('gw-1', 1);
      const device = reader({ settings, slots: 24 });
      const first = primary.plug(device);
      await tap(device, 3);
      await primary.pass(5);
      const stored = headOf(device);
      const database = join(dir, 'backup.db');
      await primary.store.backup(database);
      for (let round = 0; round < 6; round++) {
        await tap(device, 8);
        await primary.pass(5);
      }
      await first.link.close();
      const { acked, oldest } = device.reader.identity();
      expect(oldest).toBeGreaterThan(stored + 1);
      const second = secondary.plug(device);
      await tap(device, 4);
      await primary.pass(5);
      await second.link.close();

      const restored = add('gw-1', { restored: { from: primary, database } });
      whenAsked(device, () => {
        new PeerWire(secondary, restored).mend();
      });
      restored.plug(device);
      await tap(device, 2);
      await primary.pass(LONG);
      expect(unexpected(restored)).toEqual([]);
      expect(restored.published(device.id)).toEqual(upTo(headOf(device), acked + 1));
      expect(restored.counted.filter((entry) => entry.startsWith('log/gap'))).toHaveLength(1);
      expect(await audit(restored)).toBe(0);
    });
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyConsistency, verifyHead, verifyReceipt } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../store/index.js';
import { HeadPublisher } from './head-publisher.js';
import { Receipts, type SignedHead } from './receipts.js';
import { certificate, key, NOW, SITE, TestLog, trust } from './test-log.test.support.js';

describe('receipts of a gateway', () => {
  let dir: string;
  let store: Store;
  let timers: ManualTimers;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'receipts-'));
    store = new Store(join(dir, 'gateway.db'));
    timers = new ManualTimers(0);
  });
  afterEach(() => {
    store.close();
    rmSync(dir, { recursive: true });
  });

  const receiptsOf = (events: TestLog): Receipts =>
    new Receipts({ store, events, key, certificate, timers, wallClock: () => NOW + timers.now() / 1_000 });

  /** What comes of it once the work is done that it does bit by bit. */
  async function done<T>(work: Promise<T>): Promise<T> {
    const [result] = await Promise.all([work, timers.run(1_000)]);
    return result;
  }

  it('are there for each event of a log, and for no other number', async () => {
    const log = new TestLog(600);
    const receipts = receiptsOf(log);
    for (const seq of [1, 256, 257, 600]) {
      const receipt = await done(receipts.receipt(seq));
      const { event, head } = verifyReceipt(receipt ?? new Uint8Array(), { trust, site: SITE });
      expect([event.seq, head.size]).toEqual([seq, 600]);
    }
    expect(await done(receipts.receipt(0))).toBeUndefined();
    expect(await done(receipts.receipt(601))).toBeUndefined();
    expect(await done(receiptsOf(new TestLog()).receipt(1))).toBeUndefined();
  });

  it('stay under the newest head until an event asks for a newer one', async () => {
    const log = new TestLog(10);
    const receipts = receiptsOf(log);
    const sizeOf = async (seq: number): Promise<number> => {
      const receipt = (await done(receipts.receipt(seq))) ?? new Uint8Array();
      return verifyReceipt(receipt, { trust, site: SITE }).head.size;
    };
    expect(await sizeOf(3)).toBe(10);
    log.add(5);
    expect(await sizeOf(3)).toBe(10);
    expect(await sizeOf(11)).toBe(15);
  });

  it('outlive a restart, under the same head', async () => {
    const log = new TestLog(300);
    const before = await done(receiptsOf(log).head());
    const after = receiptsOf(log);
    expect(await done(after.receipt(299))).toBeDefined();
    const again = await done(after.head());
    expect(Buffer.from(again?.bytes ?? []).equals(before?.bytes ?? Buffer.of(1))).toBe(true);
  });

  it('come with the proof that a later head continues an earlier one', async () => {
    const log = new TestLog(100);
    const receipts = receiptsOf(log);
    const earlier = verifyHead((await done(receipts.head()))?.bytes ?? new Uint8Array(), certificate);
    log.add(400);
    const proof = (await done(receipts.consistency(100))) ?? new Uint8Array();
    expect(verifyConsistency(earlier, proof, certificate).size).toBe(500);
    expect(await done(receipts.consistency(0))).toBeUndefined();
    expect(await done(receipts.consistency(501))).toBeUndefined();
  });

  it('are not made, nor is a head signed, once the events are not those that were signed', async () => {
    const honest = new TestLog(300);
    await done(receiptsOf(honest).head());
    const rewritten = new TestLog(299);
    rewritten.append(500);
    const receipts = receiptsOf(rewritten);
    await expect(done(receipts.receipt(300))).rejects.toThrow('no longer those that were signed');
    rewritten.add(1);
    await expect(done(receipts.head())).rejects.toThrow('no longer those that were signed');
  });

  it('are found by device and record, the newest log first', async () => {
    store.transaction(() => {
      const log = (device: string, id: number): number =>
        store.insertLog({
          ...{ logId: Uint8Array.of(id), device, epoch: id, certificate: new Uint8Array() },
          ...{ base: 0, hash: new Uint8Array(32) },
        }).key;
      const [first, second, other] = [log('reader-1', 1), log('reader-1', 2), log('reader-2', 3)];
      const event = { evidence: 0, time: { latest: 1 }, minutes: undefined } as const;
      const places = [
        [first, 1],
        [other, 7],
        [first, 7],
        [second, 1],
      ] as const;
      places.forEach(([key, logSeq], i) => {
        store.insertEvent({ ...event, seq: i + 1, log: key, logSeq });
      });
    });
    const receipts = receiptsOf(new TestLog(4));
    expect(await done(receipts.find('reader-1', 1))).toBe(4);
    expect(await done(receipts.find('reader-1', 7))).toBe(3);
    expect(await done(receipts.find('reader-2', 7))).toBe(2);
    expect(await done(receipts.find('reader-2', 1))).toBeUndefined();
    expect(await done(receipts.find('nobody', 1))).toBeUndefined();
  });
});

describe('the published head', () => {
  it('changes at most once in a period, and only when there are new events', async () => {
    const timers = new ManualTimers(0);
    const head = (size: number): SignedHead => ({
      bytes: Uint8Array.of(size),
      says: {
        ...{ site: SITE, gateway: 'gw-1', epoch: 1, size, root: new Uint8Array(32), issued: NOW },
      },
    });
    let newest: SignedHead | undefined;
    const published: number[] = [];
    const failures: string[] = [];
    const publisher = new HeadPublisher({
      timers,
      everyMs: 60_000,
      head: () => (newest?.says.size === 13 ? Promise.reject(new Error('changed')) : Promise.resolve(newest)),
      publish: (bytes) => {
        published.push(bytes[0] ?? 0);
        return Promise.resolve(true);
      },
      failed: ({ message }) => failures.push(message),
    });
    publisher.start();
    await timers.run(59_000);
    newest = head(5);
    expect(published).toEqual([]);
    await timers.run(2_000);
    expect(published).toEqual([5]);
    await timers.run(120_000);
    expect(published).toEqual([5]);
    newest = head(13);
    await timers.run(60_000);
    expect([published, failures]).toEqual([[5], ['changed']]);
    newest = head(20);
    await timers.run(60_000);
    expect(published).toEqual([5, 20]);
    publisher.close();
    newest = head(21);
    await timers.run(120_000);
    expect(published).toEqual([5, 20]);
  });
});
